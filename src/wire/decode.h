#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "wire/form.h"
#include "wire/route.h"

namespace gantry::wire {

// Decodes and validates a routed request into the generated input struct of its operation. The operation must
// have shapes. Refusals are AWS's own per service: SerializationException for wrong JSON types,
// MissingParameter, "1 validation error detected: …"
Result<std::shared_ptr<const void>> decode(const Routed& routed);

// The halves of it, into a default-constructed struct. Paths of absent required members are added to
// `missing`, as AWS spells them: "roleName", "containerDefinitions.1.member.name".
Result<void> decode_json(
    std::string_view body, const shapes::Shape& input, void* out, std::vector<std::string>& missing
);
// The same of a CBOR body.
Result<void> decode_cbor(
    std::string_view body, const shapes::Shape& input, void* out, std::vector<std::string>& missing
);
// A rest-json request: the body, and what stands in path and query.
Result<void> decode_rest(const Routed& routed, void* out, std::vector<std::string>& missing);
Result<void> decode_form(
    const Form& form, const shapes::Operation& operation, void* out, std::vector<std::string>& missing
);

}  // namespace gantry::wire
