#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "shapes/box.h"
#include "shapes/document.h"
#include "shapes/shape.h"
#include "shapes/timestamp.h"

// The accessors that the generated tables point to. Only generated code includes this.
namespace gantry::shapes {

template <class Optional>
inline const OptionalAccess optional_access = {
    [](const void* optional) -> const void* {
        const auto& typed = *static_cast<const Optional*>(optional);
        return typed.has_value() ? &*typed : nullptr;
    },
    [](void* optional) -> void* { return &static_cast<Optional*>(optional)->emplace(); },
};

template <class List>
inline const ListAccess list_access = {
    [](const void* list) { return static_cast<const List*>(list)->size(); },
    [](const void* list, std::size_t index) -> const void* {
        return &(*static_cast<const List*>(list))[index];
    },
    [](void* list) -> void* { return &static_cast<List*>(list)->emplace_back(); },
};

template <class Map>
inline const MapAccess map_access = {
    [](const void* map) { return static_cast<const Map*>(map)->size(); },
    [](const void* map, void* context, MapAccess::Visit visit) {
        for (const auto& [key, value] : *static_cast<const Map*>(map)) visit(context, key, &value);
    },
    [](void* map, std::string key) -> void* { return &(*static_cast<Map*>(map))[std::move(key)]; },
};

// Instantiated once, in access.cpp.
extern template const OptionalAccess optional_access<std::optional<std::string>>;
extern template const OptionalAccess optional_access<std::optional<bool>>;
extern template const OptionalAccess optional_access<std::optional<std::int32_t>>;
extern template const OptionalAccess optional_access<std::optional<std::int64_t>>;
extern template const OptionalAccess optional_access<std::optional<double>>;
extern template const OptionalAccess optional_access<std::optional<Timestamp>>;
extern template const OptionalAccess optional_access<std::optional<Document>>;
extern template const OptionalAccess optional_access<std::optional<std::vector<std::string>>>;
extern template const OptionalAccess optional_access<std::optional<std::map<std::string, std::string>>>;
extern template const ListAccess list_access<std::vector<std::string>>;
extern template const ListAccess list_access<std::vector<std::int32_t>>;
extern template const MapAccess map_access<std::map<std::string, std::string>>;

}  // namespace gantry::shapes
