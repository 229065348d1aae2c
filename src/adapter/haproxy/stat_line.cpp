#include "adapter/haproxy/stat_line.h"

#include <cstdlib>
#include <sstream>

namespace gantry::adapter::haproxy {
namespace {

std::vector<std::string> split(const std::string& line) {
    std::vector<std::string> cells;
    std::istringstream stream(line);
    for (std::string cell; std::getline(stream, cell, ',');) cells.push_back(cell);
    return cells;
}

}  // namespace

std::string StatLine::text(const std::string& column) const {
    const auto found = columns_.find(column);
    return found == columns_.end() || found->second >= cells_.size() ? std::string() : cells_[found->second];
}

std::uint64_t StatLine::number(const std::string& column) const {
    return std::strtoull(text(column).c_str(), nullptr, 10);
}

void each_stat_line(const std::string& answer, const std::function<void(const StatLine&)>& tell) {
    std::map<std::string, std::size_t> columns;
    std::istringstream lines(answer);
    for (std::string line; std::getline(lines, line);) {
        if (line.starts_with("# ")) {
            const auto names = split(line.substr(2));
            for (std::size_t i = 0; i < names.size(); ++i) columns[names[i]] = i;
        } else if (!line.empty() && !columns.empty()) {
            tell(StatLine(columns, split(line)));
        }
    }
}

}  // namespace gantry::adapter::haproxy
