#include "schedule/next_run.h"

#include <gtest/gtest.h>

namespace gantry::schedule {
namespace {

PolicyInstant at(const char* text) { return PolicyInstant{*parse_iso8601(text)}; }

std::string next(const char* schedule, const char* zone, const char* after, const char* anchor = "2024-01-01T00:00:00Z") {
    const auto found = Timetable(*parse_schedule(schedule), zone, at(anchor)).next(at(after));
    return found ? format_iso8601(found->ms) : "never";
}

TEST(Timetable, RatesCountFromTheirAnchor) {
    EXPECT_EQ(next("rate(5 minutes)", "UTC", "2024-01-01T00:00:00Z", "2024-01-01T00:00:07Z"), "2024-01-01T00:05:07.000Z");
    EXPECT_EQ(next("rate(5 minutes)", "UTC", "2024-01-01T00:05:07Z", "2024-01-01T00:00:07Z"), "2024-01-01T00:10:07.000Z");
    EXPECT_EQ(next("rate(1 day)", "Europe/Berlin", "2024-03-30T12:00:00Z", "2024-03-30T12:00:00Z"), "2024-03-31T12:00:00.000Z");
}

TEST(Timetable, CronFollowsTheWallClockOfItsZone) {
    EXPECT_EQ(next("cron(0 9 * * ? *)", "UTC", "2024-06-01T09:00:00Z"), "2024-06-02T09:00:00.000Z");
    EXPECT_EQ(next("cron(0 9 * * ? *)", "Asia/Tokyo", "2024-06-01T09:00:00Z"), "2024-06-02T00:00:00.000Z");
    EXPECT_EQ(next("cron(0 9 * * ? *)", "America/New_York", "2024-03-09T20:00:00Z"), "2024-03-10T13:00:00.000Z");
    EXPECT_EQ(next("cron(0 9 * * ? *)", "America/New_York", "2024-03-08T20:00:00Z"), "2024-03-09T14:00:00.000Z");
    EXPECT_EQ(next("cron(0 0 1 1 ? 2024)", "UTC", "2024-06-01T00:00:00Z"), "never");
}

TEST(Timetable, WhatAWallClockLeavesOutIsSkippedAndWhatItRepeatsRunsOnce) {
    // 2024-03-31 02:00 to 03:00 does not exist in Berlin.
    EXPECT_EQ(next("cron(30 2 * * ? *)", "Europe/Berlin", "2024-03-30T12:00:00Z"), "2024-04-01T00:30:00.000Z");
    EXPECT_EQ(next("at(2024-03-31T02:30:00)", "Europe/Berlin", "2024-03-30T12:00:00Z"), "2024-03-31T01:00:00.000Z");
    // 2024-10-27 02:30 is shown twice: 00:30 and 01:30 UTC.
    EXPECT_EQ(next("cron(30 2 * * ? *)", "Europe/Berlin", "2024-10-26T12:00:00Z"), "2024-10-27T00:30:00.000Z");
    EXPECT_EQ(next("cron(30 2 * * ? *)", "Europe/Berlin", "2024-10-27T00:30:00Z"), "2024-10-28T01:30:00.000Z");
}

TEST(Timetable, OnceIsOnce) {
    EXPECT_EQ(next("at(2024-06-01T12:00:00)", "Asia/Tokyo", "2024-01-01T00:00:00Z"), "2024-06-01T03:00:00.000Z");
    EXPECT_EQ(next("at(2024-06-01T12:00:00)", "Asia/Tokyo", "2024-06-01T03:00:00Z"), "never");
}

TEST(Timetable, TheLastRunOfADowntimeIsFound) {
    const auto last = [](const char* schedule, const char* after, const char* until) {
        const auto found = Timetable(*parse_schedule(schedule), "UTC", at("2024-01-01T00:00:00Z")).last(at(after), at(until));
        return found ? format_iso8601(found->ms) : "none";
    };
    EXPECT_EQ(last("cron(*/10 * * * ? *)", "2024-06-01T00:00:00Z", "2024-06-01T05:05:00Z"), "2024-06-01T05:00:00.000Z");
    EXPECT_EQ(last("rate(7 minutes)", "2024-01-01T00:00:00Z", "2024-01-01T00:20:00Z"), "2024-01-01T00:14:00.000Z");
    EXPECT_EQ(last("cron(0 0 1 * ? *)", "2024-06-01T00:00:00Z", "2024-06-15T00:00:00Z"), "none");
    EXPECT_EQ(last("cron(0 0 1 * ? *)", "2024-05-20T00:00:00Z", "2024-06-15T00:00:00Z"), "2024-06-01T00:00:00.000Z");
    EXPECT_EQ(last("cron(0 0 29 2 ? *)", "1970-01-01T00:00:00Z", "2027-06-15T00:00:00Z"), "2024-02-29T00:00:00.000Z");
    EXPECT_EQ(last("at(2024-02-01T00:00:00)", "2024-01-20T00:00:00Z", "2024-06-15T00:00:00Z"), "2024-02-01T00:00:00.000Z");
    EXPECT_EQ(last("at(2024-02-01T00:00:00)", "2024-02-01T00:00:00Z", "2024-06-15T00:00:00Z"), "none");
    EXPECT_EQ(last("cron(0 0 1 * ? *)", "2024-05-20T00:00:00Z", "2024-06-01T12:00:00Z"), "2024-06-01T00:00:00.000Z");
}

}  // namespace
}  // namespace gantry::schedule
