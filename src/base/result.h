#pragma once

#include <string>
#include <tl/expected.hpp>
#include <utility>

namespace gantry {

// What kind of failure a Result carries. A refusal is the caller's business and is never retried;
// everything else is trouble of the world and may be retried where retryable() says so.
enum class Errc {
    refused,      // the request cannot be served as it is; `code` is the AWS error code
    unavailable,  // a program, disk or peer does not answer or refuses for now
    timeout,      // no answer within the deadline
    cancelled,    // the waiter was stopped; never logged as a failure
    not_found,    // the named thing does not exist in the outside world
    conflict,     // the named thing exists already, or someone else changed it
    exhausted,    // disk, memory, addresses or quota are used up
    invalid,      // bytes that cannot be understood
    unknown,      // the outcome is not known: the effect may or may not have happened
};

// code: for refusals the AWS error code as clients match on it ("ClusterNotFoundException",
// "InvalidVpcID.NotFound"); empty otherwise. message: one sentence for a person, AWS's own where AWS has one.
struct Error {
    Errc errc = Errc::refused;
    std::string code;
    std::string message;

    friend bool operator==(const Error&, const Error&) = default;
};

template <class T = void>
using Result = tl::expected<T, Error>;

inline tl::unexpected<Error> refuse(std::string code, std::string message) {
    return tl::unexpected<Error>(Error{Errc::refused, std::move(code), std::move(message)});
}

inline tl::unexpected<Error> trouble(Errc errc, std::string message) {
    return tl::unexpected<Error>(Error{errc, {}, std::move(message)});
}

constexpr bool retryable(Errc errc) {
    return errc == Errc::unavailable || errc == Errc::timeout || errc == Errc::unknown;
}

}  // namespace gantry

#define GANTRY_CONCAT_(a, b) a##b
#define GANTRY_CONCAT(a, b) GANTRY_CONCAT_(a, b)
#define GANTRY_TRY_IMPL(tmp, ret, declaration, expression)                 \
    auto tmp = (expression);                                               \
    if (!tmp) ret tl::unexpected<::gantry::Error>(std::move(tmp).error()); \
    declaration = *std::move(tmp)

// TRY(auto cluster, find_cluster(txn, name)); returns the error from the enclosing function.
#define TRY(declaration, expression) \
    GANTRY_TRY_IMPL(GANTRY_CONCAT(try_result_, __COUNTER__), return, declaration, expression)
#define CO_TRY(declaration, expression) \
    GANTRY_TRY_IMPL(GANTRY_CONCAT(try_result_, __COUNTER__), co_return, declaration, expression)
// The same for Result<void>.
#define TRY_VOID(expression)                                                      \
    do {                                                                          \
        if (auto try_void_ = (expression); !try_void_)                            \
            return tl::unexpected<::gantry::Error>(std::move(try_void_).error()); \
    } while (false)
#define CO_TRY_VOID(expression)                                                      \
    do {                                                                             \
        if (auto try_void_ = (expression); !try_void_)                               \
            co_return tl::unexpected<::gantry::Error>(std::move(try_void_).error()); \
    } while (false)
