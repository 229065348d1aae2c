#include "logs/admit_events.h"
#include "logs/find.h"
#include "operation/data_context.h"
#include "shapes/logs/shapes.h"
#include "state/txn.h"

namespace gantry::logs {

using namespace shapes::logs;

namespace {

struct Target {
    port::LogStreamId stream;
    int retention_days = 0;
};

}  // namespace

Awaitable<Result<PutLogEventsResponse>> put_log_events(
    DataContext& context, PutLogEventsRequest request, Caller caller
) {
    auto found = co_await context.transact<Target>([&](state::Txn& txn) -> Result<Target> {
        TRY(const auto group, find_group(txn, caller, request.log_group_name));
        TRY(const auto stream, find_stream(txn, *group, request.log_stream_name));
        return Target{stream->id(), group->retention_days};
    });
    CO_TRY(const auto target, std::move(found));

    std::vector<NewEvent> events;
    events.reserve(request.log_events.size());
    for (auto& event : request.log_events) events.push_back({event.timestamp, std::move(event.message)});
    const auto now = context.real_now();
    CO_TRY(const auto admitted, admit_events(events, now, target.retention_days));

    port::LogBatch batch{target.stream, {}, {}};
    batch.events.reserve(admitted.last - admitted.first);
    for (auto i = admitted.first; i < admitted.last; ++i)
        batch.events.push_back({{events[i].timestamp_ms, 0}, now.ms, std::move(events[i].message)});
    if (!batch.events.empty()) {
        auto stored = co_await context.log_store().append(std::move(batch));
        if (!stored && stored.error().errc == Errc::conflict)
            co_return refuse(kNotFound, "The specified log stream does not exist.");
        if (!stored) co_return tl::unexpected<Error>(std::move(stored).error());
    }

    PutLogEventsResponse response;
    // Tokens are taken and ignored, as CloudWatch does since 2023; older clients expect to see one.
    response.next_sequence_token = "49039859524718560826461453519139105283129613543137624482";
    if (admitted.too_new_start || admitted.too_old_end || admitted.expired_end)
        response.rejected_log_events_info =
            RejectedLogEventsInfo{admitted.too_new_start, admitted.too_old_end, admitted.expired_end};
    co_return response;
}

}  // namespace gantry::logs
