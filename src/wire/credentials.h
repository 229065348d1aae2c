#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "shapes/operation.h"
#include "wire/http.h"

namespace gantry::wire {

// What a SigV4 signed request says of itself, from the Authorization header or the presigned query string.
// Nothing of it is trusted before verify_signature; in development mode it never is.
struct Credentials {
    std::string access_key;
    std::string date;  // 20240131
    std::string region;
    std::string service;  // as in the scope: a hint for routing
    std::vector<std::string> signed_headers;
    std::string signature;
    std::string timestamp;  // 20240131T235959Z
    std::string session_token;
    bool presigned = false;
    std::int64_t expires_seconds = 0;  // presigned only
};

// Nothing if the request carries no credentials at all. Refused with IncompleteSignature if it carries broken
// ones or another scheme than AWS4-HMAC-SHA256.
Result<std::optional<Credentials>> parse_credentials(const HttpRequest& request);

// The account that an access key belongs to in development mode: the key itself if it is 12 digits, else
// 123456789012, the account of AWS's examples.
std::string account_of(std::string_view access_key);

// The secret of a key, or nothing if the key (with that session token) is unknown.
using SecretLookup =
    std::function<std::optional<std::string>(std::string_view access_key, std::string_view session_token)>;

// Checks the signature of a request; `now` is real time in seconds since 1970. Clocks may differ by 15
// minutes. The error's code is AWS's for that protocol. The body must be as received (compressed if it was).
Result<void> verify_signature(
    const HttpRequest& request,
    const Credentials& credentials,
    shapes::Protocol protocol,
    std::int64_t now,
    const SecretLookup& secret_of
);

// The refusal of a request without credentials, as that protocol spells it.
Error missing_credentials(shapes::Protocol protocol);

}  // namespace gantry::wire
