#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <memory>

#include "base/result.h"

namespace gantry::adapter::os {

// SIGINT and SIGTERM, from construction on, no longer end the process: wait() returns the first one's number.
class StopSignal {
  public:
    explicit StopSignal(boost::asio::any_io_executor executor);
    ~StopSignal();

    boost::asio::awaitable<Result<int>> wait();

  private:
    struct Set;
    std::unique_ptr<Set> set_;
};

}  // namespace gantry::adapter::os
