#include <bit>

#include "shapes/timestamp.h"
#include "wire/cbor.h"

namespace gantry::wire {

namespace {

using shapes::Kind;
using shapes::Member;
using shapes::Shape;

template <class T>
const T& as(const void* value) {
    return *static_cast<const T*>(value);
}

void append_bytes(std::string& out, std::uint64_t value, int count) {
    for (int i = count - 1; i >= 0; --i) out += static_cast<char>(value >> (8 * i) & 0xff);
}

void append_head(std::string& out, int major, std::uint64_t value) {
    const auto first = [&](int info) { out += static_cast<char>(major << 5 | info); };
    if (value < 24) {
        first(static_cast<int>(value));
        return;
    }
    const int log = value <= 0xff ? 0 : value <= 0xffff ? 1 : value <= 0xffffffff ? 2 : 3;
    first(24 + log);
    append_bytes(out, value, 1 << log);
}

void append_integer(std::string& out, std::int64_t value) {
    if (value >= 0) {
        append_head(out, 0, static_cast<std::uint64_t>(value));
    } else {
        append_head(out, 1, static_cast<std::uint64_t>(-1 - value));
    }
}

void append_double(std::string& out, double value) {
    out += '\xfb';
    append_bytes(out, std::bit_cast<std::uint64_t>(value), 8);
}

void append_text(std::string& out, std::string_view text) {
    append_head(out, 3, text.size());
    out += text;
}

void append_structure(std::string& out, const void* value, const Shape& shape) {
    std::uint64_t count = 0;
    const auto each = [&](auto visit) {
        for (std::size_t i = 0; i < shape.member_count; ++i) {
            const Member& member = shape.members[i];
            const void* field = shapes::member_value(member, value);
            if (field != nullptr && member.shape->kind != Kind::document) visit(member, field);
        }
    };
    each([&](const Member&, const void*) { ++count; });
    append_head(out, 5, count);
    each([&](const Member& member, const void* field) {
        append_text(out, member.name);
        append_cbor(out, field, *member.shape);
    });
}

}  // namespace

void append_cbor(std::string& out, const void* value, const Shape& shape) {
    switch (shape.kind) {
        case Kind::boolean:
            out += as<bool>(value) ? '\xf5' : '\xf4';
            return;
        case Kind::integer:
            append_integer(out, as<std::int32_t>(value));
            return;
        case Kind::long_:
            append_integer(out, as<std::int64_t>(value));
            return;
        case Kind::double_:
            append_double(out, as<double>(value));
            return;
        case Kind::string:
            append_text(out, as<std::string>(value));
            return;
        case Kind::blob: {
            const auto& bytes = as<std::string>(value);
            append_head(out, 2, bytes.size());
            out += bytes;
            return;
        }
        case Kind::timestamp: {
            const std::int64_t ms = as<shapes::Timestamp>(value).ms;
            append_head(out, 6, 1);
            if (ms % 1000 == 0) {
                append_integer(out, ms / 1000);
            } else {
                append_double(out, static_cast<double>(ms) / 1000);
            }
            return;
        }
        case Kind::document:
            out += '\xf6';
            return;
        case Kind::list: {
            const std::size_t size = shape.list->size(value);
            append_head(out, 4, size);
            for (std::size_t i = 0; i < size; ++i) append_cbor(out, shape.list->at(value, i), *shape.element);
            return;
        }
        case Kind::map: {
            struct Target {
                std::string& out;
                const Shape* element;
            } target{out, shape.element};
            append_head(out, 5, shape.map->size(value));
            shape.map->each(value, &target, [](void* context, const std::string& key, const void* entry) {
                auto& to = *static_cast<Target*>(context);
                append_text(to.out, key);
                append_cbor(to.out, entry, *to.element);
            });
            return;
        }
        case Kind::structure:
            append_structure(out, value, shape);
            return;
    }
}

std::string cbor_error(std::string_view type, std::string_view message) {
    std::string out;
    append_head(out, 5, 2);
    append_text(out, "__type");
    append_text(out, type);
    append_text(out, "message");
    append_text(out, message);
    return out;
}

}  // namespace gantry::wire
