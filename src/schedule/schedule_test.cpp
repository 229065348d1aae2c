#include <gtest/gtest.h>

#include "schedule/schedule_expression.h"
#include "schedule/time_zone.h"

namespace gantry::schedule {
namespace {

using namespace std::chrono_literals;
using std::chrono::local_days;
using std::chrono::year;

// "cron(FIELDS)" after 2026-01-01 00:00: "YYYY-MM-DD hh:mm", "never", or why it is refused.
std::string next(std::string_view fields, WallMinute after = local_days(year(2026) / 1 / 1)) {
    const auto cron = CronExpression::parse(fields);
    if (!cron) return cron.error().message;
    const auto at = cron->next(after);
    if (!at) return "never";
    const auto date = std::chrono::floor<std::chrono::days>(*at);
    const std::chrono::year_month_day day(date);
    char text[32];
    std::snprintf(
        text, sizeof text, "%04d-%02u-%02u %02d:%02d", static_cast<int>(day.year()),
        static_cast<unsigned>(day.month()), static_cast<unsigned>(day.day()),
        static_cast<int>((*at - date) / 1h), static_cast<int>((*at - date) % 1h / 1min)
    );
    return text;
}

TEST(Cron, NamesTheNextMinute) {
    EXPECT_EQ(next("0 10 * * ? *"), "2026-01-01 10:00");
    EXPECT_EQ(next("15 12 * * ? *", local_days(year(2026) / 1 / 1) + 12h + 15min), "2026-01-02 12:15");
    EXPECT_EQ(next("0 18 ? * MON-FRI *"), "2026-01-01 18:00");
    EXPECT_EQ(next("0 18 ? * FRI-MON *", local_days(year(2026) / 1 / 6)), "2026-01-09 18:00");
    EXPECT_EQ(next("0/15 * * * ? *"), "2026-01-01 00:15");
    EXPECT_EQ(next("5-30/10 8 * * ? *"), "2026-01-01 08:05");
    EXPECT_EQ(next("0 8 1 feb,Apr ? *"), "2026-02-01 08:00");
    EXPECT_EQ(next("0 0 29 2 ? *"), "2028-02-29 00:00");
    EXPECT_EQ(next("0 0 1 1 ? 2030-2199"), "2030-01-01 00:00");
    EXPECT_EQ(next("59 23 31 12 ? 2199"), "2199-12-31 23:59");
}

TEST(Cron, KnowsLastNearestAndNthDays) {
    EXPECT_EQ(next("0 0 L 2 ? *"), "2026-02-28 00:00");
    EXPECT_EQ(next("0 0 LW 1 ? *"), "2026-01-30 00:00");   // the 31st is a Saturday
    EXPECT_EQ(next("0 0 3W 1 ? *"), "2026-01-02 00:00");   // the 3rd is a Saturday
    EXPECT_EQ(next("0 0 4W 1 ? *"), "2026-01-05 00:00");   // the 4th is a Sunday
    EXPECT_EQ(next("0 0 1W 8 ? *"), "2026-08-03 00:00");   // a Saturday that does not leave its month
    EXPECT_EQ(next("0 0 31W 5 ? *"), "2026-05-29 00:00");  // a Sunday that does not
    EXPECT_EQ(next("0 0 ? * 6#3 *"), "2026-01-16 00:00");
    EXPECT_EQ(next("0 0 ? * 6L *"), "2026-01-30 00:00");
    EXPECT_EQ(next("0 0 ? 2 MON#5 2026-2043"), "never");
    EXPECT_EQ(next("0 0 ? * L *"), "2026-01-03 00:00");
}

TEST(Cron, NeverFires) {
    EXPECT_EQ(next("0 0 31 2 ? *"), "never");
    EXPECT_EQ(next("0 0 30,31 2 ? *"), "never");
    EXPECT_EQ(next("0 0 * * ? 2025"), "never");
    EXPECT_EQ(next("0 0 * * ? 2199", local_days(year(2200) / 1 / 1)), "never");
}

TEST(Cron, RefusesWhatIsNone) {
    for (const char* text :
         {"",
          "* * * *",
          "0 0 * * * *",
          "0 0 ? * ? *",
          "60 0 * * ? *",
          "0 24 * * ? *",
          "0 0 0 * ? *",
          "0 0 32 * ? *",
          "0 0 * 13 ? *",
          "0 0 ? * 8 *",
          "0 0 ? * 0 *",
          "0 0 * * ? 1969",
          "0 0 * * ? 2200",
          "a 0 * * ? *",
          "0/0 0 * * ? *",
          "1- 0 * * ? *",
          "1,,2 0 * * ? *",
          "/5 0 * * ? *",
          "0 0 ? * 2#6 *",
          "0 0 W * ? *",
          "99999999999 0 * * ? *",
          "0 0 ? ? * *"}) {
        EXPECT_FALSE(CronExpression::parse(text)) << text;
    }
}

TEST(Schedule, AtAndRate) {
    const auto at = parse_schedule("at(2026-02-28T23:59:59)");
    ASSERT_TRUE(at && std::holds_alternative<At>(*at));
    EXPECT_EQ(std::get<At>(*at).time, local_days(year(2026) / 2 / 28) + 23h + 59min + 59s);
    EXPECT_TRUE(will_fire(*at, local_days(year(2026) / 2 / 28)));
    EXPECT_FALSE(will_fire(*at, local_days(year(2026) / 3 / 1)));
    const auto rate = parse_schedule("rate(5 minutes)");
    ASSERT_TRUE(rate && std::holds_alternative<Rate>(*rate));
    EXPECT_EQ(std::get<Rate>(*rate).period, 5min);
    EXPECT_EQ(std::get<Rate>(*parse_schedule("rate(1 day)")).period, 24h);
    for (const char* text :
         {"", "at", "at(", "at()", "at(2026-02-30T00:00:00)", "at(2026-01-01T24:00:00)",
          "at(2026-01-01 00:00:00)", "rate(0 minutes)", "rate(-1 minutes)", "rate(1 minutes)",
          "rate(2 minute)", "rate(5)", "rate(5 weeks)", "rate(99999999999999999999 days)", "cron(* * * *)",
          "0 0 * * ? *", "every(5 minutes)"}) {
        EXPECT_FALSE(parse_schedule(text)) << text;
    }
}

TEST(TimeZone, IanaNames) {
    EXPECT_TRUE(is_time_zone("UTC"));
    EXPECT_TRUE(is_time_zone("Asia/Tokyo"));
    EXPECT_TRUE(is_time_zone("Etc/GMT+9"));
    EXPECT_FALSE(is_time_zone("Asia/Nowhere"));
    EXPECT_FALSE(is_time_zone("asia/tokyo"));
    EXPECT_FALSE(is_time_zone(""));
}

}  // namespace
}  // namespace gantry::schedule
