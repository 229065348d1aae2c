#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "metric/name.h"
#include "metric/values.h"
#include "port/metric_store.h"

namespace gantry::control {

// The last whole minute of each metric that Gantry itself measures. Any thread.
class LatestMetrics {
  public:
    // Points of minutes; those of an older minute than is known are left out.
    void add(const std::vector<port::MetricSample>& samples);

    struct Found {
        metric::Name name;
        metric::Values values;
    };
    // By name, at most `most` after this one (exclusive; null: from the first): values of the newest minute that is over and not
    // older than five. What is older still is forgotten.
    std::vector<Found> page(std::int64_t now_s, const metric::Name* after, std::size_t most);

  private:
    struct Minute {
        std::int64_t at_s = 0;
        metric::Values values;
    };
    struct Newest {
        Minute now, before;
    };
    std::mutex mutex_;
    std::map<metric::Name, Newest> all_;
};

}  // namespace gantry::control
