#pragma once

#include <span>
#include <string_view>

namespace gantry::elbv2 {

// A security policy of AWS: which TLS versions and ciphers a listener takes. Lists are separated by spaces, in
// order of preference; ciphers have OpenSSL's names, as AWS shows them.
struct SslPolicyFacts {
    std::string_view name;
    std::string_view protocols;
    std::string_view ciphers;
};

// What a listener gets when its request names none.
inline constexpr const char* kDefaultSslPolicy = "ELBSecurityPolicy-2016-08";

std::span<const SslPolicyFacts> ssl_policies();
// Null: AWS has none of that name (that is known here).
const SslPolicyFacts* find_ssl_policy(std::string_view name);

}  // namespace gantry::elbv2
