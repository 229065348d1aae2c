#include "sts/assumed_role.h"

namespace gantry::sts {

state::Pinned<iam::RoleRecord> find_role(const state::View& view, std::string_view arn) {
    constexpr std::string_view kPrefix = "arn:aws:iam::";
    if (!arn.starts_with(kPrefix)) return nullptr;
    const auto rest = arn.substr(kPrefix.size());
    const auto colon = rest.find(':');
    if (colon == std::string_view::npos || !rest.substr(colon + 1).starts_with("role/")) return nullptr;
    const auto name = rest.substr(rest.rfind('/') + 1);
    auto role = view.get<iam::RoleRecord>(iam::key_of(rest.substr(0, colon), name));
    return role && role->arn() == arn ? role : nullptr;
}

void assume(SessionRecord& session, const iam::RoleRecord& role, const std::string& session_name) {
    session.account = role.account;
    session.role_arn = role.arn();
    session.arn = "arn:aws:sts::" + role.account + ":assumed-role/" + role.name + "/" + session_name;
    session.user_id = role.id + ":" + session_name;
}

}  // namespace gantry::sts
