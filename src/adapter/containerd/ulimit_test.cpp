#include "adapter/containerd/ulimit.h"

#include <gtest/gtest.h>

namespace gantry::adapter::containerd {

static const char* const limits_file =
    "Limit                     Soft Limit           Hard Limit           Units     \n"
    "Max cpu time              unlimited            unlimited            seconds   \n"
    "Max processes             95000                96000                processes \n"
    "Max open files            1024                 20000                files     \n"
    "Max locked memory         8388608              8388608              bytes     \n";

TEST(Ulimit, TheCeilingIsReadFromProc) {
    auto ceiling = parse_ulimit_ceiling(limits_file, "Name:\tx\nCapEff:\t000001fffeffffff\n", 1 << 20);
    EXPECT_FALSE(ceiling.may_raise);  // bit 24 is not set
    EXPECT_EQ(ceiling.hard.at("nofile"), 20'000);
    EXPECT_EQ(ceiling.hard.at("nproc"), 96'000);
    EXPECT_EQ(ceiling.hard.at("cpu"), -1);
    EXPECT_FALSE(ceiling.hard.contains("stack"));
    EXPECT_TRUE(parse_ulimit_ceiling("", "CapEff:\t000001ffffffffff\n", 1 << 20).may_raise);
    EXPECT_TRUE(ulimit_ceiling(1));
    EXPECT_EQ(ulimit_ceiling(0).error().errc, Errc::unavailable);
}

TEST(Ulimit, WhatTheMachineCannotGrantBecomesWhatItCan) {
    auto ceiling = parse_ulimit_ceiling(limits_file, "", 1 << 20);
    struct Case {
        port::Ulimit wanted, granted;
    };
    for (const auto& [wanted, granted] : std::vector<Case>{
             {{"nofile", 1024, 4096}, {"nofile", 1024, 4096}},
             {{"nofile", 65536, 65536}, {"nofile", 20'000, 20'000}},
             {{"nofile", 1024, -1}, {"nofile", 1024, 20'000}},
             {{"nofile", -1, -1}, {"nofile", 20'000, 20'000}},
             {{"cpu", -1, -1}, {"cpu", -1, -1}},
             {{"cpu", 5, -1}, {"cpu", 5, -1}},
             {{"stack", -1, -1}, {"stack", -1, -1}},  // not told: asked for as it is
             {{"nproc", 0, 0}, {"nproc", 0, 0}},
         }) {
        auto result = clamp_ulimits({wanted}, ceiling);
        ASSERT_TRUE(result) << wanted.name;
        EXPECT_EQ(result->granted, std::vector{granted}) << wanted.name << " " << wanted.soft << ":" << wanted.hard;
        EXPECT_EQ(result->clamped.empty(), wanted == granted);
    }
}

TEST(Ulimit, NrOpenBindsEvenWhoMayRaise) {
    UlimitCeiling ceiling;
    ceiling.may_raise = true;
    ceiling.nofile_max = 5'000;
    ceiling.hard = {{"nofile", 100}, {"nproc", 100}};
    auto result = clamp_ulimits({{"nofile", 9'000, 9'000}, {"nproc", 500, 500}}, ceiling);
    ASSERT_TRUE(result);
    EXPECT_EQ(result->granted[0], (port::Ulimit{"nofile", 5'000, 5'000}));
    EXPECT_EQ(result->granted[1], (port::Ulimit{"nproc", 500, 500}));
    ASSERT_EQ(result->clamped.size(), 1u);
    EXPECT_EQ(result->clamped[0].wanted, (port::Ulimit{"nofile", 9'000, 9'000}));
}

TEST(Ulimit, RefusesWhatIsNone) {
    for (const auto& wanted : std::vector<port::Ulimit>{{"no", 1, 1}, {"", 1, 1}, {"nofile", 2, 1}, {"nofile", -1, 1}}) {
        auto result = clamp_ulimits({wanted}, {});
        ASSERT_FALSE(result) << wanted.name;
        EXPECT_EQ(result.error().code, "CannotCreateContainerError");
    }
    EXPECT_EQ(rlimit_name("nofile"), "RLIMIT_NOFILE");
}

}  // namespace gantry::adapter::containerd
