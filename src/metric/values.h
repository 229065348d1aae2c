#pragma once

#include <limits>
#include <optional>
#include <vector>

namespace gantry::metric {

struct Weighted {
    double value = 0;
    double weight = 0;  // how often it was measured; positive, not always whole
    friend bool operator==(const Weighted&, const Weighted&) = default;
};

// Numbers measured in one period. Count, sum, minimum and maximum are exact. The numbers themselves are kept
// while there are few of them; then near ones are joined, finer towards both ends, so that a percentile
// stays within about a percent of ranks and the size is bounded.
class Values {
  public:
    static constexpr std::size_t kKeptMost = 128;

    Values() = default;
    static Values of(double value, double times = 1);
    // A statistic set: the numbers behind it are known only when they are all the same.
    static Values summary(double count, double sum, double min, double max);
    // As it was taken apart by the accessors below.
    static Values restored(
        double count, double sum, double min, double max, bool distributed, std::vector<Weighted> kept
    );

    void add(double value, double times = 1);
    void merge(const Values& other);

    bool empty() const { return count_ == 0; }
    double count() const { return count_; }
    double sum() const { return sum_; }
    double min() const { return min_; }
    double max() const { return max_; }
    double average() const { return sum_ / count_; }
    // Whether kept() accounts for all of them: without that no percentile is known.
    bool distributed() const { return distributed_; }
    const std::vector<Weighted>& kept() const { return kept_; }  // ascending

    // p in [0, 100]: the smallest number that at least p percent of all do not exceed. Nothing while the
    // distribution is not known.
    std::optional<double> percentile(double p) const;

    friend bool operator==(const Values&, const Values&) = default;

  private:
    void join();

    double count_ = 0;
    double sum_ = 0;
    double min_ = std::numeric_limits<double>::infinity();
    double max_ = -std::numeric_limits<double>::infinity();
    bool distributed_ = true;
    std::vector<Weighted> kept_;
};

}  // namespace gantry::metric
