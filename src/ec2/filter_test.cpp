#include "ec2/filter.h"

#include <gtest/gtest.h>

#include "ec2/ec2_client_test.h"
#include "ec2/listing.h"

namespace gantry::ec2 {
namespace {

TEST(Filter, MatchesEc2sPatterns) {
    struct Row {
        const char* pattern;
        const char* text;
        bool match;
    };
    for (const Row& row : std::initializer_list<Row>{
             {"", "", true},
             {"", "a", false},
             {"abc", "abc", true},
             {"abc", "ABC", false},
             {"a*c", "abbbc", true},
             {"a*c", "ac", true},
             {"a*c", "ab", false},
             {"a?c", "abc", true},
             {"a?c", "ac", false},
             {"*", "", true},
             {"**", "anything", true},
             {"*ab*ab", "abab", true},
             {"*ab*ab", "aab", false},
             {"a\\*c", "a*c", true},
             {"a\\*c", "abc", false},
             {"\\?", "?", true},
             {"a\\", "a\\", true},
         })
        EXPECT_EQ(matches_pattern(row.pattern, row.text), row.match) << row.pattern << " on " << row.text;
}

bool slow_match(std::string_view pattern, std::string_view text) {
    if (pattern.empty()) return text.empty();
    if (pattern[0] == '*')
        return slow_match(pattern.substr(1), text) || (!text.empty() && slow_match(pattern, text.substr(1)));
    return !text.empty() && (pattern[0] == '?' || pattern[0] == text[0]) &&
           slow_match(pattern.substr(1), text.substr(1));
}

TEST(Filter, AgreesWithTheDefinitionOnRandomPatterns) {
    testing::Dice dice;
    const auto draw = [&](std::string_view alphabet) {
        std::string text;
        for (auto length = dice.draw() % 8; length > 0; --length)
            text += alphabet[dice.draw() % alphabet.size()];
        return text;
    };
    for (int round = 0; round < 50'000; ++round) {
        const std::string pattern = draw("ab*?");
        const std::string text = draw("ab");
        ASSERT_EQ(matches_pattern(pattern, text), slow_match(pattern, text)) << pattern << " on " << text;
    }
}

TEST(Filter, OrsValuesAndKnowsTags) {
    const Tags tags = {{"Name", "web"}, {"stage", "prod"}};
    const auto with = [&](std::string name, Values values) {
        Filters filters = std::vector{shapes::ec2::Filter{name, values}};
        return matches_all(filters, tags, [](const std::string&) { return FilterValues{}; });
    };
    EXPECT_TRUE(*with("tag:Name", {"api", "web"}));
    EXPECT_TRUE(*with("tag:Name", {"w*"}));
    EXPECT_FALSE(*with("tag:Owner", {"*"}));
    EXPECT_TRUE(*with("tag-key", {"st?ge"}));
    EXPECT_FALSE(*with("tag-key", {}));
    EXPECT_EQ(with("colour", {"red"}).error().message, "The filter 'colour' is invalid");
}

// Pages of any size, put together, are the whole list.
TEST(Listing, PagesAreCutsOfTheList) {
    for (std::int32_t size = 5; size < 20; ++size) {
        std::vector<std::string> all;
        for (int i = 0; i < 47; ++i) all.push_back("id-" + std::to_string(100 + i));
        std::vector<std::string> seen;
        std::optional<std::string> token;
        do {
            auto page = all;
            token = *cut_page(page, token, size, [](const std::string& item) { return item; });
            EXPECT_LE(page.size(), static_cast<std::size_t>(size));
            seen.insert(seen.end(), page.begin(), page.end());
        } while (token);
        EXPECT_EQ(seen, all);
    }
    EXPECT_FALSE(decode_token("xyz"));
    EXPECT_FALSE(decode_token("abc"));
    EXPECT_FALSE(page_size(4));
}

}  // namespace
}  // namespace gantry::ec2
