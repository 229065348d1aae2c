#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <cmath>
#include <cstring>
#include <limits>

#include "shapes/base64.h"
#include "shapes/document.h"
#include "shapes/json.h"
#include "shapes/timestamp.h"

namespace gantry::shapes {

namespace json = boost::json;

namespace {

// Reads depth-first; the path is kept as a chain on the stack and spelled out only for a report.
struct Path {
    const Path* parent;
    const char* member;
    std::size_t index;  // 1-based, of a list entry
    std::string_view key;

    std::string spell() const {
        std::string text = parent == nullptr ? std::string() : parent->spell();
        if (member != nullptr) return text.empty() ? member : text + "." + member;
        if (index != 0) return text + "." + std::to_string(index) + ".member";
        if (!key.empty()) return text + "." + std::string(key) + ".member";
        return text;
    }
};

// JSON has no word for infinity, though 1e999 reads as one: kept, it could not be written again.
bool finite(const json::value& value) {
    if (value.is_double()) return std::isfinite(value.get_double());
    if (value.is_array()) return std::all_of(value.get_array().begin(), value.get_array().end(), finite);
    if (!value.is_object()) return true;
    for (const auto& [key, entry] : value.get_object()) {
        if (!finite(entry)) return false;
    }
    return true;
}

class Reader {
  public:
    explicit Reader(std::vector<std::string>* missing) : missing_(missing) {}

    bool read(const json::value& value, const Shape& shape, void* out, const Path& path) {
        switch (shape.kind) {
            case Kind::boolean:
                if (!value.is_bool()) return mismatch(value, shape, path);
                *static_cast<bool*>(out) = value.get_bool();
                return true;
            case Kind::integer:
                return whole<std::int32_t>(value, shape, out, path);
            case Kind::long_:
                return whole<std::int64_t>(value, shape, out, path);
            case Kind::double_:
                if (!value.is_number() || !finite(value)) return mismatch(value, shape, path);
                *static_cast<double*>(out) = value.to_number<double>();
                return true;
            case Kind::string:
                if (!value.is_string()) return mismatch(value, shape, path);
                static_cast<std::string*>(out)->assign(value.get_string().data(), value.get_string().size());
                return true;
            case Kind::blob:
                return blob(value, shape, out, path);
            case Kind::timestamp:
                return timestamp(value, shape, out, path);
            case Kind::document:
                if (!finite(value)) return mismatch(value, shape, path);
                *static_cast<Document*>(out) = Document(value);
                return true;
            case Kind::list:
                return list(value, shape, out, path);
            case Kind::map:
                return map(value, shape, out, path);
            case Kind::structure:
                return structure(value, shape, out, path);
        }
        return true;
    }

    std::optional<JsonMismatch> found;

  private:
    bool mismatch(const json::value& value, const Shape& shape, const Path& path) {
        found = JsonMismatch{path.spell(), shape.kind, value.kind()};
        return false;
    }

    // A fraction is cut off, as AWS does.
    template <class T>
    bool whole(const json::value& value, const Shape& shape, void* out, const Path& path) {
        if (!value.is_number()) return mismatch(value, shape, path);
        if (value.is_double()) {
            const double number = std::trunc(value.get_double());
            if (!(number >= -9.2e18 && number <= 9.2e18)) return mismatch(value, shape, path);
            return store<T>(static_cast<std::int64_t>(number), value, shape, out, path);
        }
        if (value.is_uint64() && value.get_uint64() > std::numeric_limits<std::int64_t>::max())
            return mismatch(value, shape, path);
        return store<T>(value.to_number<std::int64_t>(), value, shape, out, path);
    }

    template <class T>
    bool store(
        std::int64_t number, const json::value& value, const Shape& shape, void* out, const Path& path
    ) {
        if (number < std::numeric_limits<T>::min() || number > std::numeric_limits<T>::max())
            return mismatch(value, shape, path);
        *static_cast<T*>(out) = static_cast<T>(number);
        return true;
    }

    bool blob(const json::value& value, const Shape& shape, void* out, const Path& path) {
        if (!value.is_string()) return mismatch(value, shape, path);
        auto bytes = decode_base64({value.get_string().data(), value.get_string().size()});
        if (!bytes) return mismatch(value, shape, path);
        *static_cast<std::string*>(out) = *std::move(bytes);
        return true;
    }

    bool timestamp(const json::value& value, const Shape& shape, void* out, const Path& path) {
        if (!value.is_number()) return mismatch(value, shape, path);
        const double ms = std::round(value.to_number<double>() * 1000);
        if (!(std::abs(ms) <= 9e18)) return mismatch(value, shape, path);
        static_cast<Timestamp*>(out)->ms = static_cast<std::int64_t>(ms);
        return true;
    }

    bool list(const json::value& value, const Shape& shape, void* out, const Path& path) {
        if (!value.is_array()) return mismatch(value, shape, path);
        std::size_t index = 0;
        for (const auto& entry : value.get_array()) {
            const Path here{&path, nullptr, ++index, {}};
            if (!read(entry, *shape.element, shape.list->append(out), here)) return false;
        }
        return true;
    }

    bool map(const json::value& value, const Shape& shape, void* out, const Path& path) {
        if (!value.is_object()) return mismatch(value, shape, path);
        for (const auto& [key, entry] : value.get_object()) {
            const Path here{&path, nullptr, 0, {key.data(), key.size()}};
            if (!read(entry, *shape.element, shape.map->insert(out, std::string(key)), here)) return false;
        }
        return true;
    }

    bool structure(const json::value& value, const Shape& shape, void* out, const Path& path) {
        if (!value.is_object()) return mismatch(value, shape, path);
        json::object unknown;
        for (const auto& [key, entry] : value.get_object()) {
            const Member* member = find_member(shape, key.data(), key.size());
            if (member == nullptr) {
                if (shape.unknown_offset < 0) continue;
                if (!finite(entry)) return mismatch(entry, shape, path);
                unknown.emplace(key, entry);
                continue;
            }
            if (entry.is_null()) continue;
            void* address = member_address(*member, out);
            if (member->optional != nullptr) address = member->optional->emplace(address);
            const Path here{&path, member->name, 0, {}};
            if (!read(entry, *member->shape, address, here)) return false;
        }
        if (!unknown.empty()) {
            auto* kept = static_cast<char*>(out) + shape.unknown_offset;
            *reinterpret_cast<UnknownMembers*>(kept) = UnknownMembers(std::move(unknown));
        }
        if (missing_ != nullptr) note_missing(value.get_object(), shape, path);
        return true;
    }

    void note_missing(const json::object& object, const Shape& shape, const Path& path) {
        for (std::size_t i = 0; i < shape.member_count; ++i) {
            const Member& member = shape.members[i];
            if (!member.required) continue;
            const json::value* entry = object.if_contains(member.name);
            if (entry == nullptr || entry->is_null())
                missing_->push_back(Path{&path, member.name, 0, {}}.spell());
        }
    }

    std::vector<std::string>* missing_;
};

const char* kind_name(Kind kind) {
    static constexpr const char* kNames[] = {"boolean",   "integer",  "long", "double", "string",   "blob",
                                             "timestamp", "document", "list", "map",    "structure"};
    return kNames[static_cast<std::size_t>(kind)];
}

}  // namespace

const Member* find_member(const Shape& structure, const char* name, std::size_t length) {
    std::size_t low = 0, high = structure.member_count;
    const std::string_view wanted(name, length);
    while (low < high) {
        const std::size_t middle = (low + high) / 2;
        const Member& member = structure.members[structure.by_name[middle]];
        const int order = wanted.compare(member.name);
        if (order == 0) return &member;
        if (order < 0) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    return nullptr;
}

std::optional<JsonMismatch> read_json(
    const json::value& value, const Shape& shape, void* out, std::vector<std::string>* missing
) {
    Reader reader(missing);
    reader.read(value, shape, out, Path{nullptr, nullptr, 0, {}});
    return std::move(reader.found);
}

Result<void> read_record(const json::value& value, const Shape& shape, void* out) {
    if (auto wrong = read_json(value, shape, out, nullptr)) {
        return trouble(
            Errc::invalid,
            std::string(shape.name) + "." + wrong->path + " is not a " + kind_name(wrong->expected)
        );
    }
    return {};
}

}  // namespace gantry::shapes
