#include "adapter/haproxy/redirect.h"

#include <string_view>
#include <utility>

#include "adapter/haproxy/text.h"

namespace gantry::adapter::haproxy {
namespace {

std::string filled(std::string_view text, const std::string& protocol, int port) {
    const std::pair<std::string_view, std::string> placeholders[] = {
        {"#{protocol}", protocol},         {"#{host}", "%[var(txn.host)]"},
        {"#{port}", std::to_string(port)}, {"#{path}", "%[path,regsub(^/,)]"},
        {"#{query}", "%[query]"},
    };
    std::string out;
    while (!text.empty()) {
        bool replaced = false;
        for (const auto& [placeholder, value] : placeholders) {
            if (!text.starts_with(placeholder)) continue;
            out += value;
            text.remove_prefix(placeholder.size());
            replaced = true;
            break;
        }
        if (replaced) continue;
        out += format_literal(text.substr(0, 1));
        text.remove_prefix(1);
    }
    return out;
}

}  // namespace

std::string redirect_location(
    const link::BalancerAction& action, const std::string& protocol, int listener_port
) {
    const auto or_else = [](const std::string& given, const char* placeholder) {
        return given.empty() ? std::string(placeholder) : given;
    };
    const std::string scheme = filled(or_else(action.protocol, "#{protocol}"), protocol, listener_port);
    std::string lower_scheme;
    for (const char c : scheme) lower_scheme += c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    std::string location = lower_scheme + "://" +
                           filled(or_else(action.host, "#{host}"), protocol, listener_port) + ":" +
                           filled(or_else(action.port, "#{port}"), protocol, listener_port) +
                           filled(or_else(action.path, "/#{path}"), protocol, listener_port);
    if (action.query.empty()) return location;
    if (action.query == "#{query}") return location + "%[var(txn.query)]";
    return location + "?" + filled(action.query, protocol, listener_port);
}

}  // namespace gantry::adapter::haproxy
