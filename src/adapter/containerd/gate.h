#pragma once

#include <boost/asio/awaitable.hpp>
#include <deque>
#include <memory>

#include "base/event.h"
#include "base/result.h"

namespace gantry::adapter::containerd {

// Lets at most `places` coroutines through at a time, first come first served. One executor.
class Gate {
  public:
    explicit Gate(boost::asio::any_io_executor executor, std::size_t places)
        : executor_(std::move(executor)), free_(places) {}

    class Pass {
      public:
        explicit Pass(Gate* gate) : gate_(gate) {}
        Pass(Pass&& other) noexcept : gate_(std::exchange(other.gate_, nullptr)) {}
        Pass& operator=(Pass&&) = delete;
        ~Pass() {
            if (gate_) gate_->leave();
        }

      private:
        Gate* gate_;
    };

    boost::asio::awaitable<Result<Pass>> enter() {
        if (free_ > 0) {
            --free_;
            co_return Pass(this);
        }
        auto turn = std::make_shared<Turn>(executor_);
        waiting_.push_back(turn);
        auto waited = co_await turn->event.wait();
        if (waited) co_return Pass(this);
        if (turn->granted) leave();
        else std::erase(waiting_, turn);
        co_return tl::unexpected(std::move(waited).error());
    }

  private:
    struct Turn {
        explicit Turn(boost::asio::any_io_executor executor) : event(std::move(executor)) {}
        Event event;
        bool granted = false;
    };

    void leave() {
        if (waiting_.empty()) {
            ++free_;
            return;
        }
        auto next = waiting_.front();
        waiting_.pop_front();
        next->granted = true;
        next->event.set();
    }

    boost::asio::any_io_executor executor_;
    std::size_t free_;
    std::deque<std::shared_ptr<Turn>> waiting_;
};

}  // namespace gantry::adapter::containerd
