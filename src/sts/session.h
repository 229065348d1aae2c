#pragma once

#include <boost/describe.hpp>

#include "base/instant.h"
#include "state/schema.h"
#include "state/txn.h"

namespace gantry::sts {

// Temporary credentials. They end by real time: a bent policy clock never locks anybody out.
struct SessionRecord {
    static constexpr state::TableInfo kTable{"sts.session", 1};

    std::string access_key;  // ASIA…
    std::string secret;
    std::string token;
    std::string account;
    std::string arn;       // arn:aws:sts::ACCOUNT:assumed-role/ROLE/SESSION, or the user's that asked
    std::string user_id;   // AROA…:SESSION
    std::string role_arn;  // empty: GetSessionToken
    RealInstant expires;
    std::string owner;  // a task's record key, for credentials that a task got; else empty

    std::string key() const { return access_key; }
};
BOOST_DESCRIBE_STRUCT(
    SessionRecord, (), (access_key, secret, token, account, arn, user_id, role_arn, expires, owner)
)

// By owner.
struct SessionsByOwner {
    using Record = SessionRecord;
    static void keys(const SessionRecord& session, std::vector<std::string>& out) {
        if (!session.owner.empty()) out.push_back(session.owner);
    }
};

// By the time of expiry, as 16 digits of milliseconds: the earliest first.
struct SessionsByExpiry {
    using Record = SessionRecord;
    static void keys(const SessionRecord& session, std::vector<std::string>& out);
};

// Fresh key, secret and token; the caller fills in who it is.
SessionRecord new_session(const state::Turn& turn, Duration lasts);

// Expired sessions are kept a while, so that their users hear "expired" rather than "unknown".
inline constexpr Duration kExpiredKept{3'600'000};

// Adds this folder's tables and indexes.
void declare(state::Schema& schema);

}  // namespace gantry::sts
