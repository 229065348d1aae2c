#pragma once

#include <boost/describe.hpp>
#include <string>
#include <vector>

#include "state/schema.h"

namespace gantry::iam {

// A claim: this resource (a load balancer) serves with this certificate, of IAM or ACM. Whoever uses a
// certificate keeps its claims; while there is one the certificate cannot be deleted.
struct CertificateUseRecord {
    static constexpr state::TableInfo kTable{"iam.certificate_use", 1};

    std::string certificate;  // ARN
    std::string user;         // ARN

    static std::string key(const std::string& certificate, const std::string& user) {
        return certificate + " " + user;
    }
    std::string key() const { return key(certificate, user); }
};
BOOST_DESCRIBE_STRUCT(CertificateUseRecord, (), (certificate, user))

struct CertificateUses {
    using Record = CertificateUseRecord;
    static void keys(const CertificateUseRecord& use, std::vector<std::string>& out) {
        out.push_back(use.certificate);
    }
};

}  // namespace gantry::iam
