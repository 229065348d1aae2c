#include "ecs/tag.h"

#include <algorithm>
#include <set>

namespace gantry::ecs {
namespace {

bool reserved(std::string_view text) {
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
    return text.size() >= 4 && lower(text[0]) == 'a' && lower(text[1]) == 'w' && lower(text[2]) == 's' &&
           text[3] == ':';
}

// The pattern of ECS's TagKey and TagValue: letters, digits and spaces of any script, and _.:/=+-@
bool allowed(std::string_view utf8) {
    return std::all_of(utf8.begin(), utf8.end(), [](char c) {
        return (c & 0x80) != 0 || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               std::string_view(" _.:/=+-@").find(c) != std::string_view::npos;
    });
}

std::size_t characters(std::string_view utf8) {
    return std::count_if(utf8.begin(), utf8.end(), [](char c) { return (c & 0xc0) != 0x80; });
}

}  // namespace

Result<Tags> admit_tags(const std::optional<std::vector<shapes::ecs::Tag>>& tags, const char* code) {
    Tags admitted;
    if (!tags) return admitted;
    if (tags->empty()) return refuse(code, "Tags can not be empty.");
    std::set<std::string> keys;
    for (const auto& tag : *tags) {
        const std::string key = tag.key.value_or("");
        if (key.empty()) return refuse(code, "Tag key can not be null or empty.");
        if (characters(key) > 128)
            return refuse(code, "Tag key exceeds the maximum length of 128 characters.");
        if (tag.value && characters(*tag.value) > 256)
            return refuse(code, "Tag value exceeds the maximum length of 256 characters.");
        if (!allowed(key)) return refuse(code, "Tag key contains invalid characters: " + key + ".");
        if (tag.value && !allowed(*tag.value))
            return refuse(code, "Tag value contains invalid characters: " + *tag.value + ".");
        if (reserved(key) || (tag.value && reserved(*tag.value)))
            return refuse(code, "Tag keys and values cannot start with aws:, which is reserved for AWS use.");
        if (!keys.insert(key).second) return refuse(code, "Duplicate tag keys found: " + key + ".");
        admitted.push_back({key, tag.value.value_or("")});
    }
    if (too_many(admitted)) return refuse(code, "The maximum number of tags per resource is 50.");
    return admitted;
}

void merge_tags(Tags& into, const Tags& more) {
    for (const auto& tag : more) {
        const auto same = [&](const Tagged& known) { return known.key == tag.key; };
        const auto found = std::find_if(into.begin(), into.end(), same);
        if (found == into.end()) {
            into.push_back(tag);
        } else {
            found->value = tag.value;
        }
    }
}

bool too_many(const Tags& tags) {
    const auto counts = [](const Tagged& tag) { return !reserved(tag.key); };
    return std::count_if(tags.begin(), tags.end(), counts) > static_cast<std::ptrdiff_t>(kTagsMax);
}

void drop_tags(Tags& from, const std::vector<std::string>& keys) {
    std::erase_if(from, [&](const Tagged& tag) {
        return std::find(keys.begin(), keys.end(), tag.key) != keys.end() && !reserved(tag.key);
    });
}

std::vector<shapes::ecs::Tag> tag_shapes(const Tags& tags) {
    std::vector<shapes::ecs::Tag> out;
    out.reserve(tags.size());
    for (const auto& tag : tags) {
        auto& shape = out.emplace_back();
        shape.key = tag.key;
        shape.value = tag.value;
    }
    return out;
}

}  // namespace gantry::ecs
