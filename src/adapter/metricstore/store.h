#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "port/metric_store.h"

namespace gantry::adapter::metricstore {

struct Options {
    std::string folder;                        // made when missing; holds metrics.db
    std::uint64_t reserve_bytes = 32u << 20;   // appends are refused while less is free on that disk
    std::uint64_t bytes_max = 4ull << 30;      // past it the oldest points go; 0: no bound
    std::size_t metrics_max = 500'000;         // appends that would name more are refused
    std::size_t head_points_max = 200'000;     // so many points wait in memory before they are flushed
};

// port::MetricStore in one SQLite file, on a thread of its own. Appends that wait at the same time share one
// fsync. Callers' coroutines go on on their own executors.
class Store : public port::MetricStore {
  public:
    // Blocks. Errc::invalid: the file is damaged or of a newer build.
    static Result<std::unique_ptr<Store>> open(Options options);
    // What is under way is finished first.
    ~Store() override;

    Reply<> append(std::vector<port::MetricSample> samples) override;
    Reply<std::vector<metric::Point>> read(port::MetricRead what) override;
    Reply<std::vector<metric::Name>> list(port::MetricList what) override;
    Reply<> age(std::int64_t now_s) override;

  private:
    class Thread;
    explicit Store(std::unique_ptr<Thread> thread);

    std::unique_ptr<Thread> thread_;
};

}  // namespace gantry::adapter::metricstore
