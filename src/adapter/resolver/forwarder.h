#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/address.hpp>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace gantry::adapter::resolver {

struct Upstreams {
    // Read again when it changes; no name server in it means the one on this machine, as resolv.conf(5) says.
    std::string resolv_conf = "/etc/resolv.conf";
    std::uint16_t port = 53;
    std::chrono::milliseconds patience{2000};  // per name server
};

// Asks the host's name servers, one after the other. Its sockets belong to the namespace of the thread that
// runs it.
class Forwarder {
  public:
    Forwarder(boost::asio::any_io_executor executor, Upstreams upstreams)
        : executor_(std::move(executor)), upstreams_(std::move(upstreams)) {}

    // The reply to a well-formed query, under the query's id; nothing when nobody answered.
    boost::asio::awaitable<std::optional<std::string>> ask(std::string query, bool over_tcp);

  private:
    std::vector<boost::asio::ip::address> servers();
    boost::asio::awaitable<std::optional<std::string>> ask_udp(
        boost::asio::ip::address server, std::string query
    );
    boost::asio::awaitable<std::optional<std::string>> ask_tcp(
        boost::asio::ip::address server, std::string query
    );

    boost::asio::any_io_executor executor_;
    Upstreams upstreams_;
    std::vector<boost::asio::ip::address> servers_;
    std::int64_t read_stamp_ = -1;
};

}  // namespace gantry::adapter::resolver
