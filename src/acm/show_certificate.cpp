#include <algorithm>

#include "acm/certificate.h"
#include "iam/certificate_use.h"
#include "shapes/acm/shapes.h"
#include "state/txn.h"

namespace gantry::acm {

using namespace shapes::acm;
using state::Txn;

namespace {

constexpr std::size_t page_most = 1'000;

shapes::Timestamp at(PolicyInstant instant) { return {instant.ms}; }

std::string domain(const CertificateRecord& record) {
    return record.names.empty() ? "" : record.names.front();
}

std::string status(const CertificateRecord& record, PolicyInstant now) {
    return record.not_after <= now ? "EXPIRED" : "ISSUED";
}

CertificateSummary summary(const CertificateRecord& record, bool in_use, PolicyInstant now) {
    CertificateSummary out;
    out.certificate_arn = record.arn();
    out.domain_name = domain(record);
    out.subject_alternative_name_summaries = record.names;
    out.has_additional_subject_alternative_names = false;
    out.status = status(record, now);
    out.type = "IMPORTED";
    out.key_algorithm = record.key_algorithm;
    out.in_use = in_use;
    out.renewal_eligibility = "INELIGIBLE";
    out.not_before = at(record.not_before);
    out.not_after = at(record.not_after);
    out.created_at = at(record.created);
    out.imported_at = at(record.imported);
    return out;
}

}  // namespace

Result<DescribeCertificateResponse> describe_certificate(
    Txn& txn, const DescribeCertificateRequest& request, const Caller& caller
) {
    TRY(const auto record, find_certificate(txn, caller, request.certificate_arn));
    DescribeCertificateResponse response;
    auto& out = response.certificate.emplace();
    out.certificate_arn = record->arn();
    out.domain_name = domain(*record);
    out.subject_alternative_names = record->names;
    out.serial = record->serial;
    out.subject = record->subject;
    out.issuer = record->issuer;
    out.created_at = at(record->created);
    out.imported_at = at(record->imported);
    out.status = status(*record, txn.now());
    out.not_before = at(record->not_before);
    out.not_after = at(record->not_after);
    out.key_algorithm = record->key_algorithm;
    out.signature_algorithm = record->signature_algorithm;
    out.type = "IMPORTED";
    out.renewal_eligibility = "INELIGIBLE";
    out.options.emplace().certificate_transparency_logging_preference = "DISABLED";
    auto& users = out.in_use_by.emplace();
    for (const auto& use : txn.find<iam::CertificateUses>(record->arn())) users.push_back(use->user);
    return response;
}

Result<GetCertificateResponse> get_certificate(
    Txn& txn, const GetCertificateRequest& request, const Caller& caller
) {
    TRY(const auto record, find_certificate(txn, caller, request.certificate_arn));
    GetCertificateResponse response;
    response.certificate = record->certificate;
    if (!record->chain.empty()) response.certificate_chain = record->chain;
    return response;
}

// As AWS: without a filter by key types only RSA of 1,024 and 2,048 bits is listed.
Result<ListCertificatesResponse> list_certificates(
    Txn& txn, const ListCertificatesRequest& request, const Caller& caller
) {
    std::vector<std::string> key_types{"RSA_1024", "RSA_2048"};
    if (request.includes && request.includes->key_types) key_types = *request.includes->key_types;
    const auto named = [](const std::vector<std::string>& all, const std::string& one) {
        return std::find(all.begin(), all.end(), one) != all.end();
    };
    const auto most = static_cast<std::size_t>(request.max_items.value_or(static_cast<int>(page_most)));
    ListCertificatesResponse response;
    auto& list = response.certificate_summary_list.emplace();
    for (const auto& record : txn.list<CertificateRecord>(caller.scope())) {
        if (request.next_token && record->key() <= caller.scope() + *request.next_token) continue;
        if (!named(key_types, record->key_algorithm)) continue;
        if (request.certificate_statuses && !named(*request.certificate_statuses, status(*record, txn.now())))
            continue;
        if (list.size() == most) {
            response.next_token =
                list.back().certificate_arn->substr(list.back().certificate_arn->rfind('/') + 1);
            break;
        }
        const bool in_use = static_cast<bool>(txn.find_one<iam::CertificateUses>(record->arn()));
        list.push_back(summary(*record, in_use, txn.now()));
    }
    return response;
}

}  // namespace gantry::acm
