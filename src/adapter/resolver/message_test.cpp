#include "adapter/resolver/message.h"

#include <gtest/gtest.h>

namespace gantry::adapter::resolver {
namespace {

using namespace std::string_literals;

std::string query_for(const std::string& labels, std::uint16_t type = 1) {
    return "\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00"s + labels + "\x00"s +
           static_cast<char>(type >> 8) + static_cast<char>(type) + "\x00\x01"s;
}

TEST(Message, ReadsAQuestionInLowerCase) {
    auto query = query_for("\x03Web\x06GANTRY\x08internal"s, 28);
    ASSERT_TRUE(is_question(query));
    EXPECT_TRUE(is_standard(query));
    auto question = read_question(query);
    ASSERT_TRUE(question.has_value());
    EXPECT_EQ(question->name, "web.gantry.internal");
    EXPECT_EQ(question->type, 28);
    EXPECT_EQ(question->klass, 1);
    EXPECT_EQ(question->end, query.size());
    EXPECT_EQ(id_of(query), 0x1234);
}

TEST(Message, WritesAnAnswer) {
    auto query = query_for("\x01x"s) + "additional records that are not looked at";
    auto reply =
        write_answer(query, *read_question(query), Code::none, {"\x0a\x00\x00\x01"s, "\x0a\x00\x00\x02"s}, 5);
    EXPECT_EQ(
        reply,
        "\x12\x34\x81\x80\x00\x01\x00\x02\x00\x00\x00\x00\x01x\x00\x00\x01\x00\x01"s
        "\xc0\x0c\x00\x01\x00\x01\x00\x00\x00\x05\x00\x04\x0a\x00\x00\x01"s
        "\xc0\x0c\x00\x01\x00\x01\x00\x00\x00\x05\x00\x04\x0a\x00\x00\x02"s
    );
    EXPECT_TRUE(is_reply_to(reply, query));
    EXPECT_FALSE(is_reply_to(query, query)) << "not a reply";
    EXPECT_FALSE(is_reply_to(reply, query_for("\x01y"s))) << "to another question";
    set_id(reply, 1);
    EXPECT_FALSE(is_reply_to(reply, query)) << "under another id";
    EXPECT_EQ(
        write_failure(query, Code::server_failure), "\x12\x34\x81\x82\x00\x00\x00\x00\x00\x00\x00\x00"s
    );
    EXPECT_TRUE(is_reply_to(write_failure(query, Code::server_failure), query));
    EXPECT_FALSE(is_reply_to(write_failure(query, Code::none), query)) << "an empty success answers nothing";
}

TEST(Message, RefusesWhatIsNoQuestion) {
    EXPECT_FALSE(is_question(""));
    EXPECT_FALSE(is_question("\x12\x34\x81\x80\x00\x01\x00\x00\x00\x00\x00"s));
    EXPECT_FALSE(is_question("\x12\x34\x81\x80\x00\x01\x00\x00\x00\x00\x00\x00"s)) << "a reply";
    EXPECT_FALSE(read_question(query_for("\xc0\x0c"s)).has_value()) << "compression";
    EXPECT_FALSE(read_question(query_for("\x40" + std::string(64, 'a'))).has_value()) << "label too long";
    EXPECT_FALSE(read_question(query_for("\x03"
                                         "a.b"s))
                     .has_value()
    ) << "a dot inside a label";
    std::string labels;
    for (int i = 0; i < 5; ++i) labels += "\x3f" + std::string(63, 'a');
    EXPECT_FALSE(read_question(query_for(labels)).has_value()) << "name too long";
    auto two = query_for("\x01x"s);
    two[5] = 2;
    EXPECT_FALSE(read_question(two).has_value());
}

// Every prefix and every change of one byte of a query is read without harm, and what is read can be
// answered.
TEST(Message, SurvivesDamage) {
    auto good = query_for("\x03web\x06gantry\x08internal"s);
    for (std::size_t length = 0; length <= good.size(); ++length) {
        auto cut = good.substr(0, length);
        EXPECT_EQ(is_question(cut) && read_question(cut).has_value(), length == good.size());
    }
    for (std::size_t at = 0; at < good.size(); ++at) {
        for (int value = 0; value < 256; ++value) {
            auto bad = good;
            bad[at] = static_cast<char>(value);
            if (!is_question(bad)) continue;
            if (auto question = read_question(bad)) {
                EXPECT_TRUE(is_reply_to(write_answer(bad, *question, Code::none, {}, 1), bad));
            }
        }
    }
}

}  // namespace
}  // namespace gantry::adapter::resolver
