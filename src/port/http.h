#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gantry::port {

// Name (as it came; compared without regard to case) and value.
using HttpHeaders = std::vector<std::pair<std::string, std::string>>;

bool same_header_name(std::string_view left, std::string_view right);

// A whole request: the server has read and bounded the body before anyone sees it.
struct HttpRequest {
    std::string method;  // "POST"
    std::string target;  // path and query, as sent, still percent-encoded
    HttpHeaders headers;
    std::string body;

    // The first of that name; empty when there is none.
    std::string_view header(std::string_view name) const {
        for (const auto& [one, value] : headers)
            if (same_header_name(one, name)) return value;
        return {};
    }
};

// The server adds Content-Length, Date and Connection.
struct HttpResponse {
    int status = 200;
    HttpHeaders headers;
    std::string body;
};

// Who is at the other end of the connection.
struct HttpPeer {
    std::string address;  // "127.0.0.1"
    std::uint16_t port = 0;
    std::string local_address;  // where the connection came in
    std::uint16_t local_port = 0;
    bool loopback = false;
};

using HttpHandler = std::function<boost::asio::awaitable<HttpResponse>(HttpRequest request, HttpPeer peer)>;

inline bool same_header_name(std::string_view left, std::string_view right) {
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
    if (left.size() != right.size()) return false;
    for (std::size_t i = 0; i < left.size(); ++i)
        if (lower(left[i]) != lower(right[i])) return false;
    return true;
}

}  // namespace gantry::port
