#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "port/http.h"

namespace gantry::control {

// Keeps web pages of others from using a development server that asks for no real credentials: no foreign
// Origin, and as Host only loopback, what is in `hosts`, and *.gantry.internal, also behind the prefixes that
// clients add ("stream-", "data-"). Refused with AccessDenied.
Result<void> check_browser_rules(const port::HttpRequest& request, const std::vector<std::string>& hosts);

// The Host header's name without its port, in lower case; IPv6 without brackets.
std::string host_name(std::string_view host);
bool host_allowed(std::string_view name, const std::vector<std::string>& hosts);

// Whether that is how AWS writes a region: "ap-northeast-1". Anyone may name a region, and a region's name
// makes records.
bool looks_like_region(std::string_view region);

}  // namespace gantry::control
