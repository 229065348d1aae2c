#include <algorithm>
#include <memory>
#include <set>

#include "logs/event_token.h"
#include "logs/filter_pattern.h"
#include "logs/find.h"
#include "logs/retention.h"
#include "operation/data_context.h"
#include "shapes/logs/shapes.h"
#include "state/txn.h"

namespace gantry::logs {

using namespace shapes::logs;

namespace {

struct Chosen {
    port::LogScan scan;
    bool nothing = false;           // a prefix that no stream has
    std::set<std::string> removed;  // deleted streams whose events are still in the store
};

Result<Chosen> choose(
    state::Txn& txn, const FilterLogEventsRequest& request, const Caller& caller, PolicyInstant now
) {
    if (request.log_stream_names && request.log_stream_name_prefix)
        return refuse(
            kInvalidParameter, "logStreamNames and logStreamNamePrefix cannot be used in the same request."
        );
    TRY(const auto group, find_group(txn, caller, request.log_group_name, request.log_group_identifier));
    Chosen chosen;
    chosen.scan.group = group->uid;
    if (request.log_stream_names) {
        for (const auto& name : *request.log_stream_names) {
            TRY(const auto stream, find_stream(txn, *group, name));
            chosen.scan.streams.push_back(stream->id().stream);
        }
    } else if (request.log_stream_name_prefix) {
        for (const auto& stream :
             txn.list<LogStreamRecord>(group->uid + "/" + *request.log_stream_name_prefix))
            chosen.scan.streams.push_back(stream->id().stream);
        chosen.nothing = chosen.scan.streams.empty();
    } else {
        for (const auto& removal : txn.list<LogRemovalRecord>(group->uid + "/"))
            chosen.removed.insert(removal->stream_id);
    }
    chosen.scan.range.start_ms = std::max(request.start_time.value_or(0), kept_since_ms(*group, now));
    // Unlike GetLogEvents', this end is part of the range.
    if (request.end_time && *request.end_time < INT64_MAX) chosen.scan.range.end_ms = *request.end_time + 1;
    return chosen;
}

}  // namespace

Awaitable<Result<FilterLogEventsResponse>> filter_log_events(
    DataContext& context, FilterLogEventsRequest request, Caller caller
) {
    std::optional<port::LogEventKey> after;
    if (request.next_token) {
        after = parse_event_id(*request.next_token);
        if (!after) co_return refuse(kInvalidParameter, "The specified nextToken is invalid.");
    }
    CO_TRY(auto pattern, FilterPattern::parse(request.filter_pattern.value_or("")));
    const auto now = context.now();
    auto found =
        co_await context.transact<Chosen>([&](state::Txn& txn) { return choose(txn, request, caller, now); });
    CO_TRY(auto chosen, std::move(found));

    FilterLogEventsResponse response;
    response.events.emplace();
    response.searched_log_streams.emplace();
    if (chosen.nothing) co_return response;
    auto& scan = chosen.scan;
    scan.range.after = after;
    scan.events_max = static_cast<std::size_t>(request.limit.value_or(10'000));
    if (!pattern.matches_everything()) {
        auto shared = std::make_shared<const FilterPattern>(std::move(pattern));
        scan.matches = [shared](std::string_view message) { return shared->matches(message); };
    }
    CO_TRY(auto page, co_await context.log_store().scan(scan));
    for (auto& [stream, event] : page.events) {
        if (chosen.removed.contains(stream)) continue;
        response.events->push_back(
            {stream_name_of(stream), event.key.timestamp_ms, std::move(event.message), event.ingestion_ms,
             format_event_id(event.key)}
        );
    }
    if (page.next_after) response.next_token = format_event_id(*page.next_after);
    co_return response;
}

}  // namespace gantry::logs
