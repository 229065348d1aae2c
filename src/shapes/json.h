#pragma once

#include <boost/json/value.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "shapes/shape.h"

// Generated structs to and from JSON, as stored records and as awsJson bodies: members by AWS's names, absent
// ones left out, timestamps as epoch seconds with a fraction, blobs in base64.
namespace gantry::shapes {

// A JSON value of another type than the shape's. path: as AWS writes it, "containerDefinitions.1.member.cpu".
struct JsonMismatch {
    std::string path;
    Kind expected;
    boost::json::kind found;
};

// Reads `value` into the struct at `out` (default-constructed). JSON null is absent. Members that the shape
// does not have are kept where the struct keeps unknown members, else ignored. Paths of absent required
// members are appended to `missing`, if given. After a mismatch the struct is partly filled.
std::optional<JsonMismatch> read_json(
    const boost::json::value& value, const Shape& shape, void* out, std::vector<std::string>* missing
);

boost::json::value write_json(const void* value, const Shape& shape);

// The same as text, without the tree in between. Bytes that are not UTF-8 become U+FFFD.
void append_json(std::string& out, const void* value, const Shape& shape);
void append_json_string(std::string& out, std::string_view text);

bool equal(const void* left, const void* right, const Shape& shape);

// Errc::invalid, with the path in the message, if the JSON does not fit.
Result<void> read_record(const boost::json::value& value, const Shape& shape, void* out);

template <Described T>
boost::json::value to_json(const T& value) {
    return write_json(&value, shape_of<T>());
}

template <Described T>
std::string to_json_text(const T& value) {
    std::string text;
    append_json(text, &value, shape_of<T>());
    return text;
}

template <Described T>
Result<T> from_json(const boost::json::value& value) {
    T result;
    if (auto done = read_record(value, shape_of<T>(), &result); !done)
        return tl::unexpected<Error>(std::move(done).error());
    return result;
}

template <Described T>
bool equal(const T& left, const T& right) {
    return equal(&left, &right, shape_of<T>());
}

}  // namespace gantry::shapes
