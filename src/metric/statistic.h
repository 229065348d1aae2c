#pragma once

#include <optional>
#include <string_view>

#include "metric/values.h"

namespace gantry::metric {

// What CloudWatch can tell of values: SampleCount, Average, Sum, Minimum, Maximum; pNN.N; and of a part of
// them, cut by ranks ("tm90", "TM(10%:90%)") or by their size ("TM(5:200)"): trimmed mean (tm), winsorized
// mean (wm), trimmed count (tc), trimmed sum (ts), percentile rank (PR, by size only), IQM.
class Statistic {
  public:
    // Nothing when the text is none. Names of the five simple ones are as above, the others in either case.
    static std::optional<Statistic> parse(std::string_view text);

    bool simple() const { return kind_ <= Kind::maximum; }
    bool percentile() const { return kind_ == Kind::percentile; }
    // Of a percentile, in [0, 100].
    double rank() const { return high_; }

    // Nothing for no values, and for those whose distribution is not known when it is asked for.
    std::optional<double> of(const Values& values) const;

  private:
    enum class Kind {
        sample_count,
        average,
        sum,
        minimum,
        maximum,
        percentile,
        trimmed_mean,
        winsorized_mean,
        trimmed_count,
        trimmed_sum,
        percentile_rank,
    };
    std::optional<double> of_part(const Values& values) const;
    bool parse_bounds(std::string_view text);

    Kind kind_ = Kind::average;
    bool by_rank_ = true;
    // Percent of ranks, or sizes; not given: open.
    std::optional<double> low_given_;
    std::optional<double> high_given_;
    double high_ = 0;
};

}  // namespace gantry::metric
