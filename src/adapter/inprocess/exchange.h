#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <memory>

#include "port/link.h"

namespace gantry::adapter::inprocess {

// Where workers and the control plane of one process meet. Connector and acceptor may be used from different
// threads; each Link end keeps the rules of port/link.h. A sender waits when kMessagesMax are not yet
// received.
class Exchange {
  public:
    static constexpr std::size_t kMessagesMax = 1'024;

    explicit Exchange(boost::asio::any_io_executor executor);
    ~Exchange();

    std::unique_ptr<port::LinkConnector> connector();
    std::unique_ptr<port::LinkAcceptor> acceptor();

  private:
    struct Meeting;
    std::shared_ptr<Meeting> meeting_;
};

}  // namespace gantry::adapter::inprocess
