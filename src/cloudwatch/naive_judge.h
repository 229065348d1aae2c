#pragma once

#include <algorithm>
#include <regex>
#include <string>

namespace gantry::cloudwatch {

// For tests and the simulation: CloudWatch's documented rules once more, on a text: X breaches, 0 does not, - is missing; oldest first. judged_range() of them. The
// state, or "retained".
inline std::string naive_judge(int wanted, int needed, const std::string& missing, const std::string& text) {
    std::string real = std::regex_replace(text, std::regex("-"), "");
    if (static_cast<int>(real.size()) > wanted) real = real.substr(real.size() - static_cast<std::size_t>(wanted));
    const auto crosses = [](const std::string& in) { return static_cast<int>(std::count(in.begin(), in.end(), 'X')); };
    const int holes = wanted - static_cast<int>(real.size());
    if (crosses(real) >= needed) return "ALARM";
    if (holes == 0 || missing == "notBreaching") return "OK";
    if (missing == "breaching") return crosses(real + std::string(static_cast<std::size_t>(holes), 'X')) >= needed ? "ALARM" : "OK";
    if (missing == "ignore") return real.find('0') == std::string::npos ? "retained" : "OK";
    if (real.empty()) return "INSUFFICIENT_DATA";
    if (real.find('0') != std::string::npos) return "OK";
    std::smatch found;
    const std::string last = text.substr(text.size() - std::min<std::size_t>(text.size(), static_cast<std::size_t>(wanted)));
    return std::regex_search(last, found, std::regex("X[X-]*$")) && static_cast<int>(found[0].length()) >= needed ? "ALARM" : "OK";
}

}  // namespace gantry::cloudwatch
