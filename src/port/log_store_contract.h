#pragma once

#include <gtest/gtest.h>

#include <algorithm>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "port/log_store.h"

// What every port::LogStore must do. An implementation's test file says how one is made:
//   INSTANTIATE_TEST_SUITE_P(Sqlite, LogStoreContract, testing::Values(make_store));
namespace gantry::port {

using MakeLogStore = std::function<std::shared_ptr<LogStore>()>;

class LogStoreContract : public testing::TestWithParam<MakeLogStore> {
  protected:
    void SetUp() override {
        store = GetParam()();
        ASSERT_NE(store, nullptr);
    }

    // Runs until the reply is there.
    template <class T>
    Result<T> wait(LogStore::Reply<T> reply) {
        std::optional<Result<T>> result;
        boost::asio::co_spawn(context, std::move(reply), [&](std::exception_ptr, Result<T> r) {
            result = std::move(r);
        });
        context.restart();
        context.run();
        return std::move(*result);
    }

    static LogEvent event(std::int64_t ms, std::string message) {
        return {{ms, 0}, ms + 5, std::move(message)};
    }
    void append(const LogStreamId& stream, std::vector<LogEvent> events) {
        const auto appended = wait(store->append({stream, std::move(events), {}}));
        ASSERT_TRUE(appended.has_value()) << appended.error().message;
        ASSERT_TRUE(appended->stored);
    }
    static std::string text(const std::vector<LogEvent>& events) {
        std::string all;
        for (const auto& e : events) all += e.message + " ";
        return all;
    }
    std::string read(LogRead what) {
        const auto events = wait(store->read(std::move(what)));
        return events ? text(*events) : "error: " + events.error().message;
    }

    boost::asio::io_context context;
    std::shared_ptr<LogStore> store;
    const LogStreamId a{"g", "a"};
    const LogStreamId b{"g", "b"};
};

TEST_P(LogStoreContract, ReadsInOrderOfTimeAndArrival) {
    append(a, {event(30, "c"), event(10, "a"), event(20, "b1")});
    append(a, {event(20, "b2")});
    append(b, {event(15, "other")});
    EXPECT_EQ(read({.stream = a}), "a b1 b2 c ");
    EXPECT_EQ(read({.stream = a, .range = {.start_ms = 20, .end_ms = 30}}), "b1 b2 ");
    EXPECT_EQ(read({.stream = a, .events_max = 2}), "a b1 ");
    EXPECT_EQ(read({.stream = a, .from_head = false, .events_max = 2}), "b2 c ");
    EXPECT_EQ(read({.stream = {"g", "none"}}), "");
    EXPECT_EQ(read({.stream = {"none", "a"}}), "");
}

TEST_P(LogStoreContract, KeysAreExclusiveBounds) {
    append(a, {event(1, "a"), event(2, "b"), event(2, "c"), event(3, "d")});
    const auto all = wait(store->read({.stream = a})).value();
    ASSERT_EQ(all.size(), 4u);
    EXPECT_EQ(read({.stream = a, .range = {.after = all[1].key}}), "c d ");
    EXPECT_EQ(read({.stream = a, .range = {.before = all[2].key}, .from_head = false}), "a b ");
    EXPECT_EQ(read({.stream = a, .range = {.after = all[3].key}}), "");
    EXPECT_EQ(all[2].ingestion_ms, 7);
}

TEST_P(LogStoreContract, BoundsAPageByBytesButAlwaysReadsOne) {
    append(a, {event(1, std::string(100, 'x')), event(2, std::string(100, 'y')), event(3, "z")});
    EXPECT_EQ(wait(store->read({.stream = a, .bytes_max = 252})).value().size(), 2u);
    EXPECT_EQ(wait(store->read({.stream = a, .bytes_max = 251})).value().size(), 1u);
    EXPECT_EQ(wait(store->read({.stream = a, .bytes_max = 1})).value().size(), 1u);
    EXPECT_EQ(read({.stream = a, .from_head = false, .bytes_max = 1}), "z ");
}

TEST_P(LogStoreContract, PagesThroughManyBatchesEachWayOnceEach) {
    constexpr int kBatches = 200;
    for (int i = 0; i < kBatches; ++i) {
        std::vector<LogEvent> events;
        // Batches overlap in time and span hours.
        for (int k = 0; k < 5; ++k)
            events.push_back(event((i * 37 % kBatches) * 100'000 + k * 90'000, std::to_string(i * 5 + k)));
        append(a, std::move(events));
    }
    const auto all = wait(store->read({.stream = a})).value();
    ASSERT_EQ(all.size(), 1000u);
    EXPECT_TRUE(std::ranges::is_sorted(all, {}, &LogEvent::key));
    std::vector<LogEventKey> forward;
    for (LogRead page{.stream = a, .events_max = 7};;) {
        const auto events = wait(store->read(page)).value();
        if (events.empty()) break;
        for (const auto& e : events) forward.push_back(e.key);
        page.range.after = events.back().key;
    }
    std::vector<LogEventKey> backward;
    for (LogRead page{.stream = a, .from_head = false, .events_max = 7};;) {
        const auto events = wait(store->read(page)).value();
        if (events.empty()) break;
        for (auto e = events.rbegin(); e != events.rend(); ++e) backward.push_back(e->key);
        page.range.before = events.front().key;
    }
    std::vector<LogEventKey> expected;
    for (const auto& e : all) expected.push_back(e.key);
    EXPECT_EQ(forward, expected);
    std::ranges::reverse(backward);
    EXPECT_EQ(backward, expected);
}

TEST_P(LogStoreContract, ScansStreamsTogetherWithStableKeys) {
    for (int i = 0; i < 50; ++i) {
        append(a, {event(i * 10, "a" + std::to_string(i))});
        append(b, {event(i * 10 + 5, "b" + std::to_string(i))});
    }
    append({"other", "a"}, {event(3, "not this")});
    std::vector<LogFound> found;
    LogScan scan{.group = "g", .events_max = 9};
    for (;;) {
        auto page = wait(store->scan(scan)).value();
        for (auto& f : page.events) found.push_back(std::move(f));
        if (!page.next_after) break;
        scan.range.after = page.next_after;
    }
    ASSERT_EQ(found.size(), 100u);
    for (int i = 0; i < 100; ++i)
        EXPECT_EQ(found[i].event.message, (i % 2 ? "b" : "a") + std::to_string(i / 2)) << i;
    EXPECT_EQ(found[1].stream, "b");
    const auto again = wait(store->scan({.group = "g", .streams = {"b", "none"}})).value();
    ASSERT_EQ(again.events.size(), 50u);
    EXPECT_EQ(again.events[0].event.key, found[1].event.key);
    const auto some =
        wait(store->scan({.group = "g", .matches = [](std::string_view m) { return m.ends_with('7'); }})
        ).value();
    EXPECT_EQ(some.events.size(), 10u);
}

TEST_P(LogStoreContract, KeepsAccounts) {
    append(a, {event(10, "12345"), event(20, "1")});
    append(a, {event(5, "1")});
    append(b, {event(7, "")});
    const auto stats = wait(store->stats("g", {})).value();
    ASSERT_EQ(stats.size(), 2u);
    EXPECT_EQ(stats[0].stream, "a");
    EXPECT_EQ(stats[0].first_event_ms, 5);
    EXPECT_EQ(stats[0].last_event_ms, 20);
    EXPECT_EQ(stats[0].last_ingestion_ms, 25);
    EXPECT_EQ(stats[0].events, 3u);
    EXPECT_EQ(stats[0].stored_bytes, 3 * 26u + 7u);
    EXPECT_EQ(wait(store->stats("g", {"b", "none"})).value().size(), 1u);
    const auto groups = wait(store->group_stats({"none", "g"})).value();
    ASSERT_EQ(groups.size(), 2u);
    EXPECT_EQ(groups[0].streams, 0u);
    EXPECT_EQ(groups[1].streams, 2u);
    EXPECT_EQ(groups[1].stored_bytes, 4 * 26u + 7u);
}

TEST_P(LogStoreContract, TakesASourceOnceAndInOrder) {
    const auto put = [&](std::uint64_t from, std::uint64_t to, std::string message) {
        return wait(store->append({a, {event(1, std::move(message))}, {{"c/stdout", from, to}}})).value();
    };
    EXPECT_TRUE(put(0, 10, "first").stored);
    const auto again = put(0, 10, "first");
    EXPECT_FALSE(again.stored);
    EXPECT_EQ(again.positions, std::vector<std::uint64_t>{10});
    EXPECT_FALSE(put(20, 30, "gap").stored);
    EXPECT_TRUE(put(10, 30, "second").stored);
    EXPECT_EQ(read({.stream = a}), "first second ");
    EXPECT_EQ(wait(store->position("c/stdout")).value(), 30u);
    // One mark that does not fit keeps the whole batch out.
    const auto mixed =
        wait(store->append({a, {event(1, "x")}, {{"c/stderr", 0, 5}, {"c/stdout", 0, 5}}})).value();
    EXPECT_FALSE(mixed.stored);
    EXPECT_EQ(mixed.positions, (std::vector<std::uint64_t>{0, 30}));
    EXPECT_EQ(wait(store->position("c/stderr")).value(), 0u);
    EXPECT_TRUE(wait(store->append({a, {}, {{"c/stdout", 30, 40}}})).value().stored);
    EXPECT_EQ(wait(store->position("c/stdout")).value(), 40u);
    EXPECT_TRUE(wait(store->forget("c/")).has_value());
    EXPECT_EQ(wait(store->position("c/stdout")).value(), 0u);
}

TEST_P(LogStoreContract, RemovesStreamsAndGroupsForGood) {
    append(a, {event(1, "a")});
    append(b, {event(1, "b")});
    append({"h", "a"}, {event(1, "h")});
    ASSERT_TRUE(wait(store->remove_stream(a)).has_value());
    ASSERT_TRUE(wait(store->remove_stream(a)).has_value());
    EXPECT_EQ(read({.stream = a}), "");
    EXPECT_EQ(wait(store->scan({.group = "g"})).value().events.size(), 1u);
    const auto late = wait(store->append({a, {event(2, "late")}, {}}));
    ASSERT_FALSE(late.has_value());
    EXPECT_EQ(late.error().errc, Errc::conflict);
    ASSERT_TRUE(wait(store->remove_group("g")).has_value());
    EXPECT_EQ(read({.stream = b}), "");
    EXPECT_FALSE(wait(store->append({b, {event(2, "late")}, {}})).has_value());
    EXPECT_EQ(read({.stream = {"h", "a"}}), "h ");
}

TEST_P(LogStoreContract, ExpiresWholeHours) {
    constexpr std::int64_t kHour = 3'600'000;
    for (int i = 0; i < 10; ++i) append(a, {event(i * kHour + 1, std::to_string(i))});
    ASSERT_TRUE(wait(store->expire("g", 4 * kHour)).has_value());
    EXPECT_EQ(read({.stream = a}), "4 5 6 7 8 9 ");
    const auto stats = wait(store->stats("g", {})).value();
    EXPECT_EQ(stats[0].events, 6u);
    EXPECT_EQ(stats[0].first_event_ms, 4 * kHour + 1);
    ASSERT_TRUE(wait(store->expire("g", 4 * kHour)).has_value());
    ASSERT_TRUE(wait(store->expire("none", 4 * kHour)).has_value());
}

TEST_P(LogStoreContract, ManyStreamsAtOnce) {
    int stored = 0;
    for (int round = 0; round < 3; ++round) {
        for (int i = 0; i < 1000; ++i) {
            boost::asio::co_spawn(
                context,
                store->append({{"many", "s" + std::to_string(i)}, {event(round, std::to_string(round))}, {}}),
                [&](std::exception_ptr, Result<LogAppended> r) { stored += r.has_value() && r->stored; }
            );
        }
    }
    context.restart();
    context.run();
    EXPECT_EQ(stored, 3000);
    EXPECT_EQ(wait(store->stats("many", {})).value().size(), 1000u);
    EXPECT_EQ(wait(store->scan({.group = "many"})).value().events.size(), 3000u);
    EXPECT_EQ(read({.stream = {"many", "s999"}}), "0 1 2 ");
}

}  // namespace gantry::port
