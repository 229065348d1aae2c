#include "ec2/address.h"

#include <gtest/gtest.h>

#include "ec2/ec2_client_test.h"

namespace gantry::ec2 {
namespace {

TEST(Address, ParsesExactlyFourNumbers) {
    EXPECT_EQ(parse_ipv4("10.1.2.255")->bits, 0x0a0102ffu);
    EXPECT_EQ(format(*parse_ipv4("0.0.0.0")), "0.0.0.0");
    for (const char* text :
         {"", "1.2.3", "1.2.3.4.5", "1.2.3.256", "01.2.3.4", "1.2.3.x", "1..3.4", "1.2.3.4 ", "-1.2.3.4"})
        EXPECT_FALSE(parse_ipv4(text)) << text;
}

TEST(Address, ParsesAndNormalisesBlocks) {
    EXPECT_EQ(format(normalised(*parse_cidr("10.1.2.3/8"))), "10.0.0.0/8");
    EXPECT_EQ(format(normalised(*parse_cidr("255.255.255.255/0"))), "0.0.0.0/0");
    EXPECT_EQ(parse_cidr("0.0.0.0/0")->size(), std::uint64_t{1} << 32);
    for (const char* text : {"10.0.0.0", "10.0.0.0/", "10.0.0.0/33", "10.0.0/8", "10.0.0.0/08", "/8"})
        EXPECT_FALSE(parse_cidr(text)) << text;
}

TEST(Address, NormalisesIpv6) {
    EXPECT_EQ(normalise_ipv6_cidr("::/0"), "::/0");
    EXPECT_EQ(normalise_ipv6_cidr("2001:DB8:0::1/32"), "2001:db8::/32");
    EXPECT_FALSE(normalise_ipv6_cidr("2001:db8::/129"));
    EXPECT_FALSE(normalise_ipv6_cidr("10.0.0.0/8"));
}

TEST(Address, NamesHosts) {
    EXPECT_EQ(private_dns_name(*parse_ipv4("10.0.0.4"), "us-east-1"), "ip-10-0-0-4.ec2.internal");
    EXPECT_EQ(
        private_dns_name(*parse_ipv4("10.0.0.4"), "ap-northeast-1"),
        "ip-10-0-0-4.ap-northeast-1.compute.internal"
    );
}

// Blocks against the definition: two blocks overlap when they share an address, and then one contains the
// other.
TEST(Address, OverlapIsContainmentOneWayOrTheOther) {
    testing::Dice dice;
    const auto draw_block = [&] {
        const int prefix = static_cast<int>(dice.draw() % 9) + 24;
        return normalised({{0x0a000000u | static_cast<std::uint32_t>(dice.draw() % 512)}, prefix});
    };
    for (int round = 0; round < 20'000; ++round) {
        const Cidr a = draw_block();
        const Cidr b = draw_block();
        bool shared = false;
        for (std::uint64_t i = 0; i < a.size() && !shared; ++i)
            shared = b.contains(Ipv4{static_cast<std::uint32_t>(a.network.bits + i)});
        ASSERT_EQ(a.overlaps(b), shared) << format(a) << " " << format(b);
        ASSERT_EQ(a.overlaps(b), a.contains(b) || b.contains(a));
        ASSERT_EQ(parse_cidr(format(a)), a);
    }
}

}  // namespace
}  // namespace gantry::ec2
