#include "adapter/logstore/chunk.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace gantry::adapter::logstore {
namespace {

TEST(Chunk, RoundTripsAndCuts) {
    std::vector<port::LogEvent> events;
    for (int i = 0; i < 5000; ++i)
        events.push_back({{(i * 7919) % 9'000'000 - 3'700'000, 1ull + i}, -i, "line " + std::to_string(i)});
    events.push_back({{5, 6000}, 9, std::string(1 << 20, 'x')});
    events.push_back({{INT64_MAX / 2, 6001}, INT64_MAX / 2, ""});
    const auto chunks = pack(events);
    std::vector<port::LogEvent> back;
    for (const auto& chunk : chunks) {
        auto some = unpack(chunk.data);
        ASSERT_TRUE(some.has_value());
        EXPECT_EQ(some->size(), chunk.events);
        EXPECT_EQ(some->front().key.timestamp_ms, chunk.min_ms);
        EXPECT_EQ(some->back().key.timestamp_ms, chunk.max_ms);
        EXPECT_EQ(hour_of(chunk.min_ms), chunk.hour);
        EXPECT_EQ(hour_of(chunk.max_ms), chunk.hour);
        for (auto& event : *some) back.push_back(std::move(event));
    }
    std::ranges::sort(events, {}, &port::LogEvent::key);
    ASSERT_EQ(back.size(), events.size());
    for (std::size_t i = 0; i < back.size(); ++i) {
        EXPECT_EQ(back[i].key, events[i].key);
        EXPECT_EQ(back[i].ingestion_ms, events[i].ingestion_ms);
        EXPECT_EQ(back[i].message, events[i].message);
    }
}

TEST(Chunk, DamageIsFoundWhereverItIs) {
    const auto chunks = pack({{{1, 1}, 1, "hello hello hello hello"}, {{2, 2}, 2, "world"}});
    ASSERT_EQ(chunks.size(), 1u);
    for (std::size_t cut = 0; cut < chunks[0].data.size(); ++cut)
        EXPECT_FALSE(unpack(std::string_view(chunks[0].data).substr(0, cut)).has_value()) << cut;
    for (std::size_t at = 0; at < chunks[0].data.size(); ++at) {
        auto damaged = chunks[0].data;
        damaged[at] ^= 0x41;
        (void)unpack(damaged);  // an error or the same, never a crash
    }
}

}  // namespace
}  // namespace gantry::adapter::logstore
