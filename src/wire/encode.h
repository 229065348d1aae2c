#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "wire/dialect.h"
#include "wire/http.h"
#include "wire/route.h"

namespace gantry::wire {

// The answer to a request that was served. `output` points to the operation's output struct.
HttpResponse encode_success(const Routed& routed, const void* output, std::string_view request_id);
// The same of an awsJson request, whose output is JSON already.
HttpResponse encode_success(const Routed& routed, std::string json, std::string_view request_id);

// The answer to one that was not: routed.dialect, or guess_dialect() where routing failed. A refusal is 4xx
// with its own code; everything else is trouble inside Gantry: 503 if it may be tried again, else 500. A message longer than 4 KiB is cut, between characters.
HttpResponse encode_error(const Dialect& dialect, const Error& error, std::string_view request_id);

// The status that encode_error gives.
int status_of(const Dialect& dialect, const Error& error);

// A query answer's or ec2 answer's body; the tag of a structure's members by the tables.
std::string encode_xml(const shapes::Operation& operation, const void* output, std::string_view request_id);
// Escapes markup; what XML cannot carry becomes U+FFFD.
void append_xml_text(std::string& out, std::string_view text);

}  // namespace gantry::wire
