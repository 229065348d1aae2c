#include "wire/validate.h"

#include "wire/dialect.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "shapes/shape.h"

namespace gantry::wire {

namespace {

using shapes::Kind;
using shapes::Member;
using shapes::Protocol;
using shapes::Shape;

// What AWS's edge checks for a service; the rest its handlers check with words of their own.
struct Policy {
    bool lengths;
    bool ranges;
    bool patterns;
    bool enums;
    const char* code;
};

Policy policy_of(const shapes::Service& service) {
    const std::string_view id = service.id;
    if (id == "ecs") return {false, false, false, true, "InvalidParameterException"};
    if (id == "logs") return {true, true, true, true, "InvalidParameterException"};
    if (service.protocol == Protocol::ec2) return {false, true, false, true, "InvalidParameterValue"};
    if (service.protocol == Protocol::query || speaks_query_too(service))
        return {true, true, true, true, "ValidationError"};
    return {true, true, true, true, "ValidationException"};
}

constexpr std::size_t kMaxViolations = 10;
constexpr std::size_t kMaxEcho = 256;

std::string echo(std::string_view text) {
    if (text.size() <= kMaxEcho) return std::string(text);
    std::size_t cut = kMaxEcho;
    while (cut > 0 && (static_cast<unsigned char>(text[cut]) & 0xc0) == 0x80) --cut;
    return std::string(text.substr(0, cut)) + "...";
}

std::size_t characters(const std::string& text) {
    return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
        return (static_cast<unsigned char>(c) & 0xc0) != 0x80;
    }));
}

std::string whole(double number) {
    char text[64];
    std::snprintf(text, sizeof text, "%.0f", number);
    return text;
}

std::string lower_first(std::string text) {
    if (!text.empty() && text[0] >= 'A' && text[0] <= 'Z') text[0] = static_cast<char>(text[0] + 32);
    return text;
}

// Where a value stands: a chain on the stack, spelled out only for a violation.
struct Path {
    const Path* parent;  // null: the input itself
    enum class Step { member, entry, key, value } step = Step::member;
    std::string_view name = {};  // of a member, or the key of a map's entry
    std::size_t index = 0;       // 1-based, of a list's entry
    bool query_name = false;

    std::string spell() const {
        std::string text = parent == nullptr ? std::string() : parent->spell();
        if (parent == nullptr) return text;
        switch (step) {
            case Step::member:
                if (!text.empty()) text += '.';
                return text + (query_name ? lower_first(std::string(name)) : std::string(name));
            case Step::entry:
                return text + "." + std::to_string(index) + ".member";
            case Step::key:
                return text + ".key";
            case Step::value:
                return text + "." + echo(name) + ".member";
        }
        return text;
    }
};

struct Violation {
    std::string path;
    std::string value;  // quoted where AWS quotes it
    std::string constraint;
};

class Checker {
  public:
    Checker(const Policy& policy, bool query_names, const std::vector<std::string>& missing)
        : policy_(policy), query_names_(query_names), missing_(missing) {}

    void structure(const Shape& shape, const void* value, const Path& path) {
        for (std::size_t i = 0; i < shape.member_count && found.size() < kMaxViolations; ++i) {
            const Member& member = shape.members[i];
            const void* field = shapes::member_value(member, value);
            if (field == nullptr) continue;
            // A client that sends an empty token sends none.
            if (member.idempotency_token && static_cast<const std::string*>(field)->empty()) continue;
            const Path here{&path, Path::Step::member, member.name, 0, query_names_};
            // An absent required member is null, which is said of it already; its default value is nobody's.
            if (!missing_.empty() && std::find(missing_.begin(), missing_.end(), here.spell()) != missing_.end())
                continue;
            check(*member.shape, field, here);
        }
    }

    std::vector<Violation> found;

  private:
    void check(const Shape& shape, const void* value, const Path& path) {
        switch (shape.kind) {
            case Kind::string:
                string(shape, *static_cast<const std::string*>(value), path);
                return;
            case Kind::integer:
                number(shape, *static_cast<const std::int32_t*>(value), path);
                return;
            case Kind::long_:
                number(shape, static_cast<double>(*static_cast<const std::int64_t*>(value)), path);
                return;
            case Kind::double_:
                number(shape, *static_cast<const double*>(value), path);
                return;
            case Kind::blob:
                length(
                    shape, static_cast<const std::string*>(value)->size(), path, "java.nio.HeapByteBuffer"
                );
                return;
            case Kind::list:
                list(shape, value, path);
                return;
            case Kind::map:
                map(shape, value, path);
                return;
            case Kind::structure:
                structure(shape, value, path);
                return;
            default:
                return;
        }
    }

    void string(const Shape& shape, const std::string& text, const Path& path) {
        if (policy_.lengths && (shape.has_min || shape.has_max)) length(shape, characters(text), path, text);
        if (policy_.patterns && shape.pattern != nullptr && !matches_pattern(shape.pattern, text)) {
            add(path, text, "Member must satisfy regular expression pattern: " + std::string(shape.pattern));
        }
        if (policy_.enums && shape.enum_count != 0) one_of(shape, text, path);
    }

    void one_of(const Shape& shape, const std::string& text, const Path& path) {
        for (std::size_t i = 0; i < shape.enum_count; ++i) {
            if (text == shape.enum_values[i]) return;
        }
        std::string known;
        for (std::size_t i = 0; i < shape.enum_count; ++i) {
            known += (i == 0 ? "" : ", ") + std::string(shape.enum_values[i]);
        }
        add(path, text, "Member must satisfy enum value set: [" + known + "]");
    }

    void length(const Shape& shape, std::size_t size, const Path& path, const std::string& shown) {
        if (!policy_.lengths) return;
        const auto actual = static_cast<double>(size);
        if (shape.has_max && actual > shape.max)
            add(path, shown, "Member must have length less than or equal to " + whole(shape.max));
        if (shape.has_min && actual < shape.min)
            add(path, shown, "Member must have length greater than or equal to " + whole(shape.min));
    }

    void number(const Shape& shape, double value, const Path& path) {
        if (!policy_.ranges) return;
        if (shape.has_max && value > shape.max)
            add(path, whole(value), "Member must have value less than or equal to " + whole(shape.max));
        if (shape.has_min && value < shape.min)
            add(path, whole(value), "Member must have value greater than or equal to " + whole(shape.min));
    }

    void list(const Shape& shape, const void* value, const Path& path) {
        const std::size_t size = shape.list->size(value);
        std::string shown;
        if (policy_.lengths && (shape.has_min || shape.has_max) && shape.element->kind == Kind::string) {
            for (std::size_t i = 0; i < size && shown.size() + 1 < kMaxEcho; ++i)
                shown += (i == 0 ? "" : ", ") + *static_cast<const std::string*>(shape.list->at(value, i));
        }
        length(shape, size, path, "[" + shown + "]");
        for (std::size_t i = 0; i < size && found.size() < kMaxViolations; ++i)
            check(*shape.element, shape.list->at(value, i), {&path, Path::Step::entry, {}, i + 1});
    }

    void map(const Shape& shape, const void* value, const Path& path) {
        length(shape, shape.map->size(value), path, "{}");
        struct Walk {
            Checker& checker;
            const Shape& shape;
            const Path& path;
        } walk{*this, shape, path};
        shape.map->each(value, &walk, [](void* context, const std::string& key, const void* entry) {
            const auto& [checker, of, at] = *static_cast<Walk*>(context);
            if (checker.found.size() >= kMaxViolations) return;
            if (of.key != nullptr) checker.check(*of.key, &key, {&at, Path::Step::key});
            checker.check(*of.element, entry, {&at, Path::Step::value, key});
        });
    }

    void add(const Path& path, const std::string& value, std::string constraint) {
        found.push_back({echo(path.spell()), "'" + echo(value) + "'", std::move(constraint)});
    }

    Policy policy_;
    bool query_names_;
    const std::vector<std::string>& missing_;
};

tl::unexpected<Error> refuse_all(const Policy& policy, const std::vector<Violation>& violations) {
    std::string text = std::to_string(violations.size()) + " validation error" +
                       (violations.size() == 1 ? "" : "s") + " detected: ";
    for (std::size_t i = 0; i < violations.size(); ++i) {
        const auto& [path, value, constraint] = violations[i];
        text += (i == 0 ? "Value " : "; Value ") + value + " at '" + path +
                "' failed to satisfy constraint: " + constraint;
    }
    return refuse(policy.code, std::move(text));
}

std::string last_part(const std::string& path) { return path.substr(path.rfind('.') + 1); }

// ECS has words of its own for what is missing, and others for task definitions.
tl::unexpected<Error> refuse_missing_ecs(const shapes::Operation& operation, const std::string& path) {
    std::string name = last_part(path);
    name[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(name[0])));
    if (std::strcmp(operation.name, "RegisterTaskDefinition") == 0) {
        const bool of_container =
            path.starts_with("containerDefinitions.") && std::count(path.begin(), path.end(), '.') == 3;
        return refuse(
            "ClientException",
            (of_container ? "Container." + last_part(path) : name) + " should not be null or empty."
        );
    }
    const Member* member = shapes::find_member(*operation.input, path.data(), path.size());
    const bool list = member != nullptr && member->shape->kind == Kind::list;
    return refuse("InvalidParameterException", name + (list ? " cannot be empty." : " can not be blank."));
}

}  // namespace

Result<void> validate(
    const shapes::Operation& operation, const void* input, const std::vector<std::string>& missing
) {
    const auto& service = *operation.service;
    const Policy policy = policy_of(service);
    if (!missing.empty()) {
        if (service.protocol == Protocol::ec2)
            return refuse(
                "MissingParameter", "The request must contain the parameter " + echo(missing.front())
            );
        if (std::string_view(service.id) == "ecs") return refuse_missing_ecs(operation, missing.front());
    }
    Checker checker(policy, service.protocol != Protocol::aws_json, missing);
    for (std::size_t i = 0; i < std::min(missing.size(), kMaxViolations); ++i)
        checker.found.push_back({echo(missing[i]), "null", "Member must not be null"});
    checker.structure(*operation.input, input, Path{nullptr});
    if (checker.found.empty()) return {};
    if (service.protocol == Protocol::ec2) {
        const auto& first = checker.found.front();
        return refuse(
            policy.code, "Value (" + first.value.substr(1, first.value.size() - 2) + ") for parameter " +
                             first.path + " is invalid."
        );
    }
    return refuse_all(policy, checker.found);
}

}  // namespace gantry::wire
