#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/ssl/context.hpp>

#include "port/network.h"
#include "port/prober.h"

namespace gantry::adapter::prober {

// Probes from inside the router, over sockets that the network makes. All calls happen on `executor`, which
// runs one thing at a time.
class Prober : public port::Prober {
  public:
    Prober(boost::asio::any_io_executor executor, port::Network& network);

    boost::asio::awaitable<port::Probed> probe(port::Probe probe) override;

  private:
    boost::asio::awaitable<port::Probed> ask(const port::Probe& probe, int socket);

    boost::asio::any_io_executor executor_;
    port::Network& network_;
    boost::asio::ssl::context tls_;
};

}  // namespace gantry::adapter::prober
