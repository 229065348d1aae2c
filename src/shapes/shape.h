#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

// The constant tables that describe every generated struct. One interpreter per protocol walks them
// (shapes/json.h, wire/), so there is no code per shape but the few accessors of shapes/access.h.
namespace gantry::shapes {

enum class Kind : std::uint8_t {
    boolean,    // bool
    integer,    // std::int32_t
    long_,      // std::int64_t
    double_,    // double; float too
    string,     // std::string, UTF-8
    blob,       // std::string, raw bytes; base64 on the wire
    timestamp,  // Timestamp
    document,   // Document
    list,       // std::vector<element>
    map,        // std::map<std::string, element>
    structure,
};

enum class TimeFormat : std::uint8_t { protocol_default, unix_seconds, iso8601, rfc822 };

struct Shape;

// How to reach the value of an optional member; null in Member for plain ones.
struct OptionalAccess {
    const void* (*get)(const void* optional);  // null when absent
    void* (*emplace)(void* optional);
};

struct ListAccess {
    std::size_t (*size)(const void* list);
    const void* (*at)(const void* list, std::size_t index);
    void* (*append)(void* list);
};

struct MapAccess {
    using Visit = void (*)(void* context, const std::string& key, const void* value);
    std::size_t (*size)(const void* map);
    void (*each)(const void* map, void* context, Visit visit);  // in key order
    void* (*insert)(void* map, std::string key);                // the present value if the key exists
};

struct Member {
    const char* name;   // AWS's name: in JSON, in records, in error texts
    const char* query;  // in form bodies and query strings
    const char* xml;    // in XML answers
    const Shape* shape;
    const OptionalAccess* optional;
    std::uint32_t offset;
    bool required;   // an absent one is refused on input
    bool flattened;  // query: NAME.1 rather than NAME.member.1; XML likewise
    bool idempotency_token;
    TimeFormat time_format;
};

struct Shape {
    const char* name;  // AWS's name
    Kind kind;

    // Constraints. Lengths count characters of strings, bytes of blobs, entries of lists and maps; values of
    // numbers.
    bool has_min = false;
    bool has_max = false;
    bool flattened = false;
    TimeFormat time_format = TimeFormat::protocol_default;
    double min = 0;
    double max = 0;
    const char* pattern = nullptr;
    const char* const* enum_values = nullptr;  // sorted as in the model
    std::uint16_t enum_count = 0;

    // Lists and maps.
    const Shape* element = nullptr;
    const Shape* key = nullptr;
    const char* element_query = nullptr;  // between list name and index; "member" by default
    const char* element_xml = nullptr;    // the tag of one entry (list), of the value (map)
    const char* key_xml = nullptr;        // the tag of a map's key, in forms too
    const ListAccess* list = nullptr;
    const MapAccess* map = nullptr;

    // Structures.
    const Member* members = nullptr;         // in the model's order
    const std::uint16_t* by_name = nullptr;  // indexes into members, sorted by name
    std::uint16_t member_count = 0;
    std::int32_t unknown_offset = -1;  // of `UnknownMembers unknown`, if the struct keeps them
};

// The member of that AWS name, or null.
const Member* find_member(const Shape& structure, const char* name, std::size_t length);

// A generated struct: shape_of is declared beside it.
template <class T>
concept Described = requires(const T* value) { shape_of(value); };

template <Described T>
const Shape& shape_of() {
    return shape_of(static_cast<const T*>(nullptr));
}

inline const void* member_address(const Member& member, const void* structure) {
    return static_cast<const char*>(structure) + member.offset;
}
inline void* member_address(const Member& member, void* structure) {
    return static_cast<char*>(structure) + member.offset;
}
// The member's value, or null when it is absent.
inline const void* member_value(const Member& member, const void* structure) {
    const void* address = member_address(member, structure);
    return member.optional == nullptr ? address : member.optional->get(address);
}

}  // namespace gantry::shapes
