#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/instant.h"
#include "state/view.h"

// Who an access key stands for: what the edge asks before it routes a request.
namespace gantry::sts {

struct Identity {
    std::string account;
    std::string arn;      // arn:aws:iam::ACCOUNT:root, a user's, or an assumed role's session
    std::string user_id;  // what GetCallerIdentity answers as UserId
    std::string secret;   // SigV4 is verified with it; empty for identities that are not stored
    std::string token;    // a temporary key must come with it; empty for others
    std::optional<RealInstant> expires;
    bool active = true;  // false: a user's key that was switched off
};

// By access key, of users and of sessions; absent for a key that nobody made. An expired session is still
// found for an hour.
std::optional<Identity> find_identity(const state::View& view, std::string_view access_key);

enum class Authentication { accepted, unknown_key, inactive_key, wrong_token, expired };

// Everything but the signature, which needs the request's bytes.
Authentication judge(const std::optional<Identity>& identity, std::string_view token, RealInstant now);

// Development mode accepts any key. A 12-digit key is the account itself; any other unknown key belongs to
// 123456789012, the account of AWS's own examples. Either is the account's root.
Identity development_identity(std::string_view access_key);

}  // namespace gantry::sts
