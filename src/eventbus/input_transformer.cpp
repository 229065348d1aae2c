#include "eventbus/input_transformer.h"

#include <boost/json.hpp>
#include <functional>
#include <optional>

#include "eventbus/event.h"
#include "eventbus/find_bus.h"
#include "eventbus/json_path.h"

namespace gantry::eventbus {

namespace json = boost::json;
using shapes::events::InputTransformer;
using shapes::events::Target;

namespace {

// A variable's value as JSON text; absent: there is no such variable.
using ValueOf = std::function<std::optional<std::string>(const std::string& name)>;

std::string_view variable_at(std::string_view text) {
    const auto end = text.find('>');
    if (end == std::string_view::npos || end < 2) return {};
    const auto name = text.substr(1, end - 1);
    for (const char c : name) {
        const bool fits = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
                          c == '-' || c == '.';
        if (!fits) return {};
    }
    return name;
}

// JSON text for the inside of a string: a string's own inside; of anything else its JSON, escaped.
std::string inside_string(const std::string& value) {
    const std::string quoted = value.starts_with('"') ? value : json::serialize(json::string(value));
    return quoted.substr(1, quoted.size() - 2);
}

std::string fill(std::string_view text, const ValueOf& value_of) {
    std::string out;
    bool quoted = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (quoted && c == '\\' && i + 1 < text.size()) {
            out += c;
            out += text[++i];
            continue;
        }
        if (c == '"') quoted = !quoted;
        if (c == '<') {
            const std::string name(variable_at(text.substr(i)));
            if (const auto value = name.empty() ? std::nullopt : value_of(name)) {
                out += quoted ? inside_string(*value) : *value;
                i += name.size() + 1;
                continue;
            }
        }
        out += c;
    }
    return out;
}

// One JSON value, or one on each line.
bool is_json(const std::string& text) {
    boost::system::error_code wrong;
    (void)json::parse(text, wrong);
    if (!wrong) return true;
    std::size_t at = 0;
    while (at < text.size()) {
        const auto end = std::min(text.find('\n', at), text.size());
        const auto line = text.substr(at, end - at);
        at = end + 1;
        if (line.find_first_not_of(" \t\r") == std::string::npos) continue;
        (void)json::parse(line, wrong);
        if (wrong) return false;
    }
    return !text.empty();
}

bool predefined(const std::string& name) {
    return name == "aws.events.rule-arn" || name == "aws.events.rule-name" || name == "aws.events.event" ||
           name == "aws.events.event.json" || name == "aws.events.event.ingestion-time";
}

Result<void> admit_transformer(const InputTransformer& given, const std::string& id) {
    const auto wrong = [&](const std::string& what) { return refuse(kInvalid, what + " for target " + id + "."); };
    std::optional<std::string> unknown;
    const auto value_of = [&](const std::string& name) -> std::optional<std::string> {
        const bool known = given.input_paths_map && given.input_paths_map->contains(name);
        if (!known && !predefined(name)) unknown = name;
        return "\"\"";
    };
    if (given.input_paths_map) {
        for (const auto& [name, path] : *given.input_paths_map) {
            if (name.starts_with("AWS")) return wrong("InputPathsMap has the reserved key " + name);
            if (!JsonPath::parse(path)) return wrong("InputPathsMap has the invalid path " + path);
        }
    }
    const auto filled = fill(given.input_template, value_of);
    if (unknown) return wrong("InputTemplate uses <" + *unknown + ">, which is not in InputPathsMap,");
    if (!is_json(filled)) return wrong("Invalid InputTemplate: it is not valid JSON once its variables are filled in,");
    return {};
}

}  // namespace

Result<void> admit_input(const Target& target) {
    const int given = (target.input ? 1 : 0) + (target.input_path ? 1 : 0) + (target.input_transformer ? 1 : 0);
    if (given > 1) {
        return refuse(
            kInvalid,
            "Only one of Input, InputPath, or InputTransformer must be provided for target " + target.id + "."
        );
    }
    if (target.input) {
        boost::system::error_code wrong;
        (void)json::parse(*target.input, wrong);
        if (wrong) return refuse(kInvalid, "JSON syntax error in input for target " + target.id + ".");
    }
    if (target.input_path && !target.input_path->empty() && !JsonPath::parse(*target.input_path))
        return refuse(kInvalid, "InputPath for target " + target.id + " is invalid.");
    if (target.input_transformer) return admit_transformer(*target.input_transformer, target.id);
    return {};
}

std::string input_of(
    const Target& target,
    const RuleRecord& rule,
    const json::value& event,
    const std::string& text,
    PolicyInstant ingested
) {
    if (target.input) return *target.input;
    if (target.input_path && !target.input_path->empty()) {
        const auto path = JsonPath::parse(*target.input_path);
        const auto* value = path ? path->find(event) : nullptr;
        return value == nullptr ? "null" : json::serialize(*value);
    }
    if (!target.input_transformer) return text;
    const auto& given = *target.input_transformer;
    const auto value_of = [&](const std::string& name) -> std::optional<std::string> {
        const auto quoted = [](const std::string& value) { return json::serialize(json::string(value)); };
        if (name == "aws.events.rule-arn") return quoted(rule.arn());
        if (name == "aws.events.rule-name") return quoted(rule.name);
        if (name == "aws.events.event.ingestion-time") return quoted(event_time(ingested));
        if (name == "aws.events.event.json") return text;
        if (name == "aws.events.event") {
            json::object bare = event.is_object() ? event.get_object() : json::object();
            bare.erase("detail");
            return json::serialize(bare);
        }
        if (!given.input_paths_map) return std::nullopt;
        const auto found = given.input_paths_map->find(name);
        if (found == given.input_paths_map->end()) return std::nullopt;
        const auto path = JsonPath::parse(found->second);
        const auto* value = path ? path->find(event) : nullptr;
        return value == nullptr ? "\"\"" : json::serialize(*value);
    };
    return fill(given.input_template, value_of);
}

}  // namespace gantry::eventbus
