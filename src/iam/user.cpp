#include "iam/user.h"

#include "iam/entity.h"
#include "iam/page.h"

namespace gantry::iam {

using namespace shapes::iam;
using state::Txn;

namespace {

User show(const UserRecord& user) {
    User out;
    out.path = user.path;
    out.user_name = user.name;
    out.user_id = user.id;
    out.arn = user.arn();
    out.create_date = shapes::Timestamp{user.created.ms};
    if (!user.tags.empty()) out.tags = shown(user.tags);
    return out;
}

}  // namespace

Result<CreateUserResponse> create_user(Txn& txn, const CreateUserRequest& request, const Caller& caller) {
    if (txn.find_one<UserByLowerName>(key_of(caller.account, lower(request.user_name))))
        return refuse("EntityAlreadyExists", "User with name " + request.user_name + " already exists.");
    UserRecord user;
    user.account = caller.account;
    user.name = request.user_name;
    user.path = request.path.value_or("/");
    user.id = fresh_unique_id("AIDA", txn.chance());
    user.created = txn.now();
    if (request.tags) TRY_VOID(add_tags(user.tags, *request.tags));
    txn.put(user);
    return CreateUserResponse{show(user)};
}

// Without a name: the caller's own user, or the account's root.
Result<GetUserResponse> get_user(Txn& txn, const GetUserRequest& request, const Caller& caller) {
    std::string name = request.user_name.value_or("");
    if (name.empty()) {
        if (caller.arn.find(":user/") == std::string::npos) {
            User root;
            root.path = "/";
            root.user_id = caller.account;
            root.arn = "arn:aws:iam::" + caller.account + ":root";
            root.create_date = shapes::Timestamp{txn.now().ms};
            root.user_name = "root";
            return GetUserResponse{std::move(root)};
        }
        name = caller.arn.substr(caller.arn.rfind('/') + 1);
    }
    TRY(const auto user, find_user(txn, caller, name));
    return GetUserResponse{show(*user)};
}

Result<ListUsersResponse> list_users(Txn& txn, const ListUsersRequest& request, const Caller& caller) {
    auto users = txn.list<UserRecord>(caller.account + "/");
    const std::string prefix = request.path_prefix.value_or("/");
    std::erase_if(users, [&](const auto& user) { return !user->path.starts_with(prefix); });
    TRY(auto end,
        cut_page(users, request.marker, request.max_items, [](const auto& user) { return user->name; }));
    ListUsersResponse response;
    close_page(response, std::move(end));
    response.users.emplace();
    for (const auto& user : users) {
        response.users->push_back(show(*user));
        response.users->back().tags.reset();
    }
    return response;
}

Result<DeleteUserResponse> delete_user(Txn& txn, const DeleteUserRequest& request, const Caller& caller) {
    TRY(const auto user, find_user(txn, caller, request.user_name));
    if (txn.find_one<AccessKeysByUser>(user->key()))
        return refuse("DeleteConflict", "Cannot delete entity, must delete access keys first.");
    txn.erase<UserRecord>(user->key());
    return DeleteUserResponse{};
}

// There are no groups; clients ask before they delete a user.
Result<ListGroupsForUserResponse> list_groups_for_user(
    Txn& txn, const ListGroupsForUserRequest& request, const Caller& caller
) {
    TRY(const auto user, find_user(txn, caller, request.user_name));
    ListGroupsForUserResponse response;
    response.groups.emplace();
    response.is_truncated = false;
    return response;
}

Result<ListAccountAliasesResponse>
list_account_aliases(Txn&, const ListAccountAliasesRequest&, const Caller&) {
    ListAccountAliasesResponse response;
    response.account_aliases.emplace();
    response.is_truncated = false;
    return response;
}

}  // namespace gantry::iam
