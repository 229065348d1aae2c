#pragma once

#include <functional>
#include <map>
#include <string>
#include <utility>

#include "port/metric_store.h"

namespace gantry::sim {

// A metric store in memory. `fault` is asked before every call and may answer an error instead.
class MetricStore : public port::MetricStore {
  public:
    using Fault = std::function<Result<void>(std::string_view call)>;

    Reply<> append(std::vector<port::MetricSample> samples) override;
    Reply<std::vector<metric::Point>> read(port::MetricRead what) override;
    Reply<std::vector<metric::Name>> list(port::MetricList what) override;
    Reply<> age(std::int64_t now_s) override;

    Fault fault;

  private:
    using When = std::pair<std::pair<std::int64_t, std::int64_t>, std::string>;  // time, width; unit

    Result<void> ask(std::string_view call) const { return fault ? fault(call) : Result<void>{}; }

    std::map<metric::Name, std::map<When, metric::Values>> metrics_;
};

}  // namespace gantry::sim
