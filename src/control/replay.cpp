#include "control/replay.h"

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace gantry::control {
namespace asio = boost::asio;

asio::awaitable<SharedResponse> Replay::begin(std::string key, RealInstant now) {
    auto initiate = [this, now](auto handler, const std::string& wanted) {
        auto executor = asio::get_associated_executor(handler);
        auto guard = asio::make_work_guard(executor);
        auto resume = std::make_shared<decltype(handler)>(std::move(handler));
        auto done = [resume, executor, guard = std::move(guard)](SharedResponse response) {
            asio::post(executor, [resume, response = std::move(response)]() mutable {
                (*resume)(std::move(response));
            });
        };
        const std::lock_guard lock(mutex_);
        forget_old(now);
        const auto [entry, first] = entries_.try_emplace(wanted);
        if (first || entry->second.response) {
            done(entry->second.response);
        } else {
            entry->second.joined.emplace_back(std::move(done));
        }
    };
    co_return co_await asio::async_initiate<decltype(asio::use_awaitable), void(SharedResponse)>(
        std::move(initiate), asio::use_awaitable, std::move(key)
    );
}

void Replay::end(const std::string& key, SharedResponse response, bool success, RealInstant now) {
    std::vector<std::function<void(SharedResponse)>> joined;
    {
        const std::lock_guard lock(mutex_);
        const auto entry = entries_.find(key);
        joined.swap(entry->second.joined);
        if (success) {
            bytes_ += response->body.size() + key.size();
            entry->second.response = response;
            by_age_.emplace_back(now, key);
            forget_old(now);
        } else {
            entries_.erase(entry);
        }
    }
    for (auto& done : joined) done(response);
}

void Replay::forget_old(RealInstant now) {
    while (!by_age_.empty() && (by_age_.front().first + kMemory < now || bytes_ > kBytesMax)) {
        const auto entry = entries_.find(by_age_.front().second);
        bytes_ -= entry->second.response->body.size() + entry->first.size();
        entries_.erase(entry);
        by_age_.pop_front();
    }
}

std::size_t Replay::remembered() const {
    const std::lock_guard lock(mutex_);
    return by_age_.size();
}

}  // namespace gantry::control
