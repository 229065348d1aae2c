#include "elbv2/attribute_facts.h"

#include <charconv>

namespace gantry::elbv2 {
namespace {

bool is_choice(std::string_view choices, std::string_view value) {
    while (!choices.empty()) {
        const auto end = choices.find('|');
        if (choices.substr(0, end) == value) return true;
        if (end == std::string_view::npos) break;
        choices.remove_prefix(end + 1);
    }
    return false;
}

std::string listed(std::string_view choices) {
    std::string list;
    for (const char c : choices) list += c == '|' ? std::string(", ") : std::string(1, c);
    return list;
}

tl::unexpected<Error> bad(const AttributeFact& fact, const std::string& value, const std::string& rule) {
    return refuse(
        "ValidationError", "The value '" + value + "' of attribute '" + fact.key + "' must be " + rule
    );
}

const AttributeFact* find(const AttributeFacts& facts, const std::string& key) {
    for (const auto& part : facts) {
        for (const auto& fact : part) {
            if (fact.key == key) return &fact;
        }
    }
    return nullptr;
}

}  // namespace

Attributes with_defaults(const AttributeFacts& facts, const Attributes& set) {
    Attributes all;
    for (const auto& part : facts) {
        for (const auto& fact : part) all[fact.key] = fact.initial;
    }
    for (const auto& [key, value] : set) all[key] = value;
    return all;
}

Result<> change(
    const AttributeFacts& facts, const std::string& noun, const Attributes& changes, Attributes& set
) {
    for (const auto& [key, value] : changes) {
        const auto* fact = find(facts, key);
        if (fact == nullptr)
            return refuse("ValidationError", noun + " attribute key '" + key + "' is not recognized");
        TRY_VOID(check_value(*fact, value));
        set[key] = value;
    }
    return {};
}

Result<> check_value(const AttributeFact& fact, const std::string& value) {
    switch (fact.kind) {
        case AttributeFact::Kind::boolean:
            if (value != "true" && value != "false") return bad(fact, value, "either 'true' or 'false'");
            return {};
        case AttributeFact::Kind::choice:
            if (!is_choice(fact.choices, value)) return bad(fact, value, "one of " + listed(fact.choices));
            return {};
        case AttributeFact::Kind::number: {
            if ((fact.off && value == "off") || (fact.zero && value == "0")) return {};
            long number = 0;
            const auto end = value.data() + value.size();
            const auto read = std::from_chars(value.data(), end, number);
            if (read.ec != std::errc() || read.ptr != end || number < fact.least || number > fact.most) {
                const std::string beside = fact.off ? "'off' or " : fact.zero ? "0 or " : "";
                return bad(
                    fact, value,
                    beside + "a number between " + std::to_string(fact.least) + " and " + std::to_string(fact.most)
                );
            }
            return {};
        }
        default:
            return {};
    }
}

}  // namespace gantry::elbv2
