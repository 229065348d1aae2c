#include "link/usage.h"

#include <gtest/gtest.h>

#include "link/message.h"

namespace gantry::link {
namespace {

TEST(Usage, ThereAndBack) {
    const Usage usage{7, 2, {{"t", 20'000, 5'000'000'000, 1 << 20}, {"u", 1, 0, 0}}};
    EXPECT_EQ(decode_usage(encode_usage(usage)), usage);
    Usage balancers{7, 3, {}, {{"lb", "a", "tcp", 4, 3, 2, 1, 5, 6}}, {{"alb", 1, 2, 3, {0, 0, 1, 0, 2}}}, {}};
    balancers.targets.push_back({"alb", "tg", "a", 1, 2, {0, 9, 0, 0, 0}, 1.5});
    EXPECT_EQ(decode_usage(encode_usage(balancers)), balancers);
    EXPECT_EQ(decode_measure(encode_measure({7, 333})), (Measure{7, 333}));
    EXPECT_FALSE(decode_usage(encode_measure({7, 333})));
    EXPECT_FALSE(decode_measure(encode_usage(usage)));
    EXPECT_FALSE(decode_usage(encode_message(ToControl(Heartbeat{7, 3}))));
    EXPECT_FALSE(decode_usage(encode_usage(usage).substr(0, 30)));
    EXPECT_FALSE(decode_to_control(encode_usage(usage))) << "who does not know it does not take it for another";
}

}  // namespace
}  // namespace gantry::link
