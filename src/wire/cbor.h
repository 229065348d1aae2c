#pragma once

#include <boost/json/value.hpp>
#include <string>
#include <string_view>

#include "base/result.h"
#include "shapes/shape.h"

// CBOR (RFC 8949) as far as Smithy's rpc-v2-cbor protocol needs it. Debian's libcbor reserves what a length
// claims, so that nine bytes may ask for gigabytes: hence our own.
namespace gantry::wire {

// Reads one item, and nothing may stand behind it, into the JSON value that it stands for: byte strings in
// base64, times (tag 1) as seconds, other tags passed over, undefined as null. Errc::invalid: it is cut
// short, nested deeper than 64, of more than 500,000 items, or has keys that are no text or text that is not
// UTF-8. Memory grows with the bytes read, never with what a length claims.
Result<boost::json::value> parse_cbor(std::string_view bytes, boost::json::storage_ptr memory = {});

// A struct by its table: definite lengths, times as tag 1, absent members left out. Documents and members
// that the model does not have are left out too: the protocol has no word for them.
void append_cbor(std::string& out, const void* value, const shapes::Shape& shape);

// {"__type": type, "message": message}
std::string cbor_error(std::string_view type, std::string_view message);

}  // namespace gantry::wire
