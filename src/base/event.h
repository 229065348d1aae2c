#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <memory>

#include "base/result.h"

namespace gantry {

// Something that one coroutine waits for and others announce; it remembers one announcement. All calls happen
// on `executor`, which runs one thing at a time.
class Event {
  public:
    explicit Event(boost::asio::any_io_executor executor);
    ~Event();
    Event(const Event&) = delete;
    Event& operator=(const Event&) = delete;

    void set();
    // Takes the announcement back. Errc::cancelled when the waiter was cancelled.
    boost::asio::awaitable<Result<void>> wait();

  private:
    struct Channel;
    std::unique_ptr<Channel> channel_;
};

}  // namespace gantry
