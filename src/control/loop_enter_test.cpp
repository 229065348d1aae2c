#include "control/loop_fixture_test.h"
#include "control/strand.h"

namespace gantry::control {
namespace {

// Somebody else's thread, with a loop that may be entered from it.
class LoopEnterTest : public LoopTest {
  protected:
    LoopEnterTest() {
        loop_ = std::make_unique<Loop>(LoopParts{
            strand_.executor(), context_.get_executor(), clock_, store_, chance_, schema_, &strand_
        });
        loop_->add_controller(master_);
    }
    ~LoopEnterTest() override { stop(); }
    void SetUp() override { ASSERT_TRUE(start()); }

    using Slot = std::shared_ptr<std::optional<Result<void>>>;
    // Without a turn of the strand's own thread.
    Slot transact(Loop::Work work) {
        auto slot = std::make_shared<std::optional<Result<void>>>();
        boost::asio::co_spawn(
            elsewhere_, loop_->transact(std::move(work)),
            [slot](const std::exception_ptr&, Result<void> result) { *slot = std::move(result); }
        );
        run_elsewhere();
        return slot;
    }
    void run_elsewhere() {
        elsewhere_.restart();
        elsewhere_.poll();
    }
    static Result<void> nothing(state::Txn&) { return {}; }

    Strand strand_{context_};
    boost::asio::io_context elsewhere_{1};
};

TEST_F(LoopEnterTest, WhatNeedsNoFenceIsAnsweredWithoutAChangeOfThreads) {
    const auto read = transact(nothing);
    ASSERT_TRUE(read->has_value());
    EXPECT_TRUE(read->value());
    const auto refused = transact([](state::Txn&) -> Result<void> { return refuse("X", "no"); });
    ASSERT_TRUE(refused->has_value());
    EXPECT_EQ(refused->value().error().code, "X");
}

TEST_F(LoopEnterTest, NothingLeavesBeforeItIsDurable) {
    store_.hold();
    const auto write = transact(put({"a", "Rotterdam", {}}));
    const auto read = transact(nothing);
    clock_.settle();
    run_elsewhere();
    EXPECT_FALSE(write->has_value());
    EXPECT_FALSE(read->has_value());
    store_.release();
    clock_.settle();
    run_elsewhere();
    ASSERT_TRUE(write->has_value());
    EXPECT_TRUE(write->value());
    ASSERT_TRUE(read->has_value());
    EXPECT_TRUE(read->value());
    EXPECT_EQ(boats("Rotterdam"), 1);
}

TEST_F(LoopEnterTest, AWriteThatIsUndoneIsTold) {
    store_.foretell(sim::CommitFate::refused);
    const auto write = transact(put({"a", "Rotterdam", {}}));
    clock_.settle();
    run_elsewhere();
    ASSERT_TRUE(write->has_value());
    EXPECT_FALSE(write->value());
}

TEST_F(LoopEnterTest, WhileTheStrandIsBusyWorkWaitsForIt) {
    Slot read;
    ASSERT_TRUE(strand_.try_run([&] { read = transact(nothing); }));
    EXPECT_FALSE(read->has_value());
    clock_.settle();
    run_elsewhere();
    ASSERT_TRUE(read->has_value());
    EXPECT_TRUE(read->value());
}

}  // namespace
}  // namespace gantry::control
