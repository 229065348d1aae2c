#pragma once

#include <optional>
#include <set>
#include <string>

#include "elbv2/load_balancer.h"
#include "link/balancer_objects.h"
#include "state/txn.h"

namespace gantry::elbv2 {

// The server certificate of that ARN with its private key: of IAM (UploadServerCertificate) or ACM
// (ImportCertificate). Absent: there is
// none, and who names it is refused with CertificateNotFound. This is the one place that knows where
// certificates come from.
std::optional<link::BalancerCertificate> find_certificate(const state::View& view, const std::string& arn);

// The ARN of the certificate that a change touches, so that listeners with it are published again; empty for
// other changes.
std::string certificate_changed(const state::View& view, const state::Change& change);

// Those that the balancer's listeners serve with.
std::set<std::string> certificates_of(const state::View& view, const LoadBalancerRecord& balancer);
// Claims what its listeners serve with now and gives up what they no longer do: a certificate in use cannot be
// deleted. `before`: certificates_of() before the change.
void claim_certificates(
    state::Txn& txn, const LoadBalancerRecord& balancer, const std::set<std::string>& before
);

}  // namespace gantry::elbv2
