#pragma once

#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "base/event.h"
#include "base/task_group.h"
#include "port/link.h"
#include "sim/faults.h"

namespace gantry::sim {

// Of a thousand messages, how many are lost, repeated or late (and so overtaken by others).
struct LinkRates {
    int lost = 0;
    int repeated = 0;
    int late = 0;
    Duration late_max{2'000};
};

// The wire between workers and a control plane. `co_await stop()` before it goes.
class LinkSwitch : public port::LinkConnector, public port::LinkAcceptor {
  public:
    LinkSwitch(boost::asio::any_io_executor executor, Faults& faults);
    ~LinkSwitch() override;

    LinkRates rates;
    // While it is cut nobody can connect; cutting ends all connections.
    void cut(bool is_cut);
    std::size_t delivered() const { return delivered_; }

    port::Link::Reply<std::unique_ptr<port::Link>> connect() override;
    port::Link::Reply<std::unique_ptr<port::Link>> accept() override;
    void close() override;
    boost::asio::awaitable<void> stop();

  private:
    struct Pipe;
    class End;
    boost::asio::awaitable<void> deliver_late(
        std::shared_ptr<Pipe> pipe, std::string message, Duration after
    );
    void transmit(const std::shared_ptr<Pipe>& pipe, std::string message);

    boost::asio::any_io_executor executor_;
    Faults& faults_;
    bool cut_ = false;
    bool closed_ = false;
    std::size_t delivered_ = 0;
    std::deque<std::unique_ptr<port::Link>> waiting_;
    std::vector<std::weak_ptr<Pipe>> pipes_;
    Event arrived_;
    TaskGroup group_;
};

}  // namespace gantry::sim
