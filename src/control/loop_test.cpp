#include "control/loop.h"

#include "control/loop_fixture_test.h"
#include "control/policy_time.h"

namespace gantry::control {
namespace {

using namespace std::chrono_literals;

TEST_F(LoopTest, AnOperationIsAnsweredAndControllersFollow) {
    ASSERT_TRUE(start());
    const auto reply = submit(put({"a", "Rotterdam", {}}));
    ASSERT_TRUE(reply->has_value());
    EXPECT_TRUE((*reply)->has_value());
    EXPECT_EQ(boats("Rotterdam"), 1);
    EXPECT_EQ(loop_->status().seen, loop_->status().durable);
}

TEST_F(LoopTest, NothingLeavesBeforeItIsDurable) {
    ASSERT_TRUE(start());
    std::size_t published = 0;
    loop_->on_durable([&](const state::ChangeSet&) { ++published; });
    store_.hold();
    const auto write = submit(put({"a", "Rotterdam", {}}));
    const auto read = submit([](state::Txn& txn) -> Result<void> {
        EXPECT_NE(txn.get<Boat>("a"), nullptr);
        return {};
    });
    const auto refusal = submit([](state::Txn&) -> Result<void> { return refuse("X", "no"); });
    clock_.advance(10s);
    EXPECT_FALSE(write->has_value());
    EXPECT_FALSE(read->has_value());
    EXPECT_FALSE(refusal->has_value());
    EXPECT_EQ(published, 0u);
    store_.release();
    clock_.settle();
    EXPECT_TRUE(write->value());
    EXPECT_TRUE(read->value());
    EXPECT_EQ(refusal->value().error().code, "X");
    EXPECT_EQ(published, 2u);  // the boat and the harbour
}

TEST_F(LoopTest, AReadOfDurableStateWaitsForNothing) {
    ASSERT_TRUE(start());
    store_.hold();
    const auto read = submit([](state::Txn&) -> Result<void> { return {}; });
    EXPECT_TRUE(read->has_value());
}

TEST_F(LoopTest, ManyTransactionsShareACommit) {
    ASSERT_TRUE(start());
    for (int i = 0; i < 500; ++i) {
        loop_->submit(put({"boat" + std::to_string(i), "Rotterdam", {}}), {}, [](const Result<void>&) {});
    }
    clock_.settle();
    EXPECT_EQ(boats("Rotterdam"), 500);
    EXPECT_LT(store_.commits(), 100u);
}

TEST_F(LoopTest, AGroupIsNoLargerThanTheStoreTakes) {
    store_.set_limits({.records_max = 10, .bytes_max = 1 << 20});
    ASSERT_TRUE(start());
    for (int i = 0; i < 50; ++i) {
        loop_->submit(put({"boat" + std::to_string(i), "Rotterdam", {}}), {}, [](const Result<void>&) {});
    }
    clock_.settle();
    EXPECT_GE(store_.commits(), 6u);
    EXPECT_EQ(loop_->status().seen, loop_->status().durable);
}

TEST_F(LoopTest, ARefusalUndoesItsWrites) {
    ASSERT_TRUE(start());
    const auto reply = submit([](state::Txn& txn) -> Result<void> {
        txn.put(Boat{"a", "Rotterdam", {}});
        return refuse("ClientException", "no");
    });
    EXPECT_EQ(reply->value().error().code, "ClientException");
    EXPECT_EQ(loop_->view().get<Boat>("a"), nullptr);
    EXPECT_EQ(store_.commits(), 0u);
}

TEST_F(LoopTest, ARefusingStoreUndoesEverythingNotDurable) {
    ASSERT_TRUE(start());
    (void)submit(put({"first", "Rotterdam", {}}));
    const auto before = loop_->digest();
    store_.hold();
    store_.foretell(sim::CommitFate::refused);
    const auto second = submit(put({"second", "Rotterdam", {}}));
    const auto third = submit(put({"first", "Hamburg", {}}));
    const auto read = submit([](state::Txn&) -> Result<void> { return {}; });
    store_.release();
    clock_.settle();
    EXPECT_EQ(second->value().error().errc, Errc::unavailable);
    EXPECT_EQ(third->value().error().errc, Errc::unavailable);
    EXPECT_EQ(read->value().error().errc, Errc::unavailable);
    EXPECT_EQ(loop_->digest(), before);
    // The touched keys are looked at again, after a pause, and the loop goes on.
    clock_.advance(1min);
    EXPECT_TRUE(submit(put({"second", "Rotterdam", {}}))->value());
    EXPECT_EQ(boats("Rotterdam"), 2);
    EXPECT_EQ(boats("Hamburg"), 0);
}

class UnknownFate : public LoopTest, public testing::WithParamInterface<sim::CommitFate> {};

TEST_P(UnknownFate, MemoryIsThrownAwayAndLoadedAgain) {
    ASSERT_TRUE(start());
    (void)submit(put({"first", "Rotterdam", {}}));
    store_.hold();
    store_.foretell(GetParam());
    const auto reply = submit(put({"second", "Rotterdam", {}}));
    store_.fail_next_load();
    store_.release();
    clock_.settle();
    EXPECT_EQ(reply->value().error().errc, Errc::unknown);
    EXPECT_EQ(submit(put({"x", "y", {}}))->value().error().errc, Errc::unavailable);
    clock_.advance(1min);
    EXPECT_EQ(loop_->status().reloads, 1u);
    EXPECT_EQ(boats("Rotterdam"), GetParam() == sim::CommitFate::unknown_written ? 2 : 1);
    EXPECT_TRUE(submit(put({"third", "Rotterdam", {}}))->value());
}
INSTANTIATE_TEST_SUITE_P(
    Loop, UnknownFate, testing::Values(sim::CommitFate::unknown_written, sim::CommitFate::unknown_lost)
);

TEST_F(LoopTest, SomebodyElseWritingMeansLoadingAgain) {
    ASSERT_TRUE(start());
    store_.write_behind_our_back();
    EXPECT_EQ(submit(put({"a", "Rotterdam", {}}))->value().error().errc, Errc::unknown);
    clock_.advance(1min);
    EXPECT_TRUE(submit(put({"a", "Rotterdam", {}}))->value());
}

TEST_F(LoopTest, AReloadGivesTheSameDigest) {
    ASSERT_TRUE(start());
    for (int i = 0; i < 30; ++i) (void)submit(put({"b" + std::to_string(i), std::to_string(i % 3), {}}));
    (void)submit([](state::Txn& txn) -> Result<void> {
        txn.erase<Boat>("b7");
        return {};
    });
    const auto before = loop_->digest();
    stop();
    make();
    ASSERT_TRUE(start());
    EXPECT_EQ(loop_->digest(), before);
    EXPECT_EQ(boats("1"), 9);
}

TEST_F(LoopTest, ConvergedStateMakesNoWrites) {
    ASSERT_TRUE(start());
    (void)submit(put({"a", "Rotterdam", {}}));
    const auto sequence = store_.sequence();
    stop();
    make();
    master_->calls = 0;
    ASSERT_TRUE(start());
    clock_.advance(1h);
    EXPECT_EQ(master_->calls, 1);
    EXPECT_EQ(store_.sequence(), sequence);
}

TEST_F(LoopTest, LooksAgainWhenPolicyTimeHasCome) {
    ASSERT_TRUE(start());
    const auto leaves = loop_->policy_now() + 10min;
    (void)submit(put({"a", "Rotterdam", leaves}));
    clock_.advance(9min);
    EXPECT_EQ(boats("Rotterdam"), 1);
    clock_.advance(1min);
    EXPECT_EQ(boats("Rotterdam"), 0);
}

TEST_F(LoopTest, BentPolicyTimeWakesEarlier) {
    ASSERT_TRUE(start());
    (void)submit(put({"a", "Rotterdam", loop_->policy_now() + 10min}));
    (void)submit([](state::Txn& txn) { return set_policy_rate(txn, 60); });
    clock_.advance(9s);
    EXPECT_EQ(boats("Rotterdam"), 1);
    clock_.advance(1s);
    EXPECT_EQ(boats("Rotterdam"), 0);
    (void)submit(put({"b", "Rotterdam", loop_->policy_now() + 100h}));
    EXPECT_EQ(boats("Rotterdam"), 1);
    (void)submit([](state::Txn& txn) { return advance_policy_time(txn, 100h); });
    EXPECT_EQ(boats("Rotterdam"), 0);
    const auto bent = loop_->policy_now();
    EXPECT_GT(bent - loop_->policy_now(), -1ms);
    EXPECT_GT(bent.ms - loop_->real_now().ms, Duration(100h).count());
}

TEST_F(LoopTest, PolicyTimeNeverGoesBackAcrossRestarts) {
    ASSERT_TRUE(start());
    (void)submit([](state::Txn& txn) { return advance_policy_time(txn, 1h); });
    (void)submit(put({"a", "Rotterdam", {}}));
    const auto before = loop_->status().policy_now;
    stop();
    clock_.set_wall_by(-24h);
    make();
    ASSERT_TRUE(start());
    EXPECT_GE(loop_->status().policy_now, before);
}

TEST_F(LoopTest, AnUndoneAdvanceLeavesNoTrace) {
    ASSERT_TRUE(start());
    store_.foretell(sim::CommitFate::refused);
    const auto before = loop_->status().policy_now;
    EXPECT_FALSE(submit([](state::Txn& txn) { return advance_policy_time(txn, 1h); })->value());
    clock_.advance(1s);
    EXPECT_EQ(loop_->status().policy_now - before, 1s);
}

TEST_F(LoopTest, SeedersRunOncePerScope) {
    int runs = 0;
    const auto seeder = [&](std::string name, Seeder::Per per) {
        return Seeder{std::move(name), per, [&](state::Txn& txn, const Caller& caller) {
                          ++runs;
                          txn.put(Boat{caller.account + caller.region, "seeded", {}});
                      }};
    };
    loop_->add_seeder(seeder("one", Seeder::Per::account_and_region));
    loop_->add_seeder(seeder("two", Seeder::Per::account));
    ASSERT_TRUE(start());
    Caller caller;
    caller.account = "123456789012";
    const auto read = [&](const char* region) {
        caller.region = region;
        bool seen = false;
        loop_->submit(
            [&](state::Txn& txn) -> Result<void> {
                seen = txn.get<Boat>(caller.account + caller.region) != nullptr;
                return {};
            },
            [&](const state::View&, const state::Turn&) { return Result<Caller>(caller); },
            [](const Result<void>& result) { EXPECT_TRUE(result); }
        );
        clock_.settle();
        return seen;
    };
    EXPECT_TRUE(read("us-east-1"));
    EXPECT_TRUE(read("us-east-1"));
    EXPECT_EQ(runs, 2);
    EXPECT_TRUE(read("eu-west-1"));
    EXPECT_EQ(runs, 3);
}

TEST_F(LoopTest, ARecordOfANewerBuildIsRefusedAtStart) {
    std::optional<Result<port::Sequence>> written;
    boost::asio::co_spawn(
        context_, store_.commit({{"test.boat", "a", 2, R"({"name":"a"})"}, {"gone.table", "x", 1, "{}"}}, 0),
        [&](std::exception_ptr, Result<port::Sequence> result) { written = result; }
    );
    clock_.settle();
    const auto started = start();
    ASSERT_FALSE(started);
    EXPECT_EQ(started.error().message, "test.boat a: written by a newer version of Gantry");
}

TEST_F(LoopTest, AHugeTransactionIsRefusedNotStored) {
    ASSERT_TRUE(start());
    const auto reply = submit(put({"a", std::string(2 << 20, 'x'), {}}));
    EXPECT_EQ(reply->value().error().errc, Errc::exhausted);
    EXPECT_EQ(loop_->view().get<Boat>("a"), nullptr);
}

}  // namespace
}  // namespace gantry::control
