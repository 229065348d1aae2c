#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <chrono>
#include <memory>

#include "adapter/resolver/forwarder.h"
#include "port/resolver.h"

namespace gantry::adapter::resolver {

struct ServerOptions {
    Upstreams upstreams;
    std::size_t questions_max = 512;         // forwarded and not answered yet
    std::size_t connections_max = 128;       // TCP
    std::chrono::milliseconds idle{10'000};  // of a TCP connection
};

// All calls and all work happen on the executor, which runs one thing at a time.
class Server final : public port::Resolver {
  public:
    Server(boost::asio::any_io_executor executor, ServerOptions options);
    ~Server() override;

    void set_names(port::Names names) override;
    void start(port::Descriptor udp, port::Descriptor tcp) override;
    boost::asio::awaitable<void> stop() override;

  private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace gantry::adapter::resolver
