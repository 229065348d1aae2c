#include "sts/session.h"

#include <algorithm>

#include "iam/unique_id.h"

namespace gantry::sts {

void SessionsByExpiry::keys(const SessionRecord& session, std::vector<std::string>& out) {
    std::string digits = std::to_string(std::max<std::int64_t>(session.expires.ms, 0));
    out.push_back(std::string(16 - std::min<std::size_t>(digits.size(), 16), '0') + digits);
}

SessionRecord new_session(const state::Turn& turn, Duration lasts) {
    SessionRecord session;
    session.access_key = iam::fresh_access_key("ASIA", turn.chance);
    session.secret = iam::fresh_secret(turn.chance);
    // AWS's tokens are opaque too; clients only send them back.
    for (int part = 0; part < 4; ++part) session.token += iam::fresh_secret(turn.chance);
    session.expires = turn.real_now + lasts;
    return session;
}

void declare(state::Schema& schema) {
    schema.add_table<SessionRecord>();
    schema.add_index<SessionsByOwner>();
    schema.add_index<SessionsByExpiry>();
}

}  // namespace gantry::sts
