#include "iam/policy_document.h"
#include "operation/caller.h"
#include "shapes/sts/shapes.h"
#include "state/txn.h"
#include "sts/assumed_role.h"

namespace gantry::sts {

using namespace shapes::sts;
using state::Txn;

namespace {

constexpr std::int32_t kChainedSeconds = 3'600;

Credentials show(const SessionRecord& session) {
    // Clients compare the expiry with their own clocks, so it is real time, not policy time.
    Credentials out;
    out.access_key_id = session.access_key;
    out.secret_access_key = session.secret;
    out.session_token = session.token;
    out.expiration = shapes::Timestamp{session.expires.ms};
    return out;
}

}  // namespace

Result<AssumeRoleResponse> assume_role(Txn& txn, const AssumeRoleRequest& request, const Caller& caller) {
    if (!request.role_arn.starts_with("arn:aws:iam::"))
        return refuse("ValidationError", request.role_arn + " is invalid");
    const auto role = find_role(txn, request.role_arn);
    if (!role) {
        return refuse(
            "AccessDenied",
            "User: " + caller.arn +
                " is not authorized to perform: sts:AssumeRole on resource: " + request.role_arn
        );
    }
    const std::int32_t seconds = request.duration_seconds.value_or(3'600);
    if (seconds < 900) {
        return refuse(
            "ValidationError", "1 validation error detected: Value '" + std::to_string(seconds) +
                                   "' at 'durationSeconds' failed to satisfy constraint: Member must have "
                                   "value greater than or equal to "
                                   "900"
        );
    }
    if (seconds > role->max_session_seconds) {
        return refuse(
            "ValidationError",
            "The requested DurationSeconds exceeds the MaxSessionDuration set for this role."
        );
    }
    if (caller.arn.find(":assumed-role/") != std::string::npos && seconds > kChainedSeconds) {
        return refuse(
            "ValidationError",
            "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role "
            "chaining"
        );
    }
    if (request.policy) TRY_VOID(iam::check_policy_document(*request.policy, iam::DocumentKind::identity));
    SessionRecord session = new_session(txn.turn(), std::chrono::seconds(seconds));
    assume(session, *role, request.role_session_name);
    txn.put(session);
    AssumeRoleResponse response;
    response.credentials = show(session);
    response.assumed_role_user.emplace();
    response.assumed_role_user->assumed_role_id = session.user_id;
    response.assumed_role_user->arn = session.arn;
    response.source_identity = request.source_identity;
    return response;
}

Result<GetSessionTokenResponse> get_session_token(
    Txn& txn, const GetSessionTokenRequest& request, const Caller& caller
) {
    if (caller.arn.find(":assumed-role/") != std::string::npos)
        return refuse("AccessDenied", "Cannot call GetSessionToken with session credentials");
    SessionRecord session =
        new_session(txn.turn(), std::chrono::seconds(request.duration_seconds.value_or(43'200)));
    session.account = caller.account;
    session.arn = caller.arn;
    session.user_id = caller.user_id;
    txn.put(session);
    GetSessionTokenResponse response;
    response.credentials = show(session);
    return response;
}

}  // namespace gantry::sts
