// JSON into several shapes; what was read, written and read again is the same.
#include <boost/json/parse.hpp>
#include <cstdint>

#include "shapes/ec2/shapes.h"
#include "shapes/ecs/shapes.h"
#include "shapes/json.h"
#include "shapes/logs/shapes.h"
#include "wire/decode.h"

using namespace gantry;
namespace json = boost::json;

// Boost.JSON reads a number of more digits than a double holds to its neighbour at times; members that nobody knows
// are kept as it read them.
static bool has_long_number(std::string_view text) {
    std::size_t digits = 0;
    for (const char c : text) {
        if ((c >= '0' && c <= '9') || c == '.') {
            if (++digits > 16) return true;
        } else {
            digits = 0;
        }
    }
    return false;
}

template <class T>
static void round_trip(std::string_view text) {
    std::vector<std::string> missing;
    T read;
    if (!wire::decode_json(text, shapes::shape_of<T>(), &read, missing)) return;
    const std::string written = shapes::to_json_text(read);
    json::error_code error;
    json::parse_options options;
    options.max_depth = 200;
    const auto again = shapes::from_json<T>(json::parse(written, error, {}, options));
    if (error || !again || shapes::to_json_text(*again) != written) __builtin_trap();
    if (!shapes::equal(T(read), read)) __builtin_trap();
    shapes::to_json(read);
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::string_view text(reinterpret_cast<const char*>(data), size);
    text = text.substr(0, text.find('\n'));  // golden files begin with JSON
    if (has_long_number(text)) return 0;
    round_trip<shapes::ecs::RegisterTaskDefinitionRequest>(text);
    round_trip<shapes::ecs::CreateServiceRequest>(text);
    round_trip<shapes::ecs::Task>(text);
    round_trip<shapes::logs::PutLogEventsRequest>(text);
    round_trip<shapes::ec2::DescribeNetworkInterfacesResponse>(text);
    return 0;
}
