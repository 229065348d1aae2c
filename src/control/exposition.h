#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "metric/name.h"
#include "metric/values.h"

namespace gantry::control {

// Prometheus's text format, version 0.0.4.
class Exposition {
  public:
    using Labels = std::vector<std::pair<std::string, std::string>>;

    // type: "gauge" or "counter". help: one line; that of the family's first value counts.
    void add(
        const std::string& family, const char* type, const std::string& help, const Labels& labels, double value
    );
    // The statistics of a CloudWatch metric, named as Prometheus's CloudWatch exporter names them: AWS/ECS CPUUtilization is
    // aws_ecs_cpuutilization_average, _maximum, _minimum, _sum and _sample_count, its dimensions are labels.
    void add(const metric::Name& name, const metric::Values& values);

    std::string text() const;

  private:
    struct Family {
        std::string head;
        std::string lines;
    };
    std::map<std::string, Family> families_;
};

}  // namespace gantry::control
