#include "worker/log_lines.h"

#include <gtest/gtest.h>
#include <re2/re2.h>

namespace gantry::worker {
namespace {

using Lines = std::vector<std::string>;

TEST(LineAssembler, OneLineIsOneEvent) {
    LineAssembler lines;
    lines.feed("one\r\ntwo\n\nthr");
    auto taken = lines.take(100, 1 << 20, false);
    EXPECT_EQ(taken.messages, (Lines{"one", "two"}));
    EXPECT_EQ(taken.bytes, 10u);
    lines.feed("ee\n");
    EXPECT_EQ(lines.take(100, 1 << 20, false).messages, (Lines{"three"}));
}

TEST(LineAssembler, TheLastLineWithoutAnEndComesWithFlush) {
    LineAssembler lines;
    lines.feed("no end");
    EXPECT_EQ(lines.take(100, 1 << 20, false).bytes, 0u);
    const auto taken = lines.take(100, 1 << 20, true);
    EXPECT_EQ(taken.messages, (Lines{"no end"}));
    EXPECT_EQ(taken.bytes, 6u);
}

TEST(LineAssembler, ABatchIsBounded) {
    LineAssembler lines;
    for (int i = 0; i < 10; ++i) lines.feed("0123456789\n");
    EXPECT_EQ(lines.take(3, 1 << 20, false).messages.size(), 3u);
    EXPECT_EQ(lines.take(100, 2 * (10 + 26), false).messages.size(), 2u);
    EXPECT_EQ(lines.take(100, 1, false).messages.size(), 1u);
}

TEST(LineAssembler, LongLinesAreSplitBetweenCharacters) {
    LineAssembler lines;
    std::string text;
    while (text.size() <= event_bytes_max) text += "\xe2\x82\xac";
    lines.feed(text + "\n");
    const auto taken = lines.take(100, 10 << 20, false);
    ASSERT_EQ(taken.messages.size(), 2u);
    EXPECT_LE(taken.messages[0].size(), event_bytes_max);
    EXPECT_EQ(taken.messages[0] + taken.messages[1], text);
    EXPECT_EQ(taken.bytes, text.size() + 1);
}

TEST(LineAssembler, AStartPatternJoinsLines) {
    LineAssembler lines(std::make_shared<const re2::RE2>("^\\d{4}-"));
    lines.feed("2026-01 a\n  at x\n2026-02 b\n");
    EXPECT_EQ(lines.take(100, 1 << 20, false).messages, (Lines{"2026-01 a\n  at x\n"}));
    lines.feed("  at y\n");
    EXPECT_EQ(lines.take(100, 1 << 20, true).messages, (Lines{"2026-02 b\n  at y\n"}));
}

// Whatever the cuts between reads and takes, the events are the same, and their bytes add up.
TEST(LineAssembler, CutsDoNotMatter) {
    const std::string text = "a\nbb\n\nccc\r\n\xff\n dd\ne";
    LineAssembler whole;
    whole.feed(text);
    const auto wanted = whole.take(100, 1 << 20, true).messages;
    for (std::size_t cut = 0; cut <= text.size(); ++cut) {
        LineAssembler lines;
        Lines got;
        std::uint64_t bytes = 0;
        const auto collect = [&](bool flush) {
            for (auto taken = lines.take(2, 1 << 20, flush); taken.bytes > 0;
                 taken = lines.take(2, 1 << 20, flush)) {
                got.insert(got.end(), taken.messages.begin(), taken.messages.end());
                bytes += taken.bytes;
            }
        };
        lines.feed(text.substr(0, cut));
        collect(false);
        lines.feed(text.substr(cut));
        collect(true);
        EXPECT_EQ(got, wanted) << cut;
        EXPECT_EQ(bytes, text.size()) << cut;
    }
}

TEST(ValidUtf8, ReplacesWhatIsNot) {
    const std::string mark = "\xef\xbf\xbd";
    EXPECT_EQ(valid_utf8("plain \xe2\x82\xac \xf0\x9f\x98\x80"), "plain \xe2\x82\xac \xf0\x9f\x98\x80");
    EXPECT_EQ(
        valid_utf8("a\xff"
                   "b"),
        "a" + mark + "b"
    );
    EXPECT_EQ(valid_utf8("\xc0\xaf"), mark + mark);
    EXPECT_EQ(valid_utf8("\xed\xa0\x80"), mark + mark + mark);
    EXPECT_EQ(valid_utf8("\xe2\x82"), mark + mark);
}

}  // namespace
}  // namespace gantry::worker
