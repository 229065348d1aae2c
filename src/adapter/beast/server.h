#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <memory>
#include <string>

#include "base/instant.h"
#include "base/result.h"
#include "port/http.h"

namespace gantry::adapter::beast {

struct ServerLimits {
    std::uint32_t header_bytes = 64 << 10;
    std::uint64_t body_bytes = 6 << 20;
    // When there are more, the one that has been silent longest is closed.
    std::size_t connections = 2'000;
    Duration idle{75'000};     // from the last answer to the end of the next header
    Duration body{30'000};     // from the header's to the body's end
    Duration answer{30'000};   // a client that does not take its answer
    Duration stopping{5'000};  // what stop() grants to requests that are being answered
};

// An HTTP/1.1 server on one thread's executor. Answers itself: 400 to what is not HTTP, 413 and 431 to what
// is too large, 417 to an Expect it does not know. A handler's request is complete and within the limits.
class Server {
  public:
    Server(boost::asio::any_io_executor executor, port::HttpHandler handler, ServerLimits limits = {});
    // After stop().
    ~Server();
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    // Port 0 takes a free one; returns the port. share_port: several servers may listen there and share the
    // connections. Errc::conflict when the port is taken.
    Result<std::uint16_t> listen(const std::string& address, std::uint16_t port, bool share_port = false);
    // A listening TCP socket, in whatever network namespace; the server owns it from now on.
    Result<std::uint16_t> adopt(int listening_fd);

    // Takes no more connections, closes the silent ones, waits for the others, then closes them too.
    boost::asio::awaitable<void> stop();

    std::size_t connections() const;

  private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace gantry::adapter::beast
