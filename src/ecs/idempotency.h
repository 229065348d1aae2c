#pragma once

#include <boost/describe.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "base/codec.h"
#include "base/instant.h"
#include "ecs/scope.h"
#include "state/schema.h"

namespace gantry::ecs {

// A clientToken that made something. A repetition with the same request gets the same tasks; with another
// request a ConflictException.
struct TokenRecord {
    static constexpr state::TableInfo kTable{"ecs.client_token", 1};

    std::string scope;
    std::string operation;  // "RunTask", "CreateService"
    std::string token;
    std::string fingerprint;         // of the request without its token
    std::vector<std::string> tasks;  // record keys of what it made
    PolicyInstant expires_at;

    static std::string key(std::string_view scope, std::string_view operation, std::string_view token) {
        return std::string(scope) + std::string(operation) + "/" + std::string(token);
    }
    std::string key() const { return key(scope, operation, token); }
};
BOOST_DESCRIBE_STRUCT(TokenRecord, (), (scope, operation, token, fingerprint, tasks, expires_at))

// In the order in which they expire.
struct TokensByExpiry {
    using Record = TokenRecord;
    static void keys(const TokenRecord& token, std::vector<std::string>& out) {
        out.push_back(padded(token.expires_at.ms, 15));
    }
};

inline constexpr Duration kTokenKept = std::chrono::hours(24);

// 32 hexadecimal digits, equal for equal text.
std::string fingerprint(std::string_view text);

}  // namespace gantry::ecs
