#include "elbv2/certificates.h"

#include <algorithm>

#include "acm/certificate.h"
#include "elbv2/usage.h"
#include "iam/certificate_use.h"
#include "iam/server_certificate.h"
#include "operation/controller.h"

namespace gantry::elbv2 {

std::optional<link::BalancerCertificate> find_certificate(const state::View& view, const std::string& arn) {
    const auto pem = [&](const auto& found) -> std::optional<link::BalancerCertificate> {
        if (!found) return {};
        return link::BalancerCertificate{arn, found->certificate, found->chain, found->private_key};
    };
    auto certificate = pem(view.find_one<iam::ServerCertificateByArn>(arn));
    return certificate ? certificate : pem(view.find_one<acm::CertificateByArn>(arn));
}

std::string certificate_changed(const state::View& view, const state::Change& change) {
    for (const auto* side : {&change.after, &change.before}) {
        if (const auto* found = changed<iam::ServerCertificateRecord>(view, change, *side)) return found->arn();
        if (const auto* found = changed<acm::CertificateRecord>(view, change, *side)) return found->arn();
    }
    return {};
}

std::set<std::string> certificates_of(const state::View& view, const LoadBalancerRecord& balancer) {
    std::set<std::string> arns;
    for (const auto& listener : listeners_of(view, balancer.key()))
        arns.insert(listener->certificates.begin(), listener->certificates.end());
    return arns;
}

void claim_certificates(
    state::Txn& txn, const LoadBalancerRecord& balancer, const std::set<std::string>& before
) {
    const auto after = certificates_of(txn, balancer);
    for (const auto& arn : before) {
        if (!after.contains(arn))
            txn.erase<iam::CertificateUseRecord>(iam::CertificateUseRecord::key(arn, balancer.arn()));
    }
    for (const auto& arn : after) {
        if (!before.contains(arn)) txn.put(iam::CertificateUseRecord{arn, balancer.arn()});
    }
}

}  // namespace gantry::elbv2
