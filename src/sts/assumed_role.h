#pragma once

#include <string>
#include <string_view>

#include "iam/role.h"
#include "state/view.h"
#include "sts/session.h"

namespace gantry::sts {

// The role of "arn:aws:iam::ACCOUNT:role/path/NAME", or null. The path must be the role's.
state::Pinned<iam::RoleRecord> find_role(const state::View& view, std::string_view arn);

// Makes a session that of a role under a session name.
void assume(SessionRecord& session, const iam::RoleRecord& role, const std::string& session_name);

}  // namespace gantry::sts
