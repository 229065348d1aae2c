#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace gantry::adapter::haproxy {

// A frontend, or a server in its place, as one process counts it.
struct TrafficRow {
    std::string section;  // the frontend or backend
    std::string server;   // empty: a frontend
    std::string address;  // ADDRESS:PORT that the server has now
    std::uint64_t open = 0;
    std::uint64_t connections = 0;
    std::uint64_t bytes = 0;
    std::array<std::uint64_t, 5> answers{};  // 1xx to 5xx
    double response_ms = 0;

    friend bool operator==(const TrafficRow&, const TrafficRow&) = default;
};
// By process.
using TrafficRows = std::map<std::string, std::vector<TrafficRow>>;

// From what one process answers to `show stat -1 5 -1`.
std::vector<TrafficRow> traffic_rows(const std::string& answer);

// Turns counters of several processes, which come and go with reloads, into what happened between two readings. Pure
// bookkeeping.
class TrafficLedger {
  public:
    // connections, bytes and answers since the reading before, all processes together in one list. The first reading gives zeros;
    // a process that was not there before counts as it is.
    std::vector<TrafficRow> read(const TrafficRows& now);

    // How many answers of a balancer were its own, given how many its clients got and how many its targets gave. An answer that a
    // target has begun and the client has not whole yet is on the way: it is not taken for one.
    std::array<std::uint64_t, 5> own_answers(
        const std::string& balancer,
        const std::array<std::uint64_t, 5>& got,
        const std::array<std::uint64_t, 5>& given
    );
    void forget_all() { *this = {}; }

  private:
    using Place = std::pair<std::string, std::string>;  // section, server
    std::map<std::string, std::map<Place, TrafficRow>> before_;
    bool any_ = false;
    std::map<std::string, std::array<std::int64_t, 5>> on_the_way_;
};

}  // namespace gantry::adapter::haproxy
