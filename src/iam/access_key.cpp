#include "iam/entity.h"
#include "iam/page.h"

namespace gantry::iam {

using namespace shapes::iam;
using state::Txn;

namespace {

constexpr std::size_t kKeysPerUser = 2;

// The named user, else the caller's own.
Result<state::Pinned<UserRecord>> user_for(
    const state::View& view, const Caller& caller, const std::optional<std::string>& name
) {
    if (name && !name->empty()) return find_user(view, caller, *name);
    if (caller.arn.find(":user/") == std::string::npos) {
        return refuse("ValidationError", "Must specify userName when calling with non-User credentials");
    }
    return find_user(view, caller, caller.arn.substr(caller.arn.rfind('/') + 1));
}

Result<state::Pinned<AccessKeyRecord>> find_key(
    const state::View& view, const UserRecord& user, const std::string& id
) {
    auto access = view.get<AccessKeyRecord>(id);
    if (!access || access->account != user.account || access->user != user.name)
        return no_such_entity("The Access Key with id " + id + " cannot be found.");
    return access;
}

const char* status(const AccessKeyRecord& access) { return access.active ? "Active" : "Inactive"; }

}  // namespace

Result<CreateAccessKeyResponse> create_access_key(
    Txn& txn, const CreateAccessKeyRequest& request, const Caller& caller
) {
    TRY(const auto user, user_for(txn, caller, request.user_name));
    if (txn.count<AccessKeysByUser>(user->key()) >= kKeysPerUser)
        return refuse("LimitExceeded", "Cannot exceed quota for AccessKeysPerUser: 2");
    AccessKeyRecord access;
    access.id = fresh_access_key("AKIA", txn.chance());
    access.account = user->account;
    access.user = user->name;
    access.secret = fresh_secret(txn.chance());
    access.created = txn.now();
    txn.put(access);
    AccessKey out;
    out.user_name = access.user;
    out.access_key_id = access.id;
    out.status = status(access);
    out.secret_access_key = access.secret;  // shown here and never again
    out.create_date = shapes::Timestamp{access.created.ms};
    return CreateAccessKeyResponse{std::move(out)};
}

Result<ListAccessKeysResponse> list_access_keys(
    Txn& txn, const ListAccessKeysRequest& request, const Caller& caller
) {
    TRY(const auto user, user_for(txn, caller, request.user_name));
    auto keys = txn.find<AccessKeysByUser>(user->key());
    TRY(auto end,
        cut_page(keys, request.marker, request.max_items, [](const auto& access) { return access->id; }));
    ListAccessKeysResponse response;
    close_page(response, std::move(end));
    response.access_key_metadata.emplace();
    for (const auto& access : keys) {
        AccessKeyMetadata& out = response.access_key_metadata->emplace_back();
        out.user_name = access->user;
        out.access_key_id = access->id;
        out.status = status(*access);
        out.create_date = shapes::Timestamp{access->created.ms};
    }
    return response;
}

Result<UpdateAccessKeyResponse> update_access_key(
    Txn& txn, const UpdateAccessKeyRequest& request, const Caller& caller
) {
    TRY(const auto user, user_for(txn, caller, request.user_name));
    TRY(const auto access, find_key(txn, *user, request.access_key_id));
    if (request.status != "Active" && request.status != "Inactive") {
        return refuse(
            "InvalidInput", "Status " + request.status + " is not valid: it is Active or Inactive."
        );
    }
    AccessKeyRecord changed = *access;
    changed.active = request.status == "Active";
    txn.put(std::move(changed));
    return UpdateAccessKeyResponse{};
}

Result<DeleteAccessKeyResponse> delete_access_key(
    Txn& txn, const DeleteAccessKeyRequest& request, const Caller& caller
) {
    TRY(const auto user, user_for(txn, caller, request.user_name));
    TRY(const auto access, find_key(txn, *user, request.access_key_id));
    txn.erase<AccessKeyRecord>(access->key());
    return DeleteAccessKeyResponse{};
}

}  // namespace gantry::iam
