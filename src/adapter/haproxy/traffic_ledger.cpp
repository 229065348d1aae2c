#include "adapter/haproxy/traffic_ledger.h"

#include "adapter/haproxy/stat_line.h"

namespace gantry::adapter::haproxy {
namespace {

constexpr const char* answers_columns[] = {"hrsp_1xx", "hrsp_2xx", "hrsp_3xx", "hrsp_4xx", "hrsp_5xx"};

std::uint64_t risen(std::uint64_t before, std::uint64_t now) { return now < before ? now : now - before; }

}  // namespace

std::vector<TrafficRow> traffic_rows(const std::string& answer) {
    std::vector<TrafficRow> rows;
    each_stat_line(answer, [&](const StatLine& line) {
        TrafficRow row;
        row.section = line.text("pxname");
        const bool frontend = line.text("svname") == "FRONTEND";
        if (frontend) {
            row.open = line.number("scur");
            row.connections = line.number("conn_tot");
        } else {
            row.server = line.text("svname");
            row.address = line.text("addr");
            row.open = line.number("used_conn_cur") + line.number("idle_conn_cur");
            row.connections = line.number("connect");
            row.response_ms = static_cast<double>(line.number("rtime"));
        }
        row.bytes = line.number("bin") + line.number("bout");
        for (std::size_t i = 0; i < row.answers.size(); ++i) row.answers[i] = line.number(answers_columns[i]);
        if (!row.section.empty()) rows.push_back(std::move(row));
    });
    return rows;
}

std::vector<TrafficRow> TrafficLedger::read(const TrafficRows& now) {
    std::vector<TrafficRow> all;
    std::map<std::string, std::map<Place, TrafficRow>> after;
    for (const auto& [process, rows] : now) {
        const auto& known = before_[process];
        for (const auto& row : rows) {
            const Place place{row.section, row.server};
            const auto found = known.find(place);
            const TrafficRow none;
            // What a first reading finds was counted before anybody asked.
            const auto& before = !any_ ? row : found == known.end() ? none : found->second;
            auto& more = all.emplace_back(row);
            more.connections = risen(before.connections, row.connections);
            more.bytes = risen(before.bytes, row.bytes);
            for (std::size_t i = 0; i < row.answers.size(); ++i)
                more.answers[i] = risen(before.answers[i], row.answers[i]);
            after[process][place] = row;
        }
    }
    before_ = std::move(after);
    any_ = true;
    return all;
}

std::array<std::uint64_t, 5> TrafficLedger::own_answers(
    const std::string& balancer, const std::array<std::uint64_t, 5>& got, const std::array<std::uint64_t, 5>& given
) {
    std::array<std::uint64_t, 5> own{};
    auto& on_the_way = on_the_way_[balancer];
    for (std::size_t i = 0; i < own.size(); ++i) {
        on_the_way[i] += static_cast<std::int64_t>(given[i]) - static_cast<std::int64_t>(got[i]);
        if (on_the_way[i] >= 0) continue;
        own[i] = static_cast<std::uint64_t>(-on_the_way[i]);
        on_the_way[i] = 0;
    }
    return own;
}

}  // namespace gantry::adapter::haproxy
