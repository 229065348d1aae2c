#include "worker/log_options.h"

#include <gtest/gtest.h>
#include <re2/re2.h>

namespace gantry::worker {
namespace {

Result<LogOptions> parse(std::map<std::string, std::string> options) {
    return parse_log_options({"awslogs", std::move(options)}, "web", "0123", "eu-west-1");
}

TEST(LogOptions, DefaultsAndTheStreamsName) {
    const auto options = parse({{"awslogs-group", "g"}, {"awslogs-stream-prefix", "p"}}).value();
    EXPECT_EQ(options.stream, "p/web/0123");
    EXPECT_EQ(options.region, "eu-west-1");
    EXPECT_EQ(options.mode, port::OutputMode::non_blocking);
    EXPECT_EQ(options.buffer_bytes, 10u << 20);
    EXPECT_FALSE(options.create_group);
}

TEST(LogOptions, Refusals) {
    EXPECT_FALSE(parse({}));
    EXPECT_FALSE(parse({{"awslogs-group", "g"}, {"mode", "sideways"}}));
    EXPECT_FALSE(parse({{"awslogs-group", "g"}, {"max-buffer-size", "lots"}}));
    EXPECT_FALSE(parse({{"awslogs-group", "g"}, {"awslogs-create-group", "maybe"}}));
    EXPECT_FALSE(parse({{"awslogs-group", "g"}, {"awslogs-multiline-pattern", "("}}));
    EXPECT_FALSE(parse({{"awslogs-group", "g"}, {"awslogs-datetime-format", "%Q"}}));
    EXPECT_FALSE(
        parse({{"awslogs-group", "g"}, {"awslogs-datetime-format", "%Y"}, {"awslogs-multiline-pattern", "x"}})
    );
}

TEST(LogOptions, SizesAndModes) {
    EXPECT_EQ(parse({{"awslogs-group", "g"}, {"max-buffer-size", "4m"}})->buffer_bytes, 4u << 20);
    EXPECT_EQ(parse({{"awslogs-group", "g"}, {"max-buffer-size", "512KB"}})->buffer_bytes, 512u << 10);
    EXPECT_EQ(parse({{"awslogs-group", "g"}, {"mode", "blocking"}})->mode, port::OutputMode::blocking);
}

TEST(LogOptions, DatetimeFormatMatchesItsTimes) {
    const re2::RE2 pattern(datetime_pattern("[%b %d, %Y %H:%M:%S]").value());
    EXPECT_TRUE(re2::RE2::PartialMatch("[Nov 23, 2026 10:37:00] start", pattern));
    EXPECT_FALSE(re2::RE2::PartialMatch("  continued 10:37", pattern));
}

}  // namespace
}  // namespace gantry::worker
