#include "base/instant.h"

#include <gtest/gtest.h>

namespace gantry {
namespace {

TEST(Instant, FormatsAndParsesBack) {
    for (const std::int64_t ms : {0LL, 1'700'000'000'123LL, 4'102'444'799'999LL, -1LL}) {
        EXPECT_EQ(parse_iso8601(format_iso8601(ms)).value(), ms);
    }
    EXPECT_EQ(format_iso8601(0), "1970-01-01T00:00:00.000Z");
}

TEST(Instant, ParsesWhatClientsSend) {
    EXPECT_EQ(parse_iso8601("1970-01-01T00:00:01Z").value(), 1000);
    EXPECT_EQ(parse_iso8601("1970-01-01T01:00:00+01:00").value(), 0);
    EXPECT_EQ(parse_iso8601("1970-01-01T00:00:00.5Z").value(), 500);
}

TEST(Instant, RefusesWhatIsNoTime) {
    for (const char* text :
         {"", "now", "2026-02-30T00:00:00Z", "2026-01-01", "2026-01-01T25:00:00Z", "2026-01-01T00:00:00Zx"}) {
        EXPECT_FALSE(parse_iso8601(text)) << text;
    }
}

}  // namespace
}  // namespace gantry
