#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <charconv>
#include <cstring>

#include "shapes/base64.h"
#include "shapes/document.h"
#include "shapes/json.h"
#include "shapes/timestamp.h"

namespace gantry::shapes {

namespace json = boost::json;

namespace {

template <class T>
const T& as(const void* value) {
    return *static_cast<const T*>(value);
}

const UnknownMembers* unknown_members(const void* value, const Shape& shape) {
    if (shape.unknown_offset < 0) return nullptr;
    const auto* kept =
        reinterpret_cast<const UnknownMembers*>(static_cast<const char*>(value) + shape.unknown_offset);
    return kept->empty() || !kept->get()->is_object() ? nullptr : kept;
}

json::value write_structure(const void* value, const Shape& shape) {
    json::object object;
    for (std::size_t i = 0; i < shape.member_count; ++i) {
        const Member& member = shape.members[i];
        const void* field = member_value(member, value);
        if (field != nullptr) object.emplace(member.name, write_json(field, *member.shape));
    }
    if (const auto* unknown = unknown_members(value, shape)) {
        for (const auto& [key, entry] : unknown->get()->get_object()) object.emplace(key, entry);
    }
    return object;
}

template <class T>
void append_number(std::string& out, T number) {
    char digits[40];
    auto [end, error] = std::to_chars(digits, digits + sizeof digits, number);
    out.append(digits, end);
}

void append_timestamp(std::string& out, Timestamp time) {
    std::int64_t seconds = time.ms / 1000, rest = time.ms % 1000;
    if (time.ms < 0) {
        out += '-';
        seconds = -seconds;
        rest = -rest;
    }
    append_number(out, seconds);
    if (rest == 0) return;
    const char fraction[] = {
        '.', static_cast<char>('0' + rest / 100), static_cast<char>('0' + rest / 10 % 10),
        static_cast<char>('0' + rest % 10)
    };
    out.append(fraction, sizeof fraction);
}

void append_structure(std::string& out, const void* value, const Shape& shape) {
    out += '{';
    bool first = true;
    for (std::size_t i = 0; i < shape.member_count; ++i) {
        const Member& member = shape.members[i];
        const void* field = member_value(member, value);
        if (field == nullptr) continue;
        out.append(first ? "\"" : ",\"").append(member.name).append("\":");
        append_json(out, field, *member.shape);
        first = false;
    }
    if (const auto* unknown = unknown_members(value, shape)) {
        for (const auto& [key, entry] : unknown->get()->get_object()) {
            if (!first) out += ',';
            append_json_string(out, {key.data(), key.size()});
            out += ':';
            out += json::serialize(entry);
            first = false;
        }
    }
    out += '}';
}

// Length of the UTF-8 sequence at the start of text, 0 if it is none.
std::size_t utf8_length(std::string_view text) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const unsigned char lead = byte(0);
    const std::size_t length = lead < 0x80                   ? 1
                               : lead >= 0xc2 && lead < 0xe0 ? 2
                               : (lead & 0xf0) == 0xe0       ? 3
                               : lead >= 0xf0 && lead < 0xf5 ? 4
                                                             : 0;
    if (length == 0 || length > text.size()) return 0;
    for (std::size_t i = 1; i < length; ++i) {
        if ((byte(i) & 0xc0) != 0x80) return 0;
    }
    if (length == 3 && lead == 0xe0 && byte(1) < 0xa0) return 0;   // overlong
    if (length == 3 && lead == 0xed && byte(1) >= 0xa0) return 0;  // surrogate
    if (length == 4 && lead == 0xf0 && byte(1) < 0x90) return 0;
    if (length == 4 && lead == 0xf4 && byte(1) >= 0x90) return 0;
    return length;
}

// Whether none of the eight bytes needs a closer look: all are ASCII, none is a control character, quote or backslash.
bool eight_plain(const char* text) {
    constexpr std::uint64_t kOnes = 0x0101010101010101, kTops = 0x8080808080808080;
    std::uint64_t bytes;
    std::memcpy(&bytes, text, sizeof bytes);
    // A byte below n < 128 borrows into its top bit; bytes of 128 and more are caught by their own.
    const auto below = [](std::uint64_t of, std::uint64_t n) { return (of - kOnes * n) & ~of; };
    const std::uint64_t special =
        bytes | below(bytes, 0x20) | below(bytes ^ (kOnes * '"'), 1) | below(bytes ^ (kOnes * '\\'), 1);
    return (special & kTops) == 0;
}

}  // namespace

json::value write_json(const void* value, const Shape& shape) {
    switch (shape.kind) {
        case Kind::boolean:
            return as<bool>(value);
        case Kind::integer:
            return as<std::int32_t>(value);
        case Kind::long_:
            return as<std::int64_t>(value);
        case Kind::double_:
            return as<double>(value);
        case Kind::string:
            return json::value(as<std::string>(value));
        case Kind::blob:
            return json::value(encode_base64(as<std::string>(value)));
        case Kind::timestamp: {
            const std::int64_t ms = as<Timestamp>(value).ms;
            return ms % 1000 == 0 ? json::value(ms / 1000) : json::value(static_cast<double>(ms) / 1000);
        }
        case Kind::document: {
            const auto& document = as<Document>(value);
            return document.empty() ? json::value() : *document.get();
        }
        case Kind::list: {
            json::array array;
            const std::size_t size = shape.list->size(value);
            array.reserve(size);
            for (std::size_t i = 0; i < size; ++i)
                array.push_back(write_json(shape.list->at(value, i), *shape.element));
            return array;
        }
        case Kind::map: {
            struct Target {
                json::object object;
                const Shape* element;
            } target{{}, shape.element};
            shape.map->each(value, &target, [](void* context, const std::string& key, const void* entry) {
                auto& to = *static_cast<Target*>(context);
                to.object.emplace(key, write_json(entry, *to.element));
            });
            return std::move(target.object);
        }
        case Kind::structure:
            return write_structure(value, shape);
    }
    return {};
}

void append_json(std::string& out, const void* value, const Shape& shape) {
    switch (shape.kind) {
        case Kind::boolean:
            out += as<bool>(value) ? "true" : "false";
            return;
        case Kind::integer:
            append_number(out, as<std::int32_t>(value));
            return;
        case Kind::long_:
            append_number(out, as<std::int64_t>(value));
            return;
        case Kind::double_:
            out += json::serialize(json::value(as<double>(value)));
            return;
        case Kind::string:
            append_json_string(out, as<std::string>(value));
            return;
        case Kind::blob:
            append_json_string(out, encode_base64(as<std::string>(value)));
            return;
        case Kind::timestamp:
            append_timestamp(out, as<Timestamp>(value));
            return;
        case Kind::document:
            out += json::serialize(write_json(value, shape));
            return;
        case Kind::list: {
            out += '[';
            const std::size_t size = shape.list->size(value);
            for (std::size_t i = 0; i < size; ++i) {
                if (i != 0) out += ',';
                append_json(out, shape.list->at(value, i), *shape.element);
            }
            out += ']';
            return;
        }
        case Kind::map: {
            struct Target {
                std::string& out;
                const Shape* element;
                bool first;
            } target{out, shape.element, true};
            out += '{';
            shape.map->each(value, &target, [](void* context, const std::string& key, const void* entry) {
                auto& to = *static_cast<Target*>(context);
                if (!to.first) to.out += ',';
                to.first = false;
                append_json_string(to.out, key);
                to.out += ':';
                append_json(to.out, entry, *to.element);
            });
            out += '}';
            return;
        }
        case Kind::structure:
            append_structure(out, value, shape);
            return;
    }
}

void append_json_string(std::string& out, std::string_view text) {
    static constexpr char kHex[] = "0123456789abcdef";
    out += '"';
    std::size_t plain = 0;  // start of what is not yet copied
    for (std::size_t i = 0; i < text.size();) {
        if (text.size() - i >= 8 && eight_plain(text.data() + i)) {
            i += 8;
            continue;
        }
        const auto byte = static_cast<unsigned char>(text[i]);
        if (byte >= 0x20 && byte < 0x80 && byte != '"' && byte != '\\') {
            ++i;
            continue;
        }
        const std::size_t length = byte < 0x80 ? 0 : utf8_length(text.substr(i));
        if (length != 0) {
            i += length;
            continue;
        }
        out.append(text, plain, i - plain);
        if (byte >= 0x80) {
            out += "\xEF\xBF\xBD";
        } else if (byte == '"' || byte == '\\') {
            out += {'\\', text[i]};
        } else if (byte == '\n') {
            out += "\\n";
        } else if (byte == '\t') {
            out += "\\t";
        } else {
            out += "\\u00";
            out += {kHex[byte >> 4], kHex[byte & 15]};
        }
        plain = ++i;
    }
    out.append(text, plain);
    out += '"';
}

}  // namespace gantry::shapes
