#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gantry::wire {

using Headers = std::vector<std::pair<std::string, std::string>>;

// One request as it came off the socket: plain data, so that routing and decoding are pure functions.
struct HttpRequest {
    std::string method;
    std::string target;  // path and query, still percent-encoded
    Headers headers;
    std::string body;  // de-chunked, but still compressed if Content-Encoding says so
};

struct HttpResponse {
    int status = 200;
    Headers headers;  // without Content-Length, Date, Connection: the server's business
    std::string body;
};

// The first header of that name in any case, or null.
const std::string* find_header(const Headers& headers, std::string_view name);
// The same, or "".
std::string_view header(const HttpRequest& request, std::string_view name);
bool same_ignoring_case(std::string_view left, std::string_view right);

std::string_view path_of(const HttpRequest& request);
std::string_view query_of(const HttpRequest& request);  // behind '?', or ""

}  // namespace gantry::wire
