#include "logs/filter_pattern.h"

#include <gtest/gtest.h>

#include <random>

#include "logs/admit_events.h"
#include "logs/event_token.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace gantry::logs {
namespace {

bool matches(const std::string& pattern, const std::string& message) {
    const auto parsed = FilterPattern::parse(pattern);
    EXPECT_TRUE(parsed.has_value()) << pattern;
    return parsed && parsed->matches(message);
}

TEST(FilterPattern, Terms) {
    EXPECT_TRUE(matches("", "anything"));
    EXPECT_TRUE(matches("  ", ""));
    EXPECT_TRUE(matches("ERROR", "[ERROR 400] BAD REQUEST"));
    EXPECT_FALSE(matches("error", "[ERROR 400] BAD REQUEST"));
    EXPECT_TRUE(matches("ERROR REQUEST", "[ERROR 400] BAD REQUEST"));
    EXPECT_FALSE(matches("ERROR ARGUMENTS", "[ERROR 400] BAD REQUEST"));
    EXPECT_TRUE(matches("?ERROR ?WARN", "WARN x"));
    EXPECT_FALSE(matches("?ERROR ?WARN", "INFO x"));
    EXPECT_TRUE(matches("\"INTERNAL SERVER ERROR\"", "500 INTERNAL SERVER ERROR"));
    EXPECT_FALSE(matches("\"SERVER INTERNAL\"", "500 INTERNAL SERVER ERROR"));
    EXPECT_TRUE(matches("ERROR -ARGUMENTS", "ERROR 400"));
    EXPECT_FALSE(matches("ERROR -ARGUMENTS", "ERROR ARGUMENTS"));
    EXPECT_TRUE(matches("-\"a b\"", "ab"));
    EXPECT_TRUE(matches("%AUTHORIZED%", "UNAUTHORIZED"));
    EXPECT_TRUE(matches("%4\\d{2}% GET", "GET / 404"));
    EXPECT_FALSE(matches("%4\\d{2}%", "GET / 200"));
}

TEST(FilterPattern, Json) {
    const std::string event =
        R"({"eventType":"Update","n":12,"f":1.5,"neg":-3,"ok":true,"nil":null,"a":{"b":[{"c":"x"},{"c":"y"}]},)"
        R"("ip":"10.0.0.7","list":["p","q"],"a.b":1})";
    for (const auto* pattern : {
             "{ $.eventType = \"Update\" }",
             "{$.eventType=Update}",
             "{ $.eventType = \"Upd*\" }",
             "{ $.eventType != \"Create\" }",
             "{ $.n = 12 }",
             "{ $.n >= 12 && $.n < 13 }",
             "{ $.f = 1.5 }",
             "{ $.neg < -2 }",
             "{ $.ok IS TRUE }",
             "{ $.nil IS NULL }",
             "{ $.gone NOT EXISTS }",
             "{ $.eventType EXISTS }",
             "{ $.a.b[0].c = \"x\" }",
             "{ $.a.b[*].c = \"y\" }",
             "{ $.ip = 10.0.0.* }",
             "{ $.ip = %^10\\.0\\.% }",
             "{ $.n = 1* }",
             "{ ($.n = 1 || $.n = 12) && $.ok = true }",
             "{ $.n = 1 && $.n = 2 || $.f > 1 }",
             "{ $[\"a.b\"] = 1 }",
         })
        EXPECT_TRUE(matches(pattern, event)) << pattern;
    for (const auto* pattern : {
             "{ $.eventType = \"update\" }",
             "{ $.n > 12 }",
             "{ $.n = 12 && ($.f = 2 || $.f = 3) }",
             "{ $.ok IS FALSE }",
             "{ $.gone IS NULL }",
             "{ $.eventType NOT EXISTS }",
             "{ $.a.b[2].c = \"x\" }",
             "{ $.list = \"p\" }",
         })
        EXPECT_FALSE(matches(pattern, event)) << pattern;
    EXPECT_FALSE(matches("{ $.a = 1 }", "not json"));
    EXPECT_FALSE(matches("{ $.gone NOT EXISTS }", "not json"));
}

TEST(FilterPattern, Columns) {
    const std::string line =
        R"(127.0.0.1 - frank [10/Oct/2000:13:25:15 -0700] "GET /index.html HTTP/1.0" 404 1534)";
    EXPECT_TRUE(matches("[ip, id, user, timestamp, request, status, bytes]", line));
    EXPECT_FALSE(matches("[ip, id, user]", line));
    EXPECT_TRUE(matches("[ip, user, ..., status = 4*, bytes > 1000]", line));
    EXPECT_FALSE(matches("[..., status = 2*, bytes]", line));
    EXPECT_TRUE(matches("[ip = %127\\.0\\.0\\.[1-9]%, ...]", line));
    EXPECT_TRUE(matches(
        "[ip, id, user, timestamp, request = *html*, status_code = 404 || status_code = 410, bytes]", line
    ));
    EXPECT_TRUE(matches("[w1 != \"x\" && w1 != \"y\", ...]", line));
    EXPECT_FALSE(matches("[ip, ..., bytes >= 1535]", line));
}

TEST(FilterPattern, RefusesWhatIsNone) {
    for (const auto* pattern :
         {"{", "{ $.a }", "{ $.a = }", "{ a = 1 }", "{ $.a = 1 ", "{ $.a = 1 } x", "{ $.a > \"x\" }", "[",
          "[a", "[a,]", "[..., b, ...]", "[a > x]", "\"open", "%open", "%(%", "a(b", "?", "-",
          "{ $.a = %[% }"})
        EXPECT_FALSE(FilterPattern::parse(pattern).has_value()) << pattern;
    EXPECT_FALSE(FilterPattern::parse(std::string(1025, 'a')).has_value());
    EXPECT_FALSE(
        FilterPattern::parse("{" + std::string(500, '(') + "$.a=1" + std::string(500, ')') + "}").has_value()
    );
    EXPECT_EQ(FilterPattern::parse("{").error().code, "InvalidParameterException");
}

// Seeded mutations of valid patterns: never a crash.
TEST(FilterPattern, SurvivesMutations) {
    std::mt19937 dice(7);
    const std::vector<std::string> seeds{
        "{ $.a.b[0] = \"x\" && ($.c > 1 || $.d IS NULL) }\n{\"a\":{\"b\":[\"x\"]},\"c\":2}",
        "[ip, user, ..., status=4*, bytes>1000]\n1 2 3 404 2000",
        "ERROR -Exit ?WARN \"two words\" %4\\d%\nERROR two words 44"
    };
    const std::string alphabet = "{}[]()$.\"%=<>!&|*, -?\\aA10\n";
    for (int round = 0; round < 20'000; ++round) {
        auto input = seeds[dice() % seeds.size()];
        for (unsigned k = dice() % 6 + 1; k > 0 && !input.empty(); --k) {
            const auto at = dice() % input.size();
            switch (dice() % 3) {
                case 0:
                    input[at] = alphabet[dice() % alphabet.size()];
                    break;
                case 1:
                    input.erase(at, dice() % 4);
                    break;
                default:
                    input.insert(at, 1, alphabet[dice() % alphabet.size()]);
            }
        }
        LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(input.data()), input.size());
    }
}

TEST(EventToken, RoundTripsAndRefusesForgeries) {
    const port::LogEventKey key{1'700'000'000'123, 42};
    EXPECT_EQ(format_event_id(key).size(), 56u);
    EXPECT_EQ(parse_event_id(format_event_id(key)), key);
    const auto token = parse_token(format_token({false, key}));
    ASSERT_TRUE(token.has_value());
    EXPECT_FALSE(token->forward);
    EXPECT_EQ(token->at, key);
    EXPECT_FALSE(parse_token("f/1/s").has_value());
    EXPECT_FALSE(parse_token("x/" + format_event_id(key) + "/s").has_value());
    EXPECT_FALSE(parse_event_id(std::string(56, '9')).has_value());
}

TEST(AdmitEvents, AppliesPutLogEventsRules) {
    constexpr std::int64_t kHour = 3'600'000;
    const RealInstant now{1'000'000 * kHour};
    const auto at = [&](std::int64_t hours) { return NewEvent{now.ms + hours * kHour, "x"}; };
    EXPECT_FALSE(admit_events({}, now, 0).has_value());
    EXPECT_FALSE(admit_events({at(0), at(-1)}, now, 0).has_value());
    EXPECT_FALSE(admit_events({at(-25), at(0)}, now, 0).has_value());
    EXPECT_FALSE(admit_events({{now.ms, std::string(1'048'551, 'x')}}, now, 0).has_value());
    EXPECT_TRUE(admit_events({{now.ms, std::string(1'048'550, 'x')}}, now, 0).has_value());
    const auto ahead = admit_events({at(0), at(2), at(3)}, now, 0).value();
    EXPECT_EQ(ahead.last, 2u);
    EXPECT_EQ(ahead.too_new_start, 2);
    const auto old = admit_events({at(-14 * 24 - 1), at(-14 * 24)}, now, 0).value();
    EXPECT_EQ(old.first, 1u);
    EXPECT_EQ(old.too_old_end, 1);
    const auto expired = admit_events({at(-25), at(-2)}, now, 1).value();
    EXPECT_EQ(expired.first, 1u);
    EXPECT_EQ(expired.expired_end, 1);
    const auto none = admit_events({at(5)}, now, 0).value();
    EXPECT_EQ(none.first, none.last);
}

}  // namespace
}  // namespace gantry::logs

#include "logs/filter_pattern_fuzz.cpp"
