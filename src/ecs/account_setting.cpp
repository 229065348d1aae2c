#include "ecs/account_setting.h"

#include <algorithm>

#include "ecs/admit_account_setting.h"

namespace gantry::ecs {

std::string account_setting(
    const state::View& view, std::string_view scope, std::string_view principal, std::string_view name
) {
    for (const auto who : {principal, AccountSettingRecord::kDefault}) {
        if (const auto put = view.get<AccountSettingRecord>(AccountSettingRecord::key(scope, who, name)))
            return put->value;
    }
    const auto* fact = find_setting(name);
    return fact == nullptr ? std::string() : std::string(fact->value);
}

}  // namespace gantry::ecs
