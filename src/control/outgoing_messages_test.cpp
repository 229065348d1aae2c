#include "control/outgoing_messages.h"

#include <gmock/gmock.h>

namespace gantry::control {
namespace {

link::Want want(const std::string& key, std::uint64_t generation) {
    return {1, "task", key, generation, {{"x", generation}}};
}

std::vector<link::ToWorker> drain(OutgoingMessages& messages) {
    std::vector<link::ToWorker> all;
    while (const auto bytes = messages.take()) all.push_back(link::decode_to_worker(*bytes).value());
    return all;
}

TEST(OutgoingMessages, KeepsTheOrder) {
    OutgoingMessages messages;
    messages.put(link::Welcome{1, 1, 2'000});
    messages.put(want("a", 1));
    messages.put(want("b", 2));
    messages.put(link::Inventory{1, 2, {}});
    EXPECT_THAT(
        drain(messages), testing::ElementsAre(
                             link::ToWorker(link::Welcome{1, 1, 2'000}), link::ToWorker(want("a", 1)),
                             link::ToWorker(want("b", 2)), link::ToWorker(link::Inventory{1, 2, {}})
                         )
    );
    EXPECT_FALSE(messages.take());
}

TEST(OutgoingMessages, TheNewestAboutAnObjectReplacesAndComesLast) {
    OutgoingMessages messages;
    for (std::uint64_t i = 1; i <= 1'000; ++i) {
        messages.put(want("a", i));
        messages.put(want("b", i));
        messages.put(link::ReportAck{1, "a", i});
        messages.put(link::Inventory{1, i, {}});
    }
    EXPECT_EQ(messages.size(), 4u);
    messages.put(link::Drop{1, "task", "a", 1'001});
    EXPECT_THAT(
        drain(messages),
        testing::ElementsAre(
            link::ToWorker(want("b", 1'000)), link::ToWorker(link::ReportAck{1, "a", 1'000}),
            link::ToWorker(link::Inventory{1, 1'000, {}}), link::ToWorker(link::Drop{1, "task", "a", 1'001})
        )
    );
}

}  // namespace
}  // namespace gantry::control
