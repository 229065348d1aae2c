#include "ecs/state_fixture.h"
#include "operation/later.h"
#include "shapes/json.h"

namespace gantry::ecs {
Result<Later> describe_tasks_later(
    state::Txn& txn, const shapes::ecs::DescribeTasksRequest& request, const Caller& caller
);
}

namespace gantry::ecs::testing {
namespace {

class Texts : public TextCache {
  public:
    void append(
        std::string& out, const std::shared_ptr<const void>& object, int variant, const Make& make
    ) override {
        auto& text = texts_[{object, variant}];
        if (text.empty()) {
            make(text);
            ++made;
        }
        out += text;
    }
    int made = 0;

  private:
    std::map<std::pair<std::shared_ptr<const void>, int>, std::string> texts_;
};

class DescribeTasksTest : public EcsTest {
  protected:
    // Both ways give the same bytes; how many tasks had to be written anew.
    int described(const std::string& json) {
        const auto plain = ask(describe_tasks, json);
        EXPECT_TRUE(plain) << (plain ? "" : plain.error().message);
        const auto request =
            shapes::from_json<shapes::ecs::DescribeTasksRequest>(boost::json::parse(json)).value();
        state::Txn txn(database, turn);
        const auto later = describe_tasks_later(txn, request, caller);
        txn.finish();
        EXPECT_TRUE(later) << (later ? "" : later.error().message);
        const int before = texts.made;
        std::string text;
        if (later) (*later)(text, texts);
        EXPECT_EQ(text, plain ? shapes::to_json_text(*plain) : "");
        return texts.made - before;
    }
    Texts texts;
};

TEST_F(DescribeTasksTest, WhatIsMadeOffTheStrandIsTheSame) {
    prepare();
    add_worker();
    const auto a = run_one(), b = run_one(R"(,"tags":[{"key":"k","value":"v"}])");
    settle();
    const std::string both = R"("tasks":[")" + a + R"(",")" + std::string(32, 'a') + R"(",")" + b + R"("])";
    EXPECT_EQ(described("{" + both + "}"), 2);
    EXPECT_EQ(described("{" + both + "}"), 0);
    EXPECT_EQ(described("{" + both + R"(,"include":["TAGS"]})"), 2);
    ASSERT_TRUE(ask(stop_task, R"({"task":")" + a + R"("})"));
    EXPECT_EQ(described("{" + both + "}"), 1);
    EXPECT_EQ(described(R"({"tasks":[")" + std::string(32, 'a') + R"("]})"), 0);
}

}  // namespace
}  // namespace gantry::ecs::testing
