// CBOR bodies into shapes; what was read, written and read again is the same.
#include <boost/json/monotonic_resource.hpp>
#include <cstdint>

#include "shapes/cloudwatch/shapes.h"
#include "shapes/json.h"
#include "wire/cbor.h"
#include "wire/decode.h"

using namespace gantry;

template <class T>
static void round_trip(std::string_view bytes) {
    const auto& shape = shapes::shape_of<T>();
    std::vector<std::string> missing;
    T read;
    if (!wire::decode_cbor(bytes, shape, &read, missing)) return;
    std::string written, again;
    wire::append_cbor(written, &read, shape);
    T second;
    if (!wire::decode_cbor(written, shape, &second, missing)) __builtin_trap();
    wire::append_cbor(again, &second, shape);
    // A time of a million years has more digits than a double.
    if (written.find('\xc1') == std::string::npos && again != written) __builtin_trap();
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::string_view bytes(reinterpret_cast<const char*>(data), size);
    if (const auto head = bytes.find("\n\n"); head != std::string_view::npos) bytes.remove_prefix(head + 2);
    // Golden files end with one newline more than the body.
    if (bytes.ends_with('\n')) bytes.remove_suffix(1);
    boost::json::monotonic_resource memory;
    (void)wire::parse_cbor(bytes, &memory);
    round_trip<shapes::cloudwatch::PutMetricAlarmRequest>(bytes);
    round_trip<shapes::cloudwatch::DescribeAlarmsRequest>(bytes);
    round_trip<shapes::cloudwatch::DescribeAlarmsResponse>(bytes);
    round_trip<shapes::cloudwatch::SetAlarmStateRequest>(bytes);
    return 0;
}
