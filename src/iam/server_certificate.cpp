#include "iam/server_certificate.h"

#include "iam/certificate_text.h"
#include "iam/certificate_use.h"
#include "iam/entity.h"
#include "iam/page.h"

namespace gantry::iam {

using namespace shapes::iam;
using state::Txn;

namespace {

Result<state::Pinned<ServerCertificateRecord>> find_certificate(
    const state::View& view, const Caller& caller, const std::string& name
) {
    auto found = view.get<ServerCertificateRecord>(key_of(caller.account, name));
    if (!found) return no_such_entity("The Server Certificate with name " + name + " cannot be found.");
    return found;
}

Result<> check_free(const state::View& view, const Caller& caller, const std::string& name) {
    if (!view.find_one<ServerCertificateByLowerName>(key_of(caller.account, lower(name)))) return {};
    return refuse("EntityAlreadyExists", "The Server Certificate with name " + name + " already exists.");
}

tl::unexpected<Error> wrong(CertificateFault fault) {
    switch (fault) {
        case CertificateFault::certificate:
            return refuse(
                "MalformedCertificate",
                "Unable to parse certificate. Please ensure the certificate is in PEM format."
            );
        case CertificateFault::private_key:
            return refuse(
                "MalformedCertificate", "Unable to parse key; the key must be PEM-encoded and unencrypted."
            );
        case CertificateFault::chain:
            return refuse(
                "MalformedCertificate",
                "Unable to parse certificate chain. Please ensure the chain is in PEM format."
            );
        case CertificateFault::mismatch:
            break;
    }
    return refuse("KeyPairMismatch", "Certificate and private key don't match.");
}

ServerCertificateMetadata metadata(const ServerCertificateRecord& record) {
    ServerCertificateMetadata out;
    out.path = record.path;
    out.server_certificate_name = record.name;
    out.server_certificate_id = record.id;
    out.arn = record.arn();
    out.upload_date = shapes::Timestamp{record.uploaded.ms};
    out.expiration = shapes::Timestamp{record.expires.ms};
    return out;
}

}  // namespace

Result<UploadServerCertificateResponse> upload_server_certificate(
    Txn& txn, const UploadServerCertificateRequest& request, const Caller& caller
) {
    TRY_VOID(check_free(txn, caller, request.server_certificate_name));
    ServerCertificateRecord record;
    record.account = caller.account;
    record.name = request.server_certificate_name;
    record.path = request.path.value_or("/");
    record.certificate = request.certificate_body;
    record.private_key = request.private_key;
    record.chain = request.certificate_chain.value_or("");
    const auto facts = inspect_certificate(record.certificate, record.private_key, record.chain);
    if (!facts) return wrong(facts.error());
    record.id = fresh_unique_id("ASCA", txn.chance());
    record.uploaded = txn.now();
    record.expires = facts->not_after;
    if (request.tags) TRY_VOID(add_tags(record.tags, *request.tags));
    UploadServerCertificateResponse response;
    response.server_certificate_metadata = metadata(record);
    if (!record.tags.empty()) response.tags = shown(record.tags);
    txn.put(std::move(record));
    return response;
}

Result<GetServerCertificateResponse> get_server_certificate(
    Txn& txn, const GetServerCertificateRequest& request, const Caller& caller
) {
    TRY(const auto record, find_certificate(txn, caller, request.server_certificate_name));
    GetServerCertificateResponse response;
    auto& out = response.server_certificate.emplace();
    out.server_certificate_metadata = metadata(*record);
    out.certificate_body = record->certificate;
    if (!record->chain.empty()) out.certificate_chain = record->chain;
    if (!record->tags.empty()) out.tags = shown(record->tags);
    return response;
}

Result<ListServerCertificatesResponse> list_server_certificates(
    Txn& txn, const ListServerCertificatesRequest& request, const Caller& caller
) {
    auto records = txn.list<ServerCertificateRecord>(caller.account + "/");
    const std::string prefix = request.path_prefix.value_or("/");
    std::erase_if(records, [&](const auto& record) { return !record->path.starts_with(prefix); });
    TRY(auto end, cut_page(records, request.marker, request.max_items, [](const auto& record) {
            return record->name;
        }));
    ListServerCertificatesResponse response;
    close_page(response, std::move(end));
    auto& list = response.server_certificate_metadata_list.emplace();
    for (const auto& record : records) list.push_back(metadata(*record));
    return response;
}

Result<UpdateServerCertificateResponse> update_server_certificate(
    Txn& txn, const UpdateServerCertificateRequest& request, const Caller& caller
) {
    TRY(const auto record, find_certificate(txn, caller, request.server_certificate_name));
    ServerCertificateRecord changed = *record;
    if (request.new_server_certificate_name && *request.new_server_certificate_name != record->name) {
        if (lower(*request.new_server_certificate_name) != lower(record->name)) {
            TRY_VOID(check_free(txn, caller, *request.new_server_certificate_name));
        }
        changed.name = *request.new_server_certificate_name;
    }
    if (request.new_path) changed.path = *request.new_path;
    // Its ARN changes with it, and who uses it knows only the former.
    if (changed.arn() != record->arn() && txn.find_one<CertificateUses>(record->arn())) {
        return refuse(
            "DeleteConflict",
            "Server Certificate: " + record->name + " is in use and cannot be renamed or moved."
        );
    }
    if (changed.name != record->name) txn.erase<ServerCertificateRecord>(record->key());
    txn.put(std::move(changed));
    return UpdateServerCertificateResponse{};
}

Result<DeleteServerCertificateResponse> delete_server_certificate(
    Txn& txn, const DeleteServerCertificateRequest& request, const Caller& caller
) {
    TRY(const auto record, find_certificate(txn, caller, request.server_certificate_name));
    if (const auto use = txn.find_one<CertificateUses>(record->arn())) {
        return refuse(
            "DeleteConflict", "Server Certificate: " + record->id + " is currently in use by " + use->user +
                                  ". Please remove it first before deleting it from IAM."
        );
    }
    txn.erase<ServerCertificateRecord>(record->key());
    return DeleteServerCertificateResponse{};
}

Result<TagServerCertificateResponse> tag_server_certificate(
    Txn& txn, const TagServerCertificateRequest& request, const Caller& caller
) {
    TRY(const auto record, find_certificate(txn, caller, request.server_certificate_name));
    ServerCertificateRecord changed = *record;
    TRY_VOID(add_tags(changed.tags, request.tags));
    txn.put(std::move(changed));
    return TagServerCertificateResponse{};
}

Result<UntagServerCertificateResponse> untag_server_certificate(
    Txn& txn, const UntagServerCertificateRequest& request, const Caller& caller
) {
    TRY(const auto record, find_certificate(txn, caller, request.server_certificate_name));
    ServerCertificateRecord changed = *record;
    for (const auto& key : request.tag_keys) changed.tags.erase(key);
    txn.put(std::move(changed));
    return UntagServerCertificateResponse{};
}

Result<ListServerCertificateTagsResponse> list_server_certificate_tags(
    Txn& txn, const ListServerCertificateTagsRequest& request, const Caller& caller
) {
    TRY(const auto record, find_certificate(txn, caller, request.server_certificate_name));
    auto tags = shown(record->tags);
    TRY(auto end, cut_page(tags, request.marker, request.max_items, [](const Tag& tag) { return tag.key; }));
    ListServerCertificateTagsResponse response;
    close_page(response, std::move(end));
    response.tags = std::move(tags);
    return response;
}

}  // namespace gantry::iam
