// Any bytes as an HTTP request: routed, decoded, validated; the answer to whatever comes of it is encoded.
#include <cstdint>

#include "recorded_request.h"
#include "wire/decode.h"
#include "wire/encode.h"

using namespace gantry;

static void demand(bool holds) {
    if (!holds) __builtin_trap();
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto request = fuzz::parse_recorded({reinterpret_cast<const char*>(data), size});
    const auto refuse = [&](const Error& error) {
        const auto dialect = wire::guess_dialect(request);
        const auto answer = wire::encode_error(dialect, error, "id");
        demand(error.errc == Errc::refused && answer.status >= 400 && answer.status < 500);
        demand(answer.body.size() < 4096 && (dialect.cbor || wire::is_utf8(answer.body)));
    };
    const auto routed = wire::route(request);
    if (!routed) {
        refuse(routed.error());
        return 0;
    }
    if (routed->operation->input == nullptr) {
        refuse(wire::not_implemented(*routed->operation));
        return 0;
    }
    const auto input = wire::decode(*routed);
    if (!input) refuse(input.error());
    const auto output = routed->operation->make_response();
    wire::encode_success(*routed, output.get(), "id");
    return 0;
}
