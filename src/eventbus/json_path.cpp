#include "eventbus/json_path.h"

#include <boost/json.hpp>
#include <charconv>

namespace gantry::eventbus {

std::optional<JsonPath> JsonPath::parse(std::string_view text) {
    if (!text.starts_with('$')) return std::nullopt;
    text.remove_prefix(1);
    JsonPath path;
    while (!text.empty()) {
        if (text.starts_with('.')) {
            text.remove_prefix(1);
            const auto end = text.find_first_of(".[");
            const auto name = text.substr(0, end);
            if (name.empty() || name.find_first_of("*]'\"()? ") != std::string_view::npos) return std::nullopt;
            path.steps_.emplace_back(std::string(name));
            text.remove_prefix(name.size());
            continue;
        }
        const auto end = text.find(']');
        if (!text.starts_with('[') || end == std::string_view::npos) return std::nullopt;
        const auto inside = text.substr(1, end - 1);
        text.remove_prefix(end + 1);
        if (inside.size() > 2 && (inside.front() == '\'' || inside.front() == '"') &&
            inside.back() == inside.front()) {
            path.steps_.emplace_back(std::string(inside.substr(1, inside.size() - 2)));
            continue;
        }
        std::size_t index = 0;
        const auto [stop, error] = std::from_chars(inside.data(), inside.data() + inside.size(), index);
        if (error != std::errc() || stop != inside.data() + inside.size()) return std::nullopt;
        path.steps_.emplace_back(index);
    }
    return path;
}

const boost::json::value* JsonPath::find(const boost::json::value& in) const {
    const auto* at = &in;
    for (const auto& step : steps_) {
        if (const auto* name = std::get_if<std::string>(&step)) {
            at = at->is_object() ? at->get_object().if_contains(*name) : nullptr;
        } else {
            at = at->is_array() ? at->get_array().if_contains(std::get<std::size_t>(step)) : nullptr;
        }
        if (at == nullptr) return nullptr;
    }
    return at;
}

}  // namespace gantry::eventbus
