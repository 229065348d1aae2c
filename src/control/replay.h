#pragma once

#include <boost/asio/awaitable.hpp>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "base/instant.h"
#include "port/http.h"

namespace gantry::control {

using SharedResponse = std::shared_ptr<const port::HttpResponse>;

// Makes retries of mutating requests harmless: who repeats a request within a minute gets the first success
// again, or waits for the first if that is still running. Safe from every thread.
class Replay {
  public:
    // What the first came to; or null: the caller is the first, and makes a Ticket.
    boost::asio::awaitable<SharedResponse> begin(std::string key, RealInstant now);

    // The first's duty. Destroyed without finish(): those who joined get a 503 and try again.
    class Ticket {
      public:
        Ticket(Replay& replay, std::string key) : replay_(&replay), key_(std::move(key)) {}
        ~Ticket() {
            if (replay_ == nullptr) return;
            const port::HttpResponse again{503, {}, {}};
            replay_->end(key_, std::make_shared<const port::HttpResponse>(again), false, {});
        }
        Ticket(Ticket&& other) noexcept
            : replay_(std::exchange(other.replay_, nullptr)), key_(std::move(other.key_)) {}
        Ticket& operator=(Ticket&&) = delete;
        void finish(SharedResponse response, bool success, RealInstant now) {
            std::exchange(replay_, nullptr)->end(key_, std::move(response), success, now);
        }

      private:
        Replay* replay_;
        std::string key_;
    };

    std::size_t remembered() const;

  private:
    static constexpr Duration kMemory = std::chrono::minutes(1);
    static constexpr std::size_t kBytesMax = 32 << 20;

    struct Entry {
        SharedResponse response;  // null while the first is running
        std::vector<std::function<void(SharedResponse)>> joined;
    };

    void end(const std::string& key, SharedResponse response, bool success, RealInstant now);
    void forget_old(RealInstant now);

    mutable std::mutex mutex_;
    std::map<std::string, Entry> entries_;
    std::deque<std::pair<RealInstant, std::string>> by_age_;
    std::size_t bytes_ = 0;
};

}  // namespace gantry::control
