#pragma once

#include <boost/describe.hpp>
#include <string>
#include <vector>

#include "base/instant.h"
#include "iam/role.h"
#include "state/schema.h"

namespace gantry::iam {

// A certificate that load balancers may serve with, as it was uploaded (PEM).
struct ServerCertificateRecord {
    static constexpr state::TableInfo kTable{"iam.server_certificate", 1};

    std::string account;
    std::string name;
    std::string path = "/";
    std::string id;  // ASCA…
    std::string certificate, chain, private_key;
    PolicyInstant uploaded, expires;
    Tags tags;

    std::string key() const { return key_of(account, name); }
    std::string arn() const { return arn_of(account, "server-certificate", path, name); }
};
BOOST_DESCRIBE_STRUCT(
    ServerCertificateRecord,
    (),
    (account, name, path, id, certificate, chain, private_key, uploaded, expires, tags)
)

// By key with the name in lower case.
struct ServerCertificateByLowerName {
    using Record = ServerCertificateRecord;
    static void keys(const ServerCertificateRecord& one, std::vector<std::string>& out) {
        out.push_back(key_of(one.account, lower(one.name)));
    }
};

struct ServerCertificateByArn {
    using Record = ServerCertificateRecord;
    static void keys(const ServerCertificateRecord& one, std::vector<std::string>& out) {
        out.push_back(one.arn());
    }
};

}  // namespace gantry::iam
