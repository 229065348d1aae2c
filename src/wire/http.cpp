#include "wire/http.h"

#include <algorithm>

namespace gantry::wire {

static char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

bool same_ignoring_case(std::string_view left, std::string_view right) {
    return std::equal(left.begin(), left.end(), right.begin(), right.end(), [](char a, char b) {
        return lower(a) == lower(b);
    });
}

const std::string* find_header(const Headers& headers, std::string_view name) {
    for (const auto& [key, value] : headers) {
        if (same_ignoring_case(key, name)) return &value;
    }
    return nullptr;
}

std::string_view header(const HttpRequest& request, std::string_view name) {
    const std::string* found = find_header(request.headers, name);
    return found == nullptr ? std::string_view() : std::string_view(*found);
}

std::string_view path_of(const HttpRequest& request) {
    return std::string_view(request.target).substr(0, request.target.find('?'));
}

std::string_view query_of(const HttpRequest& request) {
    const auto mark = request.target.find('?');
    return mark == std::string::npos ? std::string_view() : std::string_view(request.target).substr(mark + 1);
}

}  // namespace gantry::wire
