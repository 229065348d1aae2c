// Authorization headers and presigned query strings; gzip bodies; times.
#include <cstdint>

#include "recorded_request.h"
#include "wire/credentials.h"
#include "wire/gzip.h"
#include "wire/time_text.h"

using namespace gantry;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto request = fuzz::parse_recorded(text);
    const auto credentials = wire::parse_credentials(request);
    if (credentials && *credentials) {
        const auto secret_of = [](std::string_view, std::string_view) {
            return std::optional<std::string>("secret");
        };
        const auto now = wire::parse_basic_time((*credentials)->timestamp).value_or(0);
        const auto verified =
            wire::verify_signature(request, **credentials, shapes::Protocol::query, now, secret_of);
        // Whoever guesses a signature here has broken HMAC-SHA256.
        if (verified) __builtin_trap();
    }
    (void)wire::gunzip(request.body, 1 << 20);
    if (const auto ms = wire::parse_time(text.substr(0, 64))) {
        if (const auto again = wire::parse_time(wire::format_time(*ms));
            *ms >= 0 && *ms < 253402300800000 && again != ms)
            __builtin_trap();
    }
    return 0;
}
