#include "wire/decode.h"

#include "base/assertion.h"
#include "shapes/rest.h"
#include "wire/validate.h"

namespace gantry::wire {

Result<std::shared_ptr<const void>> decode(const Routed& routed) {
    const auto& operation = *routed.operation;
    ASSERT(operation.make_request != nullptr, "only operations with shapes can be decoded");
    std::shared_ptr<void> input = operation.make_request();
    std::vector<std::string> missing;
    if (routed.dialect.cbor) {
        TRY_VOID(decode_cbor(routed.body, *operation.input, input.get(), missing));
    } else if (shapes::speaks_rest(*operation.service)) {
        TRY_VOID(decode_rest(routed, input.get(), missing));
    } else if (routed.dialect.protocol == shapes::Protocol::aws_json) {
        TRY_VOID(decode_json(routed.body, *operation.input, input.get(), missing));
    } else {
        TRY_VOID(decode_form(routed.form, operation, input.get(), missing));
    }
    TRY_VOID(validate(operation, input.get(), missing));
    return std::shared_ptr<const void>(std::move(input));
}

}  // namespace gantry::wire
