#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace gantry::adapter::haproxy {

// A line of what `show stat` prints: a frontend or a server with its counters.
class StatLine {
  public:
    StatLine(const std::map<std::string, std::size_t>& columns, std::vector<std::string> cells)
        : columns_(columns), cells_(std::move(cells)) {}

    // Empty, and 0, when there is no such column.
    std::string text(const std::string& column) const;
    std::uint64_t number(const std::string& column) const;

  private:
    const std::map<std::string, std::size_t>& columns_;
    std::vector<std::string> cells_;
};

void each_stat_line(const std::string& answer, const std::function<void(const StatLine&)>& tell);

}  // namespace gantry::adapter::haproxy
