#include "control/text_cache.h"

#include <gtest/gtest.h>

namespace gantry::control {
namespace {

std::string text_of(TextCache& texts, const std::shared_ptr<const void>& object, int variant, std::string fresh) {
    std::string out = "before ";
    texts.append(out, object, variant, [&](std::string& to) { to += fresh; });
    EXPECT_TRUE(out.starts_with("before "));
    return out.substr(7);
}

TEST(TextCacheTest, WhatWasMadeOfAnObjectIsKept) {
    BoundedTextCache texts;
    const auto a = std::make_shared<const int>(1), b = std::make_shared<const int>(1);
    EXPECT_EQ(text_of(texts, a, 0, "a"), "a");
    EXPECT_EQ(text_of(texts, a, 0, "never made"), "a");
    EXPECT_EQ(text_of(texts, a, 1, "a with tags"), "a with tags");
    EXPECT_EQ(text_of(texts, b, 0, "b"), "b");
    EXPECT_EQ(text_of(texts, a, 0, "never made"), "a");
}

TEST(TextCacheTest, AnotherObjectInTheSamePlaceIsNotTakenForTheFirst) {
    BoundedTextCache texts;
    auto first = std::make_shared<const int>(1);
    const std::weak_ptr<const int> watched = first;
    text_of(texts, first, 0, "first");
    first.reset();
    EXPECT_FALSE(watched.expired()) << "its place could be another's now";
}

TEST(TextCacheTest, WhatWasUsedLongestAgoGoesFirst) {
    BoundedTextCache texts;
    const std::string large(BoundedTextCache::kBytesMax / 4, 'x');
    std::vector<std::shared_ptr<const int>> objects;
    for (int i = 0; i < 4; ++i) {
        objects.push_back(std::make_shared<const int>(i));
        text_of(texts, objects.back(), 0, large);
    }
    text_of(texts, objects[0], 0, "");
    text_of(texts, std::make_shared<const int>(4), 0, large);
    EXPECT_EQ(text_of(texts, objects[0], 0, "new"), large);
    EXPECT_LE(texts.bytes(), BoundedTextCache::kBytesMax);
    EXPECT_EQ(text_of(texts, objects[1], 0, "new"), "new");
}

TEST(TextCacheTest, WhatIsLargerThanAllIsNotKept) {
    BoundedTextCache texts;
    const auto object = std::make_shared<const int>(1);
    text_of(texts, object, 0, std::string(BoundedTextCache::kBytesMax + 1, 'x'));
    EXPECT_EQ(texts.bytes(), 0u);
    EXPECT_EQ(text_of(texts, object, 0, "new"), "new");
}

}  // namespace
}  // namespace gantry::control
