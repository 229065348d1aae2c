#include "worker/target_outbox.h"

#include <gtest/gtest.h>

namespace gantry::worker {
namespace {

using link::ObservedTarget;
using link::ProbeOutcome;
using std::chrono::seconds;

const TargetKey key{"g", "r1"};
const ObservedTarget good{ProbeOutcome::success, 1, 0, false};
const ObservedTarget bad{ProbeOutcome::refused, 1, 0, false};

TEST(TargetOutbox, RepeatsUntilAcknowledgedAndSaysNothingTwice) {
    TargetOutbox outbox(7, seconds(2));
    RealInstant now{10'000};
    EXPECT_TRUE(outbox.put(key, good));
    EXPECT_FALSE(outbox.put(key, good));
    const auto first = outbox.due(now);
    ASSERT_EQ(first.size(), 1u);
    EXPECT_EQ(first[0].incarnation, 7u);
    EXPECT_EQ(first[0].registration, "r1");
    EXPECT_TRUE(outbox.due(now + seconds(1)).empty());
    EXPECT_EQ(*outbox.next_due(), now + seconds(2));
    EXPECT_EQ(outbox.due(now + seconds(2)).size(), 1u);
    outbox.acknowledge({7, "r1", first[0].sequence});
    EXPECT_EQ(outbox.unacknowledged(), 0u);
    EXPECT_FALSE(outbox.next_due());
    EXPECT_FALSE(outbox.put(key, good));
    EXPECT_TRUE(outbox.put(key, bad));
}

TEST(TargetOutbox, AnAcknowledgementOfAnOlderReportOrAnotherLifeDoesNotCount) {
    TargetOutbox outbox(7, seconds(2));
    outbox.put(key, good);
    const auto first = outbox.due({1'000});
    outbox.put(key, bad);
    const auto second = outbox.due({1'000});
    ASSERT_EQ(second.size(), 1u);
    EXPECT_GT(second[0].sequence, first[0].sequence);
    outbox.acknowledge({7, "r1", first[0].sequence});
    outbox.acknowledge({6, "r1", second[0].sequence});
    EXPECT_EQ(outbox.unacknowledged(), 1u);
    outbox.acknowledge({7, "r1", second[0].sequence});
    EXPECT_EQ(outbox.unacknowledged(), 0u);
}

TEST(TargetOutbox, ForgetsTargetsThatAreGoneAndSendsAllAgainOnANewConnection) {
    TargetOutbox outbox(7, seconds(2));
    outbox.put(key, good);
    outbox.put({"g", "r2"}, bad);
    EXPECT_EQ(outbox.due({1'000}).size(), 2u);
    outbox.send_again();
    EXPECT_EQ(outbox.due({1'000}).size(), 2u);
    outbox.keep({key});
    EXPECT_EQ(outbox.unacknowledged(), 1u);
    outbox.send_again();
    EXPECT_EQ(outbox.due({1'000}).at(0).registration, "r1");
}

}  // namespace
}  // namespace gantry::worker
