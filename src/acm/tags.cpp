#include "acm/tags.h"

#include "acm/certificate.h"
#include "state/txn.h"

namespace gantry::acm {

using namespace shapes::acm;
using state::Txn;

Result<> add_tags(std::map<std::string, std::string>& tags, const std::vector<Tag>& added) {
    for (const auto& tag : added) {
        if (tag.key.starts_with("aws:")) {
            return refuse("InvalidTagException", "Tag keys that start with aws: are reserved for AWS use.");
        }
        tags[tag.key] = tag.value.value_or("");
    }
    if (tags.size() > 50)
        return refuse("TooManyTagsException", "A certificate can have no more than 50 tags.");
    return {};
}

Result<AddTagsToCertificateResponse> add_tags_to_certificate(
    Txn& txn, const AddTagsToCertificateRequest& request, const Caller& caller
) {
    TRY(const auto record, find_certificate(txn, caller, request.certificate_arn));
    CertificateRecord changed = *record;
    TRY_VOID(add_tags(changed.tags, request.tags));
    txn.put(std::move(changed));
    return AddTagsToCertificateResponse{};
}

// A tag with a value goes only when that is its value.
Result<RemoveTagsFromCertificateResponse> remove_tags_from_certificate(
    Txn& txn, const RemoveTagsFromCertificateRequest& request, const Caller& caller
) {
    TRY(const auto record, find_certificate(txn, caller, request.certificate_arn));
    CertificateRecord changed = *record;
    for (const auto& tag : request.tags) {
        const auto found = changed.tags.find(tag.key);
        if (found == changed.tags.end() || (tag.value && *tag.value != found->second)) continue;
        changed.tags.erase(found);
    }
    txn.put(std::move(changed));
    return RemoveTagsFromCertificateResponse{};
}

Result<ListTagsForCertificateResponse> list_tags_for_certificate(
    Txn& txn, const ListTagsForCertificateRequest& request, const Caller& caller
) {
    TRY(const auto record, find_certificate(txn, caller, request.certificate_arn));
    ListTagsForCertificateResponse response;
    auto& tags = response.tags.emplace();
    for (const auto& [key, value] : record->tags) tags.push_back({key, value});
    return response;
}

}  // namespace gantry::acm
