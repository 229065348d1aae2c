#include <algorithm>
#include <map>

#include "logs/find.h"
#include "operation/data_context.h"
#include "shapes/logs/shapes.h"
#include "state/txn.h"

namespace gantry::logs {

using namespace shapes::logs;

namespace {

struct Streams {
    PinnedGroup group;
    std::vector<PinnedStream> streams;
};

struct Item {
    PinnedStream stream;
    std::int64_t last_event_ms = 0;
    std::optional<port::LogStreamStats> stats;
};

// Pages by name go through the table; the other order must see all of the group's streams.
Result<Streams> list_streams(
    const state::Txn& txn, const DescribeLogStreamsRequest& request, const Caller& caller
) {
    TRY(auto group, find_group(txn, caller, request.log_group_name, request.log_group_identifier));
    const auto prefix = group->uid + "/" + request.log_stream_name_prefix.value_or("");
    return Streams{group, txn.list<LogStreamRecord>(prefix)};
}

LogStream shape_of_stream(const LogGroupRecord& group, const Item& item) {
    LogStream shape;
    shape.log_stream_name = item.stream->name;
    shape.creation_time = item.stream->created.ms;
    if (item.stats) {
        shape.first_event_timestamp = item.stats->first_event_ms;
        shape.last_event_timestamp = item.stats->last_event_ms;
        shape.last_ingestion_time = item.stats->last_ingestion_ms;
    }
    shape.upload_sequence_token = "49039859524718560826461453519139105283129613543137624482";
    shape.arn = group.arn() + ":log-stream:" + item.stream->name;
    shape.stored_bytes = 0;  // CloudWatch's answer since 2019
    return shape;
}

}  // namespace

Awaitable<Result<DescribeLogStreamsResponse>> describe_log_streams(
    DataContext& context, DescribeLogStreamsRequest request, Caller caller
) {
    const bool by_time = request.order_by == "LastEventTime";
    const bool descending = request.descending.value_or(false);
    if (by_time && request.log_stream_name_prefix)
        co_return refuse(kInvalidParameter, "Cannot order by LastEventTime with a logStreamNamePrefix.");
    auto found = co_await context.transact<Streams>([&](state::Txn& txn) {
        return list_streams(txn, request, caller);
    });
    CO_TRY(const auto all, std::move(found));

    std::map<std::string, port::LogStreamStats> stats;
    const auto learn = [&](std::vector<port::LogStreamStats> some) {
        for (auto& one : some) {
            auto key = one.stream;
            stats.emplace(std::move(key), std::move(one));
        }
    };
    if (by_time) {
        CO_TRY(auto some, co_await context.log_store().stats(all.group->uid, {}));
        learn(std::move(some));
    }
    std::vector<Item> items;
    items.reserve(all.streams.size());
    for (const auto& stream : all.streams) {
        const auto known = stats.find(stream->id().stream);
        items.push_back({stream, known == stats.end() ? 0 : known->second.last_event_ms, {}});
    }
    std::ranges::stable_sort(items, [&](const Item& a, const Item& b) {
        const auto left = std::tie(a.last_event_ms, a.stream->name);
        const auto right = std::tie(b.last_event_ms, b.stream->name);
        return descending ? left > right : left < right;
    });

    // The token names the last stream of the page before.
    std::size_t begin = 0;
    if (request.next_token) {
        const auto before = std::ranges::find_if(items, [&](const Item& item) {
            return item.stream->name == *request.next_token;
        });
        if (before == items.end()) co_return refuse(kInvalidParameter, "The specified nextToken is invalid.");
        begin = static_cast<std::size_t>(before - items.begin()) + 1;
    }
    const auto end = std::min(items.size(), begin + static_cast<std::size_t>(request.limit.value_or(50)));
    if (!by_time && begin < end) {
        std::vector<std::string> ids;
        for (auto i = begin; i < end; ++i) ids.push_back(items[i].stream->id().stream);
        CO_TRY(auto some, co_await context.log_store().stats(all.group->uid, std::move(ids)));
        learn(std::move(some));
    }
    DescribeLogStreamsResponse response;
    auto& out = response.log_streams.emplace();
    for (auto i = begin; i < end; ++i) {
        if (const auto known = stats.find(items[i].stream->id().stream); known != stats.end())
            items[i].stats = known->second;
        out.push_back(shape_of_stream(*all.group, items[i]));
    }
    if (end < items.size()) response.next_token = items[end - 1].stream->name;
    co_return response;
}

}  // namespace gantry::logs
