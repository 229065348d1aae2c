#include "wire/rest.h"

#include <algorithm>

namespace gantry::wire {

using shapes::RestBinding;

namespace {

// The part up to the next '/', taken off the front.
std::string_view take_segment(std::string_view& path) {
    path.remove_prefix(1);
    const auto segment = path.substr(0, path.find('/'));
    path.remove_prefix(segment.size());
    return segment;
}

bool is_label(std::string_view segment) { return segment.starts_with('{') && segment.ends_with('}'); }

bool matches(std::string_view pattern, std::string_view path) {
    while (pattern.starts_with('/') && path.starts_with('/')) {
        const auto wanted = take_segment(pattern), given = take_segment(path);
        if (is_label(wanted) ? given.empty() : wanted != given) return false;
    }
    return pattern.empty() && path.empty();
}

}  // namespace

const RestBinding* find_rest(std::string_view method, std::string_view path) {
    for (const auto& binding : shapes::rest_bindings()) {
        if (method == binding.method && matches(binding.path, path)) return &binding;
    }
    return nullptr;
}

const RestBinding* find_rest(const shapes::Operation& operation) {
    for (const auto& binding : shapes::rest_bindings()) {
        if (binding.service == operation.service && std::string_view(operation.name) == binding.operation)
            return &binding;
    }
    return nullptr;
}

Result<Form> rest_form(const RestBinding& binding, const HttpRequest& request) {
    std::string text(query_of(request));
    std::string_view pattern = binding.path, path = path_of(request);
    while (pattern.starts_with('/') && path.starts_with('/')) {
        const auto wanted = take_segment(pattern), given = take_segment(path);
        if (!is_label(wanted)) continue;
        text += "&" + std::string(wanted) + "=";
        // In a path a plus is a plus, and '&' and '=' are none of a form's.
        for (const char c : given) {
            if (c == '+' || c == '&' || c == '=') {
                text += percent_encode(std::string_view(&c, 1), false);
            } else {
                text += c;
            }
        }
    }
    return Form::parse(text);
}

}  // namespace gantry::wire
