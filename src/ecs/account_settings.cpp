#include "ecs/account_setting.h"
#include "ecs/admit_account_setting.h"
#include "ecs/paging.h"
#include "operation/caller.h"
#include "shapes/ecs/shapes.h"

namespace gantry::ecs {

using namespace shapes::ecs;
using state::Txn;

namespace {

bool is_root(std::string_view principal) { return principal.ends_with(":root"); }

Setting setting_shape(std::string_view name, std::string value, std::string_view principal) {
    const auto* fact = find_setting(name);
    Setting shape;
    shape.name = std::string(name);
    shape.value = std::move(value);
    shape.principal_arn = std::string(principal);
    shape.type = fact != nullptr && fact->aws_managed ? "aws_managed" : "user";
    return shape;
}

}  // namespace

// The root user's setting is everybody's default.
Result<PutAccountSettingResponse> put_account_setting(
    Txn& txn, const PutAccountSettingRequest& request, const Caller& caller
) {
    TRY_VOID(admit_setting(request.name, request.value));
    const std::string principal = request.principal_arn.value_or(caller.arn);
    TRY_VOID(admit_principal(principal, caller.account));
    AccountSettingRecord record{caller.scope(), principal, request.name, request.value};
    if (is_root(principal)) record.principal = AccountSettingRecord::kDefault;
    txn.put(std::move(record));
    PutAccountSettingResponse response;
    response.setting = setting_shape(request.name, request.value, principal);
    return response;
}

Result<PutAccountSettingDefaultResponse> put_account_setting_default(
    Txn& txn, const PutAccountSettingDefaultRequest& request, const Caller& caller
) {
    TRY_VOID(admit_setting(request.name, request.value));
    txn.put(AccountSettingRecord{
        caller.scope(), std::string(AccountSettingRecord::kDefault), request.name, request.value
    });
    PutAccountSettingDefaultResponse response;
    response.setting = setting_shape(request.name, request.value, "arn:aws:iam::" + caller.account + ":root");
    return response;
}

Result<DeleteAccountSettingResponse> delete_account_setting(
    Txn& txn, const DeleteAccountSettingRequest& request, const Caller& caller
) {
    if (find_setting(request.name) == nullptr)
        return refuse("InvalidParameterException", "Invalid setting name: " + request.name + ".");
    const std::string principal = request.principal_arn.value_or(caller.arn);
    TRY_VOID(admit_principal(principal, caller.account));
    const std::string owner = is_root(principal) ? std::string(AccountSettingRecord::kDefault) : principal;
    txn.erase<AccountSettingRecord>(AccountSettingRecord::key(caller.scope(), owner, request.name));
    DeleteAccountSettingResponse response;
    response.setting =
        setting_shape(request.name, account_setting(txn, caller.scope(), owner, request.name), principal);
    return response;
}

// Without effectiveSettings only what was put for that principal; with it every setting as it works for them.
Result<ListAccountSettingsResponse> list_account_settings(
    Txn& txn, const ListAccountSettingsRequest& request, const Caller& caller
) {
    if (request.value && !request.name) {
        return refuse(
            "InvalidParameterException", "You must specify a setting name to filter the results by value."
        );
    }
    TRY(const auto start, admit_page(request.next_token, request.max_results, "", 10));
    const std::string principal = request.principal_arn.value_or(caller.arn);
    TRY_VOID(admit_principal(principal, caller.account));
    const std::string owner = is_root(principal) ? std::string(AccountSettingRecord::kDefault) : principal;
    ListAccountSettingsResponse response;
    auto& settings = response.settings.emplace();
    std::string last;
    for (const auto& fact : setting_facts()) {
        const std::string name(fact.name);
        if (name <= start.after || (request.name && *request.name != name)) continue;
        const auto put =
            txn.get<AccountSettingRecord>(AccountSettingRecord::key(caller.scope(), owner, name));
        if (!put && !request.effective_settings.value_or(false)) continue;
        const std::string value = put ? put->value : account_setting(txn, caller.scope(), principal, name);
        if (request.value && *request.value != value) continue;
        if (settings.size() == start.limit) {
            response.next_token = next_token(last, "");
            break;
        }
        settings.push_back(setting_shape(name, value, principal));
        last = name;
    }
    return response;
}

}  // namespace gantry::ecs
