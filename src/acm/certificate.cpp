#include "acm/certificate.h"

namespace gantry::acm {

Result<state::Pinned<CertificateRecord>> find_certificate(
    const state::View& view, const Caller& caller, const std::string& arn
) {
    const std::string prefix = "arn:aws:acm:" + caller.region + ":" + caller.account + ":certificate/";
    if (!arn.starts_with("arn:") || arn.find(":acm:") == std::string::npos) {
        return refuse("InvalidArnException", "Invalid ARN: " + arn);
    }
    auto found = view.find_one<CertificateByArn>(arn);
    if (!found || !arn.starts_with(prefix)) {
        return refuse(
            "ResourceNotFoundException",
            "Could not find certificate " + arn + " in account " + caller.account + "."
        );
    }
    return found;
}

void declare(state::Schema& schema) {
    schema.add_table<CertificateRecord>();
    schema.add_index<CertificateByArn>();
}

}  // namespace gantry::acm
