#include <algorithm>

#include "logs/event_token.h"
#include "logs/find.h"
#include "logs/retention.h"
#include "operation/data_context.h"
#include "shapes/logs/shapes.h"
#include "state/txn.h"

namespace gantry::logs {

using namespace shapes::logs;

// Paging as clients rely on it: at the end of the stream a token leads back to itself.
Awaitable<Result<GetLogEventsResponse>> get_log_events(
    DataContext& context, GetLogEventsRequest request, Caller caller
) {
    std::optional<EventToken> token;
    if (request.next_token) {
        token = parse_token(*request.next_token);
        if (!token) co_return refuse(kInvalidParameter, "The specified nextToken is invalid.");
    }
    const auto now = context.now();
    auto found = co_await context.transact<port::LogRead>([&](state::Txn& txn) -> Result<port::LogRead> {
        TRY(const auto group, find_group(txn, caller, request.log_group_name, request.log_group_identifier));
        TRY(const auto stream, find_stream(txn, *group, request.log_stream_name));
        port::LogRead read;
        read.stream = stream->id();
        read.range.start_ms = std::max(request.start_time.value_or(INT64_MIN), kept_since_ms(*group, now));
        return read;
    });
    CO_TRY(auto read, std::move(found));
    read.range.end_ms = request.end_time.value_or(INT64_MAX);
    read.events_max = static_cast<std::size_t>(request.limit.value_or(10'000));
    read.from_head = token ? token->forward : request.start_from_head.value_or(false);
    if (token && token->forward) read.range.after = token->at;
    if (token && !token->forward) read.range.before = token->at;
    CO_TRY(auto events, co_await context.log_store().read(read));

    // Forward is after the last event seen, backward before the first. An empty page stands between the two.
    port::LogEventKey first{std::max<std::int64_t>(read.range.start_ms, 0), 0};
    port::LogEventKey last = first;
    if (!events.empty()) {
        first = events.front().key;
        last = events.back().key;
    } else if (token && token->forward) {
        last = token->at;
        first = {token->at.timestamp_ms, token->at.sequence + 1};
    } else if (token) {
        first = token->at;
        last = token->at.sequence > 0
                   ? port::LogEventKey{token->at.timestamp_ms, token->at.sequence - 1}
                   : port::LogEventKey{std::max<std::int64_t>(token->at.timestamp_ms - 1, 0), UINT64_MAX};
    }
    GetLogEventsResponse response;
    response.next_forward_token = format_token({true, last});
    response.next_backward_token = format_token({false, first});
    auto& out = response.events.emplace();
    out.reserve(events.size());
    for (auto& event : events)
        out.push_back({event.key.timestamp_ms, std::move(event.message), event.ingestion_ms});
    co_return response;
}

}  // namespace gantry::logs
