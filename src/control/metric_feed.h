#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <vector>

#include "base/event.h"
#include "base/instant.h"
#include "base/task_group.h"
#include "control/latest_metrics.h"
#include "port/metric_store.h"

namespace gantry::control {

// Takes what Gantry itself measures to the metric store, some of it at a time, behind whoever measured it.
// What the store refuses is lost and said in the log. All calls happen on the executor.
class MetricFeed {
  public:
    // latest: is told everything too; outlives it. Null: nobody is.
    MetricFeed(boost::asio::any_io_executor executor, port::MetricStore& store, LatestMetrics* latest = nullptr);

    void start();
    boost::asio::awaitable<void> stop();
    void add(std::vector<port::MetricSample> samples);

  private:
    boost::asio::awaitable<void> write_out();

    port::MetricStore& store_;
    LatestMetrics* latest_;
    std::vector<port::MetricSample> waiting_;
    Event wake_;
    TaskGroup group_;
};

// How often tasks are measured while policy time runs at this rate: three times in a minute of it, as long as
// a real second is enough for that, and never more rarely than when it is not bent.
Duration measure_interval(double rate);

}  // namespace gantry::control
