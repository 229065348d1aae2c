#include "sim/log_store.h"

#include <algorithm>

namespace gantry::sim {
namespace {

bool within(const port::LogRange& range, const port::LogEventKey& key) {
    return key.timestamp_ms >= range.start_ms && key.timestamp_ms < range.end_ms &&
           (!range.after || key > *range.after) && (!range.before || key < *range.before);
}

std::size_t cost(const port::LogEvent& event) { return event.message.size() + 26; }

}  // namespace

LogStore::Reply<port::LogAppended> LogStore::append(port::LogBatch batch) {
    CO_TRY_VOID(ask("append"));
    if (removed_.contains(batch.stream) || removed_.contains({batch.stream.group, ""}))
        co_return trouble(Errc::conflict, "the log stream was removed");
    port::LogAppended appended;
    for (const auto& mark : batch.marks) {
        const auto known = marks_.find(mark.source);
        appended.positions.push_back(known == marks_.end() ? 0 : known->second);
        if (appended.positions.back() != mark.from) appended.stored = false;
    }
    if (!appended.stored) co_return appended;
    for (std::size_t i = 0; i < batch.marks.size(); ++i)
        marks_[batch.marks[i].source] = appended.positions[i] = batch.marks[i].to;
    for (auto& event : batch.events) {
        event.key.sequence = next_sequence_++;
        streams_[batch.stream].emplace(event.key, std::move(event));
    }
    co_return appended;
}

LogStore::Reply<std::vector<port::LogEvent>> LogStore::read(port::LogRead what) {
    CO_TRY_VOID(ask("read"));
    std::vector<port::LogEvent> found;
    std::size_t bytes = 0;
    const auto take = [&](const port::LogEvent& event) {
        if (!within(what.range, event.key)) return true;
        if (!found.empty() && (found.size() == what.events_max || bytes + cost(event) > what.bytes_max))
            return false;
        bytes += cost(event);
        found.push_back(event);
        return true;
    };
    const auto stream = streams_.find(what.stream);
    if (stream == streams_.end()) co_return found;
    const auto& events = stream->second;
    if (what.from_head) {
        for (auto at = events.begin(); at != events.end() && take(at->second);) ++at;
    } else {
        for (auto at = events.rbegin(); at != events.rend() && take(at->second);) ++at;
        std::ranges::reverse(found);
    }
    co_return found;
}

LogStore::Reply<port::LogScanned> LogStore::scan(port::LogScan what) {
    CO_TRY_VOID(ask("scan"));
    std::map<port::LogEventKey, port::LogFound> all;
    for (const auto& [id, events] : streams_) {
        if (id.group != what.group) continue;
        if (!what.streams.empty() && std::ranges::find(what.streams, id.stream) == what.streams.end())
            continue;
        for (const auto& [key, event] : events)
            if (within(what.range, key) && (!what.matches || what.matches(event.message)))
                all.emplace(key, port::LogFound{id.stream, event});
    }
    port::LogScanned page;
    std::size_t bytes = 0;
    for (auto& [key, found] : all) {
        bytes += cost(found.event);
        if (!page.events.empty() && (page.events.size() == what.events_max || bytes > what.bytes_max)) {
            page.next_after = page.events.back().event.key;
            break;
        }
        page.events.push_back(std::move(found));
    }
    co_return page;
}

port::LogStreamStats LogStore::stats_of(const port::LogStreamId& id, const Events& events) const {
    port::LogStreamStats stats{id.stream};
    stats.first_event_ms = events.begin()->first.timestamp_ms;
    stats.last_event_ms = events.rbegin()->first.timestamp_ms;
    for (const auto& [key, event] : events) {
        stats.last_ingestion_ms = std::max(stats.last_ingestion_ms, event.ingestion_ms);
        stats.stored_bytes += cost(event);
    }
    stats.events = events.size();
    return stats;
}

LogStore::Reply<std::vector<port::LogStreamStats>> LogStore::stats(
    std::string group, std::vector<std::string> streams
) {
    CO_TRY_VOID(ask("stats"));
    std::vector<port::LogStreamStats> all;
    for (const auto& [id, events] : streams_) {
        if (id.group != group || events.empty()) continue;
        if (streams.empty() || std::ranges::find(streams, id.stream) != streams.end())
            all.push_back(stats_of(id, events));
    }
    co_return all;
}

LogStore::Reply<std::vector<port::LogGroupStats>> LogStore::group_stats(std::vector<std::string> groups) {
    CO_TRY_VOID(ask("group_stats"));
    std::vector<port::LogGroupStats> all;
    for (const auto& group : groups) {
        port::LogGroupStats sum{group};
        for (const auto& [id, events] : streams_) {
            if (id.group != group || events.empty()) continue;
            const auto stats = stats_of(id, events);
            ++sum.streams;
            sum.events += stats.events;
            sum.stored_bytes += stats.stored_bytes;
        }
        all.push_back(std::move(sum));
    }
    co_return all;
}

LogStore::Reply<> LogStore::remove_stream(port::LogStreamId stream) {
    CO_TRY_VOID(ask("remove_stream"));
    streams_.erase(stream);
    removed_.insert(std::move(stream));
    co_return Result<void>{};
}

LogStore::Reply<> LogStore::remove_group(std::string group) {
    CO_TRY_VOID(ask("remove_group"));
    std::erase_if(streams_, [&](const auto& entry) { return entry.first.group == group; });
    removed_.insert({std::move(group), ""});
    co_return Result<void>{};
}

LogStore::Reply<> LogStore::expire(std::string group, std::int64_t before_ms) {
    CO_TRY_VOID(ask("expire"));
    for (auto& [id, events] : streams_)
        if (id.group == group)
            std::erase_if(events, [&](const auto& entry) { return entry.first.timestamp_ms < before_ms; });
    co_return Result<void>{};
}

LogStore::Reply<std::uint64_t> LogStore::position(std::string source) {
    CO_TRY_VOID(ask("position"));
    const auto known = marks_.find(source);
    co_return known == marks_.end() ? 0 : known->second;
}

LogStore::Reply<> LogStore::forget(std::string source_prefix) {
    CO_TRY_VOID(ask("forget"));
    std::erase_if(marks_, [&](const auto& entry) { return entry.first.starts_with(source_prefix); });
    co_return Result<void>{};
}

}  // namespace gantry::sim
