#include "worker/desired_set.h"

#include <gtest/gtest.h>

#include "worker/report_outbox.h"

namespace gantry::worker {
namespace {

using Effect = DesiredSet::Effect;

link::Want want(std::uint64_t generation, const char* value = "v", const char* key = "t") {
    return {1, "task", key, generation, {{"x", value}}};
}

TEST(DesiredSet, TakesWhatIsNewerOnce) {
    DesiredSet set;
    EXPECT_EQ(set.want(want(5)), Effect::changed);
    EXPECT_EQ(set.want(want(5)), Effect::same);
    EXPECT_EQ(set.want(want(4, "old")), Effect::stale);
    EXPECT_EQ(set.want(want(6)), Effect::same);  // nothing but the generation is new
    EXPECT_EQ(set.want(want(7, "new")), Effect::changed);
    EXPECT_EQ(set.find("task", "t")->body.at("x"), "new");
}

TEST(DesiredSet, ALateWantDoesNotBringBackWhatWasDropped) {
    DesiredSet set;
    EXPECT_EQ(set.drop({1, "task", "t", 9}), Effect::same);
    EXPECT_EQ(set.want(want(8)), Effect::stale);
    EXPECT_EQ(set.want(want(10)), Effect::changed);
    EXPECT_EQ(set.drop({1, "task", "t", 9}), Effect::stale);
    EXPECT_NE(set.find("task", "t"), nullptr);
    EXPECT_EQ(set.drop({1, "task", "t", 11}), Effect::changed);
    EXPECT_EQ(set.find("task", "t"), nullptr);
}

TEST(DesiredSet, InventoryFindsLeftoversButSparesWhatIsNewer) {
    DesiredSet set;
    set.want(want(5, "v", "old"));
    set.want(want(20, "v", "young"));
    const link::Inventory inventory{1, 10, {{"task", {{"other", 7}}}}};
    const auto drops = set.unwanted(inventory);
    ASSERT_EQ(drops.size(), 1u);
    EXPECT_EQ(drops[0].key, "old");
    EXPECT_TRUE(set.behind(inventory));
    set.want(want(7, "v", "other"));
    EXPECT_FALSE(set.behind(inventory));
}

TEST(ReportOutbox, KeepsTheNewestUntilAcknowledged) {
    ReportOutbox outbox(7, Duration{1'000});
    link::ObservedTask observed;
    EXPECT_TRUE(outbox.put("t", 1, observed));
    EXPECT_FALSE(outbox.put("t", 1, observed));
    EXPECT_EQ(outbox.due(RealInstant{0}).size(), 1u);
    EXPECT_TRUE(outbox.due(RealInstant{999}).empty());
    EXPECT_EQ(outbox.due(RealInstant{1'000}).size(), 1u);
    observed.status = link::TaskStatus::RUNNING;
    EXPECT_TRUE(outbox.put("t", 1, observed));
    outbox.acknowledge({7, "t", 1});  // of the older one
    const auto due = outbox.due(RealInstant{1'001});
    ASSERT_EQ(due.size(), 1u);
    EXPECT_EQ(due[0].sequence, 2u);
    outbox.acknowledge({6, "t", 2});  // of another life
    EXPECT_EQ(outbox.unacknowledged(), 1u);
    outbox.acknowledge({7, "t", 2});
    EXPECT_EQ(outbox.unacknowledged(), 0u);
    EXPECT_FALSE(outbox.next_due());
}

}  // namespace
}  // namespace gantry::worker
