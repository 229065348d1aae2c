#include <charconv>
#include <cmath>
#include <type_traits>

#include "shapes/base64.h"
#include "shapes/shape.h"
#include "shapes/timestamp.h"
#include "wire/decode.h"
#include "wire/time_text.h"

namespace gantry::wire {

namespace {

using shapes::Kind;
using shapes::Member;
using shapes::Shape;

constexpr int kMaxDepth = 32;

std::string lower_first(std::string text) {
    if (!text.empty() && text[0] >= 'A' && text[0] <= 'Z') text[0] = static_cast<char>(text[0] + 32);
    return text;
}

// Walks the shape and asks the form for each name; never the other way round, so a hostile form costs what
// its size costs.
class FormReader {
  public:
    FormReader(const Form& form, bool ec2, std::vector<std::string>& missing)
        : form_(form), ec2_(ec2), missing_(missing) {}

    Result<void> structure(
        const Shape& shape, void* out, const std::string& prefix, const std::string& path, int depth
    ) {
        if (depth > kMaxDepth) return bad(prefix, "");
        for (std::size_t i = 0; i < shape.member_count; ++i) {
            const Member& member = shape.members[i];
            const std::string name = prefix.empty() ? member.query : prefix + "." + member.query;
            // The element's form name is the query's, the error's path is the model's.
            const std::string own = ec2_ ? std::string(member.query) : lower_first(member.name);
            const std::string here = path.empty() ? own : path + "." + own;
            if (!present(member, name)) {
                if (member.required) missing_.push_back(here);
                continue;
            }
            void* address = shapes::member_address(member, out);
            if (member.optional != nullptr) address = member.optional->emplace(address);
            TRY_VOID(value(*member.shape, address, name, here, member.flattened, depth + 1));
        }
        return {};
    }

  private:
    // An empty text is a value for a string, an empty list for a list, and nothing for anything else.
    bool present(const Member& member, const std::string& name) const {
        const std::string* text = form_.find(name);
        const Kind kind = member.shape->kind;
        if (text != nullptr && !text->empty()) return true;
        if (text != nullptr &&
            (kind == Kind::string || kind == Kind::blob || kind == Kind::list || kind == Kind::map))
            return true;
        const bool nested = kind == Kind::list || kind == Kind::map || kind == Kind::structure;
        return nested && form_.has_prefix(name) && (text == nullptr || kind != Kind::structure);
    }

    Result<void> value(
        const Shape& shape,
        void* out,
        const std::string& name,
        const std::string& path,
        bool flattened,
        int depth
    ) {
        if (shape.kind == Kind::structure) return structure(shape, out, name, path, depth);
        if (shape.kind == Kind::list) return list(shape, out, name, path, flattened, depth);
        if (shape.kind == Kind::map) return map(shape, out, name, path, flattened, depth);
        const std::string* text = form_.find(name);
        if (text == nullptr) return bad(path, "");
        return scalar(shape, out, *text, path);
    }

    Result<void> scalar(const Shape& shape, void* out, const std::string& text, const std::string& path) {
        switch (shape.kind) {
            case Kind::string:
                *static_cast<std::string*>(out) = text;
                return {};
            case Kind::boolean:
                if (text != "true" && text != "false" && text != "True" && text != "False" &&
                    text != "TRUE" && text != "FALSE" && text != "1" && text != "0") {
                    return bad(path, text);
                }
                *static_cast<bool*>(out) = text[0] == 't' || text[0] == 'T' || text[0] == '1';
                return {};
            case Kind::integer:
                return number<std::int32_t>(out, text, path);
            case Kind::long_:
                return number<std::int64_t>(out, text, path);
            case Kind::double_:
                return number<double>(out, text, path);
            case Kind::blob: {
                auto bytes = shapes::decode_base64(text);
                if (!bytes) return bad(path, text);
                *static_cast<std::string*>(out) = *std::move(bytes);
                return {};
            }
            case Kind::timestamp: {
                const auto ms = parse_time(text);
                if (!ms) return bad(path, text);
                static_cast<shapes::Timestamp*>(out)->ms = *ms;
                return {};
            }
            default:
                return bad(path, text);
        }
    }

    template <class T>
    Result<void> number(void* out, const std::string& text, const std::string& path) {
        T read{};
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), read);
        if (error != std::errc() || end != text.data() + text.size()) return bad(path, text);
        if constexpr (std::is_same_v<T, double>) {
            if (!std::isfinite(read)) return bad(path, text);
        }
        *static_cast<T*>(out) = read;
        return {};
    }

    Result<void> list(
        const Shape& shape,
        void* out,
        const std::string& name,
        const std::string& path,
        bool flattened,
        int depth
    ) {
        const bool direct = flattened || shape.element_query == nullptr;
        const std::string prefix = direct ? name : name + "." + shape.element_query;
        std::size_t count = 0;
        const auto indexes = form_.indexes(prefix);
        if (!indexes) return bad_index(path, indexes.error());
        for (const std::uint32_t index : *indexes) {
            const std::string entry = prefix + "." + std::to_string(index);
            const std::string here =
                ec2_ ? path + "." + std::to_string(index) : path + "." + std::to_string(++count) + ".member";
            if (depth > kMaxDepth) return bad(path, "");
            TRY_VOID(value(*shape.element, shape.list->append(out), entry, here, false, depth + 1));
        }
        return {};
    }

    Result<void> map(
        const Shape& shape,
        void* out,
        const std::string& name,
        const std::string& path,
        bool flattened,
        int depth
    ) {
        const std::string prefix = flattened ? name : name + ".entry";
        const auto indexes = form_.indexes(prefix);
        if (!indexes) return bad_index(path, indexes.error());
        for (const std::uint32_t index : *indexes) {
            const std::string entry = prefix + "." + std::to_string(index) + ".";
            const std::string* key = form_.find(entry + shape.key_xml);
            if (key == nullptr || depth > kMaxDepth) return bad(path, "");
            const std::string here = path + "." + key->substr(0, 128) + ".member";
            void* address = shape.map->insert(out, *key);
            TRY_VOID(value(*shape.element, address, entry + shape.element_xml, here, false, depth + 1));
        }
        return {};
    }

    tl::unexpected<Error> bad(const std::string& path, const std::string& text) const {
        const std::string shown = text.substr(0, 256);
        if (ec2_) {
            return refuse(
                "InvalidParameterValue",
                "Value (" + shown + ") for parameter " + lower_first(path) + " is invalid."
            );
        }
        return refuse("MalformedInput", "'" + shown + "' is not a valid value for '" + path + "'.");
    }

    // An element that is passed over could be the one that narrows a filter or names what to spare.
    tl::unexpected<Error> bad_index(const std::string& path, const std::string& text) const {
        const std::string reason = text.substr(0, 256) + " is not a valid index";
        if (!ec2_) return refuse("MalformedInput", reason);
        auto error = bad(path, text);
        error.value().message += " " + reason + ".";
        return error;
    }

    const Form& form_;
    bool ec2_;
    std::vector<std::string>& missing_;
};

}  // namespace

Result<void> decode_form(
    const Form& form, const shapes::Operation& operation, void* out, std::vector<std::string>& missing
) {
    FormReader reader(form, operation.service->protocol == shapes::Protocol::ec2, missing);
    return reader.structure(*operation.input, out, "", "", 0);
}

}  // namespace gantry::wire
