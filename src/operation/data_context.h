#pragma once

#include <boost/asio/awaitable.hpp>
#include <functional>
#include <memory>
#include <optional>

#include "base/instant.h"
#include "base/result.h"

namespace gantry::state {
class Txn;
}
namespace gantry::port {
class LogStore;
class MetricStore;
class Clock;
}  // namespace gantry::port

namespace gantry {

template <class T>
using Awaitable = boost::asio::awaitable<T>;

// What an operation of the second kind (it moves data, so it runs off the strand) may reach: short
// transactions on the strand, and the ports that hold the data.
class DataContext {
  public:
    virtual ~DataContext() = default;

    // Runs fn on the strand; resumes when what it wrote, and what it saw, is durable. A refusal undoes its
    // writes.
    template <class T>
    Awaitable<Result<T>> transact(std::function<Result<T>(state::Txn&)> fn) {
        auto slot = std::make_shared<std::optional<T>>();
        auto run = [slot, fn = std::move(fn)](state::Txn& txn) -> Result<void> {
            auto result = fn(txn);
            if (!result) return tl::unexpected<Error>(std::move(result).error());
            slot->emplace(*std::move(result));
            return {};
        };
        auto done = co_await transact_erased(std::move(run));
        if (!done) co_return tl::unexpected<Error>(std::move(done).error());
        co_return std::move(**slot);
    }
    virtual Awaitable<Result<void>> transact_erased(std::function<Result<void>(state::Txn&)> fn) = 0;

    virtual PolicyInstant now() const = 0;
    virtual RealInstant real_now() const = 0;
    virtual port::LogStore& log_store() = 0;
    virtual port::MetricStore& metric_store() = 0;
};

}  // namespace gantry
