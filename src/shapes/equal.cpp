#include "shapes/document.h"
#include "shapes/json.h"
#include "shapes/timestamp.h"

namespace gantry::shapes {

namespace {

template <class T>
bool same(const void* left, const void* right) {
    return *static_cast<const T*>(left) == *static_cast<const T*>(right);
}

bool same_maps(const void* left, const void* right, const Shape& shape) {
    if (shape.map->size(left) != shape.map->size(right)) return false;
    std::vector<std::pair<const std::string*, const void*>> entries;
    shape.map->each(left, &entries, [](void* context, const std::string& key, const void* value) {
        static_cast<decltype(entries)*>(context)->emplace_back(&key, value);
    });
    struct Walk {
        decltype(entries)::const_iterator next;
        const Shape* element;
        bool equal;
    } walk{entries.begin(), shape.element, true};
    shape.map->each(right, &walk, [](void* context, const std::string& key, const void* value) {
        auto& at = *static_cast<Walk*>(context);
        at.equal = at.equal && *at.next->first == key && equal(at.next->second, value, *at.element);
        ++at.next;
    });
    return walk.equal;
}

}  // namespace

bool equal(const void* left, const void* right, const Shape& shape) {
    switch (shape.kind) {
        case Kind::boolean:
            return same<bool>(left, right);
        case Kind::integer:
            return same<std::int32_t>(left, right);
        case Kind::long_:
            return same<std::int64_t>(left, right);
        case Kind::double_:
            return same<double>(left, right);
        case Kind::string:
        case Kind::blob:
            return same<std::string>(left, right);
        case Kind::timestamp:
            return same<Timestamp>(left, right);
        case Kind::document:
            return same<Document>(left, right);
        case Kind::list: {
            const std::size_t size = shape.list->size(left);
            if (size != shape.list->size(right)) return false;
            for (std::size_t i = 0; i < size; ++i) {
                if (!equal(shape.list->at(left, i), shape.list->at(right, i), *shape.element)) return false;
            }
            return true;
        }
        case Kind::map:
            return same_maps(left, right, shape);
        case Kind::structure:
            break;
    }
    for (std::size_t i = 0; i < shape.member_count; ++i) {
        const Member& member = shape.members[i];
        const void* one = member_value(member, left);
        const void* other = member_value(member, right);
        if ((one == nullptr) != (other == nullptr)) return false;
        if (one != nullptr && !equal(one, other, *member.shape)) return false;
    }
    if (shape.unknown_offset < 0) return true;
    const auto unknown = [&](const void* value) {
        return static_cast<const char*>(value) + shape.unknown_offset;
    };
    return same<UnknownMembers>(unknown(left), unknown(right));
}

}  // namespace gantry::shapes
