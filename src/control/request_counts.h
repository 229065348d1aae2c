#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <utility>

namespace gantry::control {

// How many requests were answered, by service and first digit of the status. Any thread.
class RequestCounts {
  public:
    using Key = std::pair<std::string, int>;

    void add(std::string service, int status) {
        const std::lock_guard lock(mutex_);
        ++counts_[{std::move(service), status / 100}];
    }
    std::map<Key, std::uint64_t> all() const {
        const std::lock_guard lock(mutex_);
        return counts_;
    }

  private:
    mutable std::mutex mutex_;
    std::map<Key, std::uint64_t> counts_;
};

}  // namespace gantry::control
