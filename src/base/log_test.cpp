#include "base/log.h"

#include <gtest/gtest.h>

namespace gantry::log {
namespace {

TEST(Log, TextQuotesWhatNeedsIt) {
    EXPECT_EQ(
        line(Level::warn, "worker lost", {{"worker", "w1"}, {"why", "no answer"}, {"ms", 10}}, Format::text),
        "warn worker lost worker=w1 why=\"no answer\" ms=10"
    );
}

TEST(Log, JsonKeepsNumbersAndEscapes) {
    EXPECT_EQ(
        line(Level::info, "a\nb", {{"n", 3}, {"ok", true}, {"s", "\"x\""}}, Format::json),
        R"("level":"info","message":"a\nb","n":3,"ok":true,"s":"\"x\"")"
    );
}

}  // namespace
}  // namespace gantry::log
