#pragma once

#include <boost/describe.hpp>
#include <map>
#include <string>
#include <vector>

#include "base/instant.h"
#include "base/result.h"
#include "operation/caller.h"
#include "state/schema.h"
#include "state/view.h"

namespace gantry::acm {

// An imported certificate. `names` and what follows stand in the certificate itself and are kept so that
// listing need not read it again.
struct CertificateRecord {
    static constexpr state::TableInfo kTable{"acm.certificate", 1};

    std::string account;
    std::string region;
    std::string id;                               // a UUID
    std::string certificate, chain, private_key;  // PEM
    std::vector<std::string> names;               // DNS names, the domain name first
    std::string subject, issuer, serial;
    std::string key_algorithm, signature_algorithm;
    PolicyInstant not_before, not_after;
    PolicyInstant created, imported;
    std::map<std::string, std::string> tags;

    std::string key() const { return account + "/" + region + "/" + id; }
    std::string arn() const { return "arn:aws:acm:" + region + ":" + account + ":certificate/" + id; }
};
BOOST_DESCRIBE_STRUCT(
    CertificateRecord,
    (),
    (account,
     region,
     id,
     certificate,
     chain,
     private_key,
     names,
     subject,
     issuer,
     serial,
     key_algorithm,
     signature_algorithm,
     not_before,
     not_after,
     created,
     imported,
     tags)
)

struct CertificateByArn {
    using Record = CertificateRecord;
    static void keys(const CertificateRecord& one, std::vector<std::string>& out) {
        out.push_back(one.arn());
    }
};

// Errors: InvalidArnException, ResourceNotFoundException.
Result<state::Pinned<CertificateRecord>> find_certificate(
    const state::View& view, const Caller& caller, const std::string& arn
);

// Adds this folder's tables and indexes.
void declare(state::Schema& schema);

}  // namespace gantry::acm
