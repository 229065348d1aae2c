#include "admin_client.h"

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/version.hpp>
#include <boost/json.hpp>

namespace gantry::app {

namespace beast = boost::beast;
namespace http = beast::http;
using boost::asio::ip::tcp;

Result<std::string> ask_server(
    const Installation& installation,
    const std::string& method,
    const std::string& path,
    const std::string& body
) {
    TRY(const auto server, read_server_file(installation));
    std::string address = server.endpoint.substr(server.endpoint.find("//") + 2);
    const auto colon = address.rfind(':');
    boost::asio::io_context io;
    beast::tcp_stream stream(io);
    boost::system::error_code failed;
    const auto ip = boost::asio::ip::make_address(address.substr(0, colon), failed);
    if (failed) return trouble(Errc::invalid, "not an address: " + address);
    // The stream's time-out needs an asynchronous operation; the client has nothing else to do meanwhile.
    const auto wait = [&](auto&& start) {
        stream.expires_after(std::chrono::seconds(60));
        start([&](boost::system::error_code code, auto...) { failed = code; });
        io.restart();
        io.run();
        return !failed;
    };
    const tcp::endpoint endpoint(ip, static_cast<unsigned short>(std::stoi(address.substr(colon + 1))));
    if (!wait([&](auto done) { stream.async_connect(endpoint, std::move(done)); })) {
        return trouble(
            Errc::unavailable, "no server answers at " + server.endpoint + ": " + failed.message()
        );
    }
    http::request<http::string_body> request(http::string_to_verb(method), path, 11);
    request.set(http::field::host, address);
    request.set(http::field::user_agent, "gantry");
    if (!server.admin_token.empty()) request.set("X-Gantry-Token", server.admin_token);
    request.body() = body;
    request.prepare_payload();
    beast::flat_buffer buffer;
    http::response_parser<http::string_body> parser;
    parser.body_limit(boost::none);
    if (!wait([&](auto done) { http::async_write(stream, request, std::move(done)); }) ||
        !wait([&](auto done) { http::async_read(stream, buffer, parser, std::move(done)); })) {
        return trouble(Errc::unavailable, server.endpoint + " broke off: " + failed.message());
    }
    const auto& response = parser.get();
    if (response.result_int() / 100 != 2) {
        // {"message":"…"}, or what else the server says.
        boost::system::error_code no_json;
        const auto answer = boost::json::parse(response.body(), no_json);
        const auto* said = !no_json && answer.is_object() ? answer.get_object().if_contains("message") : nullptr;
        return refuse(
            std::to_string(response.result_int()),
            said != nullptr && said->is_string() ? std::string(said->get_string()) : response.body()
        );
    }
    return response.body();
}

}  // namespace gantry::app
