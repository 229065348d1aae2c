#include "control/api_guard.h"

#include <algorithm>

namespace gantry::control {
namespace {

bool letter(char c) { return c >= 'a' && c <= 'z'; }
bool digit(char c) { return c >= '0' && c <= '9'; }

bool is_ipv4_loopback(std::string_view name) {
    return name.starts_with("127.") && std::ranges::all_of(name, [](char c) { return digit(c) || c == '.'; });
}

}  // namespace

std::string host_name(std::string_view host) {
    if (host.starts_with('[')) {
        host.remove_prefix(1);
        host = host.substr(0, host.find(']'));
    } else {
        host = host.substr(0, host.find(':'));
    }
    std::string name(host);
    std::ranges::transform(name, name.begin(), [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    });
    return name;
}

bool host_allowed(std::string_view name, const std::vector<std::string>& hosts) {
    for (const std::string_view prefix : {"stream-", "data-"}) {
        if (!name.starts_with(prefix)) continue;
        name.remove_prefix(prefix.size());
        break;
    }
    return name == "localhost" || name == "::1" || is_ipv4_loopback(name) ||
           name.ends_with(".gantry.internal") || std::ranges::find(hosts, name) != hosts.end();
}

Result<void> check_browser_rules(const port::HttpRequest& request, const std::vector<std::string>& hosts) {
    const auto host = request.header("Host");
    if (!host_allowed(host_name(host), hosts))
        return refuse("AccessDenied", "The host name of this request is not one of this server's.");
    const auto site = request.header("Sec-Fetch-Site");
    if (site == "cross-site" || site == "same-site")
        return refuse("AccessDenied", "Requests from other web sites are not accepted.");
    const auto origin = request.header("Origin");
    if (origin.empty()) return {};
    const auto scheme_end = origin.find("://");
    if (scheme_end == std::string_view::npos || origin.substr(scheme_end + 3) != host)
        return refuse("AccessDenied", "Requests from other web sites are not accepted.");
    return {};
}

bool looks_like_region(std::string_view region) {
    // xx-word[-word]-1: two letters, words, a number.
    if (region.size() > 32 || region.size() < 6 || !letter(region[0]) || !letter(region[1])) return false;
    const auto last = region.rfind('-');
    if (last == std::string_view::npos || last + 1 == region.size() || last < 4) return false;
    if (!std::ranges::all_of(region.substr(last + 1), digit)) return false;
    const auto words = region.substr(0, last);
    return words.find("--") == std::string_view::npos && words.find('-') != std::string_view::npos &&
           words.back() != '-' && std::ranges::all_of(words, [](char c) { return letter(c) || c == '-'; });
}

}  // namespace gantry::control
