#include <boost/json/monotonic_resource.hpp>
#include <boost/json/parse.hpp>
#include <charconv>
#include <cstring>

#include "base/assertion.h"
#include "shapes/json.h"
#include "wire/cbor.h"
#include "wire/decode.h"
#include "wire/rest.h"

namespace gantry::wire {

namespace {

namespace json = boost::json;
using shapes::Kind;

constexpr std::size_t kMaxDepth = 64;

const char* wanted(Kind kind) {
    switch (kind) {
        case Kind::boolean:
            return "Boolean";
        case Kind::integer:
            return "Integer";
        case Kind::long_:
            return "Long";
        case Kind::double_:
            return "Double";
        case Kind::timestamp:
            return "Date";
        case Kind::blob:
            return "ByteBuffer";
        default:
            return "String";
    }
}

// AWS's words for a value where another kind was expected.
std::string mismatch_text(const shapes::JsonMismatch& mismatch) {
    const bool structured = mismatch.expected == Kind::structure || mismatch.expected == Kind::map ||
                            mismatch.expected == Kind::list;
    switch (mismatch.found) {
        case json::kind::object:
            return "Start of structure or map found where not expected.";
        case json::kind::array:
            return "Start of list found where not expected";
        default:
            break;
    }
    if (structured) return "Unexpected field type";
    const char* token = "NUMBER_VALUE";
    if (mismatch.found == json::kind::string) token = "STRING_VALUE";
    if (mismatch.found == json::kind::bool_) token = "TRUE_VALUE";
    if (mismatch.found == json::kind::null) token = "NULL_VALUE";
    if (mismatch.found == json::kind::string && mismatch.expected == Kind::blob)
        return "Invalid base64 in a blob";
    return std::string(token) + " cannot be converted to " + wanted(mismatch.expected);
}

Result<void> read_value(
    const json::value& value, const shapes::Shape& input, void* out, std::vector<std::string>& missing
) {
    auto mismatch = shapes::read_json(value, input, out, &missing);
    if (!mismatch) return {};
    std::string text = mismatch_text(*mismatch);
    if (!mismatch->path.empty()) text += " (at '" + mismatch->path.substr(0, 256) + "')";
    return refuse("SerializationException", std::move(text));
}

// Clients send {} for an empty input; curl users send nothing.
Result<json::value> read_body(std::string_view body, json::monotonic_resource& memory) {
    json::parse_options options;
    options.max_depth = kMaxDepth;
    json::error_code error;
    json::value value = json::parse(body.empty() ? "{}" : body, error, &memory, options);
    if (error == json::error::too_deep)
        return refuse("SerializationException", "The JSON is nested too deeply.");
    if (error)
        return refuse("SerializationException", "The body is not valid JSON: " + error.message() + ".");
    if (!value.is_object())
        return refuse("SerializationException", "Unexpected token: the body must be a JSON object.");
    return value;
}

// A text of the path or query as the JSON that it stands for; what is no number or truth value stays text, and is refused
// as such.
json::value typed(const std::string& text, Kind kind, const json::storage_ptr& memory) {
    if (kind == Kind::integer || kind == Kind::long_) {
        std::int64_t number = 0;
        const char* end = text.data() + text.size();
        const auto read = std::from_chars(text.data(), end, number);
        if (read.ec == std::errc() && read.ptr == end) return json::value(number, memory);
    }
    if (kind == Kind::boolean && (text == "true" || text == "false")) return json::value(text == "true", memory);
    return json::value(json::string_view(text), memory);
}

}  // namespace

Result<void> decode_json(
    std::string_view body, const shapes::Shape& input, void* out, std::vector<std::string>& missing
) {
    json::monotonic_resource memory;
    TRY(const json::value value, read_body(body, memory));
    return read_value(value, input, out, missing);
}

Result<void> decode_rest(const Routed& routed, void* out, std::vector<std::string>& missing) {
    const auto& input = *routed.operation->input;
    const auto* binding = find_rest(*routed.operation);
    ASSERT(binding != nullptr, "it was routed by its binding");
    json::monotonic_resource memory;
    TRY(json::value value, read_body(routed.body, memory));
    auto& object = value.get_object();
    for (std::size_t i = 0; i < binding->member_count; ++i) {
        const auto& place = binding->members[i];
        const auto* member = shapes::find_member(input, place.member, std::strlen(place.member));
        ASSERT(member != nullptr, "a member of the input");
        object.erase(place.member);  // in the body it says nothing
        const std::string name = place.in_path ? "{" + std::string(place.name) + "}" : std::string(place.name);
        const bool list = member->shape->kind == Kind::list;
        json::array all(value.storage());
        for (const auto& [key, text] : routed.form.parameters()) {
            if (key != name) continue;
            all.push_back(typed(text, list ? member->shape->element->kind : member->shape->kind, value.storage()));
        }
        if (all.empty()) continue;
        if (list) {
            object[place.member] = std::move(all);
        } else {
            object[place.member] = std::move(all.front());
        }
    }
    return read_value(value, input, out, missing);
}

Result<void> decode_cbor(
    std::string_view body, const shapes::Shape& input, void* out, std::vector<std::string>& missing
) {
    // Clients send nothing for an operation without input.
    if (body.empty()) body = "\xa0";
    json::monotonic_resource memory;
    const auto value = parse_cbor(body, &memory);
    if (!value)
        return refuse("SerializationException", "The body is not valid CBOR: " + value.error().message + ".");
    if (!value->is_object())
        return refuse("SerializationException", "Unexpected token: the body must be a CBOR map.");
    return read_value(*value, input, out, missing);
}

}  // namespace gantry::wire
