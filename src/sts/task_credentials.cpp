#include "sts/task_credentials.h"

#include "sts/assumed_role.h"

namespace gantry::sts {

std::optional<SessionRecord> task_session(
    const state::View& view,
    const state::Turn& turn,
    const std::string& role_arn,
    const std::string& task_id,
    const std::string& owner
) {
    const auto role = find_role(view, role_arn);
    if (!role) return {};
    SessionRecord session = new_session(turn, kTaskCredentialsLast);
    assume(session, *role, task_id);
    session.owner = owner;
    return session;
}

}  // namespace gantry::sts
