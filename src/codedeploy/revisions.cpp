// Registering and reading revisions.
#include <openssl/sha.h>

#include <algorithm>

#include "codedeploy/page.h"
#include "codedeploy/revision.h"
#include "codedeploy/tagging.h"

namespace gantry::codedeploy {

using namespace shapes::codedeploy;
using state::Txn;

namespace {

constexpr std::size_t kRevisionsPerBatch = 25;

tl::unexpected<Error> invalid(std::string message) {
    return refuse("InvalidRevisionException", std::move(message));
}

GenericRevisionInfo show(const RevisionRecord& revision) {
    GenericRevisionInfo info;
    if (!revision.description.empty()) info.description = revision.description;
    info.deployment_groups = revision.groups;
    if (revision.first_used_at) info.first_used_time = shapes::Timestamp{revision.first_used_at->ms};
    if (revision.last_used_at) info.last_used_time = shapes::Timestamp{revision.last_used_at->ms};
    info.register_time = shapes::Timestamp{revision.registered_at.ms};
    return info;
}

RevisionLocation with_content(const RevisionRecord& revision) {
    RevisionLocation location = revision_location(revision.type, revision.sha256);
    if (location.app_spec_content) location.app_spec_content->content = revision.content;
    if (location.string) location.string->content = revision.content;
    return location;
}

}  // namespace

std::string sha256_hex(std::string_view text) {
    unsigned char digest[SHA256_DIGEST_LENGTH];
    SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest);
    constexpr std::string_view digits = "0123456789abcdef";
    std::string hex;
    for (const unsigned char byte : digest) {
        hex += digits[byte >> 4];
        hex += digits[byte & 15];
    }
    return hex;
}

RevisionLocation revision_location(const std::string& type, const std::string& sha256) {
    RevisionLocation location;
    location.revision_type = type;
    if (type == "String") {
        location.string.emplace().sha256 = sha256;
    } else {
        location.app_spec_content.emplace().sha256 = sha256;
    }
    return location;
}

Result<NamedRevision> admit_revision(const std::optional<RevisionLocation>& location) {
    if (!location) return refuse("RevisionRequiredException", "The revision was not specified.");
    NamedRevision named;
    named.type = location->revision_type.value_or("");
    if (named.type == "S3" || named.type == "GitHub") {
        return invalid(
            "Gantry does not fetch revisions from " + named.type +
            " yet: send the AppSpec itself, as AppSpecContent."
        );
    }
    std::optional<std::string> content, sha256;
    if (named.type == "String" && location->string) {
        content = location->string->content;
        sha256 = location->string->sha256;
    } else if (named.type == "AppSpecContent" && location->app_spec_content) {
        content = location->app_spec_content->content;
        sha256 = location->app_spec_content->sha256;
    } else {
        return invalid("The revision must have a revisionType and the member of that type.");
    }
    if (content && !content->empty()) {
        named.content = *content;
        named.sha256 = sha256_hex(*content);
        if (sha256 && !sha256->empty() && *sha256 != named.sha256)
            return invalid("The sha256 of the revision does not match its content.");
        TRY(named.spec, parse_app_spec(*content));
        return named;
    }
    if (!sha256 || sha256->empty()) return invalid("The revision must have content, or the sha256 of one.");
    named.sha256 = *sha256;
    return named;
}

Result<RevisionRecord> known_or_new(
    const Txn& txn, const ApplicationRecord& application, const NamedRevision& named
) {
    if (const auto known = txn.get<RevisionRecord>(
            RevisionRecord::key(application.parts(), named.type, named.sha256)
        ))
        return *known;
    if (named.content.empty()) {
        return refuse(
            "RevisionDoesNotExistException",
            "No revision with the sha256 " + named.sha256 + " is registered for the application " +
                application.name + "."
        );
    }
    RevisionRecord revision;
    revision.scope = application.scope;
    revision.application = application.id;
    revision.type = named.type;
    revision.sha256 = named.sha256;
    revision.content = named.content;
    revision.registered_at = txn.now();
    return revision;
}

Result<RegisterApplicationRevisionResponse> register_application_revision(
    Txn& txn, const RegisterApplicationRevisionRequest& request, const Caller& caller
) {
    TRY(const auto application, find_application(txn, caller, request.application_name));
    TRY(const auto named, admit_revision(request.revision));
    TRY(auto revision, known_or_new(txn, *application, named));
    if (request.description) revision.description = *request.description;
    txn.put(std::move(revision));
    return RegisterApplicationRevisionResponse{};
}

Result<GetApplicationRevisionResponse> get_application_revision(
    Txn& txn, const GetApplicationRevisionRequest& request, const Caller& caller
) {
    TRY(const auto application, find_application(txn, caller, request.application_name));
    TRY(auto named, admit_revision(request.revision));
    named.content.clear();
    TRY(const auto revision, known_or_new(txn, *application, named));
    GetApplicationRevisionResponse response;
    response.application_name = application->name;
    response.revision = with_content(revision);
    response.revision_info = show(revision);
    return response;
}

Result<BatchGetApplicationRevisionsResponse> batch_get_application_revisions(
    Txn& txn, const BatchGetApplicationRevisionsRequest& request, const Caller& caller
) {
    TRY(const auto application, find_application(txn, caller, request.application_name));
    TRY_VOID(check_batch(request.revisions.size(), kRevisionsPerBatch));
    BatchGetApplicationRevisionsResponse response;
    response.application_name = application->name;
    response.revisions.emplace();
    for (const auto& location : request.revisions) {
        TRY(auto named, admit_revision(location));
        named.content.clear();
        const auto revision = known_or_new(txn, *application, named);
        if (!revision) {
            response.error_message = revision.error().message;
            continue;
        }
        auto& shown = response.revisions->emplace_back();
        shown.revision_location = with_content(*revision);
        shown.generic_revision_info = show(*revision);
    }
    return response;
}

Result<ListApplicationRevisionsResponse> list_application_revisions(
    Txn& txn, const ListApplicationRevisionsRequest& request, const Caller& caller
) {
    TRY(const auto application, find_application(txn, caller, request.application_name));
    ListApplicationRevisionsResponse response;
    response.revisions.emplace();
    // What is kept in a bucket is not here.
    if (request.s3_bucket) return response;
    auto all = txn.list<RevisionRecord>(application->parts());
    const std::string deployed = request.deployed.value_or("ignore");
    std::erase_if(all, [&](const auto& revision) {
        const bool target = revision->last_used_at.has_value();
        return (deployed == "include" && !target) || (deployed == "exclude" && target);
    });
    const std::string by = request.sort_by.value_or("registerTime");
    const auto time = [&](const RevisionRecord& revision) {
        if (by == "firstUsedTime") return revision.first_used_at.value_or(PolicyInstant{});
        if (by == "lastUsedTime") return revision.last_used_at.value_or(PolicyInstant{});
        return revision.registered_at;
    };
    std::stable_sort(all.begin(), all.end(), [&](const auto& a, const auto& b) { return time(*a) < time(*b); });
    if (request.sort_order == "descending") std::reverse(all.begin(), all.end());
    std::vector<std::string> names;
    for (const auto& revision : all) names.push_back(revision->key());
    TRY(response.next_token, cut_page(names, request.next_token));
    for (const auto& key : names) {
        const auto revision = txn.get<RevisionRecord>(key);
        response.revisions->push_back(revision_location(revision->type, revision->sha256));
    }
    return response;
}

}  // namespace gantry::codedeploy
