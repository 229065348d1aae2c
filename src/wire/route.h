#pragma once

#include <optional>
#include <string>

#include "base/result.h"
#include "shapes/operation.h"
#include "wire/credentials.h"
#include "wire/dialect.h"
#include "wire/form.h"
#include "wire/http.h"

namespace gantry::wire {

// Which operation a request asks for, and what it carries for it.
struct Routed {
    const shapes::Operation* operation = nullptr;  // never null; its shapes are if nobody handles it
    Dialect dialect;
    std::optional<Credentials> credentials;  // absent only for operations that AWS takes unsigned
    std::string body;                        // decompressed
    Form form;                               // query and ec2: the parameters; rest-json: wire/rest.h

    // From the credential scope; empty without credentials.
    std::string region() const { return credentials ? credentials->region : std::string(); }
};

// Body and decompressed body are at most this; larger ones are refused (413).
inline constexpr std::size_t kMaxBody = 8 * 1024 * 1024;

// Finds the operation by X-Amz-Target, by rpc-v2-cbor's path or a rest-json service's method and path, else by the credential scope's
// service, Version and Action. The scope is the client's claim: where it names another service than the routed operation's, the request is
// refused. "/" is the only other path. Errors are AWS's own, and 4xx: UnknownOperationException, InvalidAction,
// MissingAuthenticationToken...
Result<Routed> route(const HttpRequest& request);

// The refusal for an operation of a model that Gantry does not handle. Says so, and no client retries it.
Error not_implemented(const shapes::Operation& operation);

}  // namespace gantry::wire
