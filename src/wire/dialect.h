#pragma once

#include <string>

#include "shapes/operation.h"
#include "wire/http.h"

namespace gantry::wire {

// How to spell the answer to one request.
struct Dialect {
    shapes::Protocol protocol = shapes::Protocol::aws_json;
    const shapes::Service* service = nullptr;  // null if it could not be told
    const char* json_version = "1.1";
    bool cbor = false;        // a JSON service asked by Smithy's rpc-v2-cbor: the same, spelled in CBOR
    bool query_mode = false;  // x-amzn-query-mode: errors carry x-amzn-query-error too
};

// A JSON service that answers query requests too, as query: CloudWatch. (Its model says that it once spoke
// query, and has the namespace that its XML needs.)
inline bool speaks_query_too(const shapes::Service& service) {
    return service.protocol == shapes::Protocol::aws_json && service.query_compatible &&
           service.xml_namespace != nullptr;
}

// The best guess for a request that may not even be routable, so that its error can be read by whoever sent
// it.
Dialect guess_dialect(const HttpRequest& request);

}  // namespace gantry::wire
