#include "adapter/containerd/cgroup.h"

#include <filesystem>
#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sstream>
#include <stdlib.h>

namespace fs = std::filesystem;

namespace gantry::adapter::containerd {

using testing::ElementsAre;

// A directory with the files that the kernel would make. What it cannot show is the kernel's refusing: box tests do.
class CgroupsOnDisk : public testing::Test {
  protected:
    CgroupsOnDisk() {
        char name[] = "/tmp/cgroup-test-XXXXXX";
        root_ = mkdtemp(name);
    }
    ~CgroupsOnDisk() override { fs::remove_all(root_); }

    void file(const std::string& path, const std::string& text = "") {
        fs::create_directories((root_ / path).parent_path());
        std::ofstream(root_ / path) << text;
    }
    std::string text(const std::string& path) const {
        std::ifstream in(root_ / path);
        std::ostringstream out;
        out << in.rdbuf();
        return in ? out.str() : "(none)";
    }
    Cgroups v1(bool swap = false) {
        for (auto* name : {"cpu/g/t/cpu.shares", "cpu/g/t/cpu.cfs_period_us", "cpu/g/t/cpu.cfs_quota_us",
                           "memory/g/t/memory.limit_in_bytes", "memory/g/t/memory.soft_limit_in_bytes", "pids/g/t/pids.max"})
            file(name);
        if (swap) {
            file("memory/memory.memsw.limit_in_bytes");
            file("memory/g/t/memory.memsw.limit_in_bytes");
        }
        return Cgroups("g", root_);
    }
    Cgroups v2() {
        file("cgroup.controllers", "cpu memory");
        for (auto* name : {"cpu.weight", "cpu.max", "memory.max", "memory.low", "memory.swap.max", "pids.max"})
            file(std::string("g/t/") + name);
        return Cgroups("g", root_);
    }

    fs::path root_;
};

static port::Limits some_limits() {
    port::Limits limits;
    limits.cpu_shares = 1024;
    limits.cpu_quota_us = 25'000;
    limits.memory_bytes = 64 << 20;
    limits.memory_reservation_bytes = 32 << 20;
    limits.pids = 100;
    return limits;
}

TEST_F(CgroupsOnDisk, LimitsAreWrittenForVersion1) {
    auto cgroups = v1();
    EXPECT_FALSE(cgroups.v2());
    ASSERT_TRUE(cgroups.apply("t", "", some_limits()));
    EXPECT_EQ(text("cpu/g/t/cpu.shares"), "1024");
    EXPECT_EQ(text("cpu/g/t/cpu.cfs_quota_us"), "25000");
    EXPECT_EQ(text("cpu/g/t/cpu.cfs_period_us"), "100000");
    EXPECT_EQ(text("memory/g/t/memory.limit_in_bytes"), "67108864");
    EXPECT_EQ(text("memory/g/t/memory.soft_limit_in_bytes"), "33554432");
    EXPECT_EQ(text("pids/g/t/pids.max"), "100");
}

TEST_F(CgroupsOnDisk, WithSwapAccountingNoSwapIsTheDefault) {
    auto cgroups = v1(true);
    EXPECT_TRUE(cgroups.swap_accounting());
    ASSERT_TRUE(cgroups.apply("t", "", some_limits()));
    EXPECT_EQ(text("memory/g/t/memory.memsw.limit_in_bytes"), "67108864");
    auto limits = some_limits();
    limits.memory_and_swap_bytes = 128 << 20;
    ASSERT_TRUE(cgroups.apply("t", "", limits));
    EXPECT_EQ(text("memory/g/t/memory.memsw.limit_in_bytes"), "134217728");
}

TEST_F(CgroupsOnDisk, LimitsAreWrittenForVersion2) {
    auto cgroups = v2();
    EXPECT_TRUE(cgroups.v2());
    auto limits = some_limits();
    limits.memory_and_swap_bytes = 96 << 20;
    ASSERT_TRUE(cgroups.apply("t", "", limits));
    EXPECT_EQ(text("g/t/cpu.weight"), "39");  // as runc and systemd convert 1024 shares
    EXPECT_EQ(text("g/t/cpu.max"), "25000 100000");
    EXPECT_EQ(text("g/t/memory.max"), "67108864");
    EXPECT_EQ(text("g/t/memory.low"), "33554432");
    EXPECT_EQ(text("g/t/memory.swap.max"), "33554432");
    EXPECT_EQ(text("g/t/pids.max"), "100");
}

TEST_F(CgroupsOnDisk, WhatIsNotLimitedIsSaidSo) {
    ASSERT_TRUE(v2().apply("t", "", {}));
    EXPECT_EQ(text("g/t/cpu.max"), "max 100000");
    EXPECT_EQ(text("g/t/memory.max"), "max");
    EXPECT_EQ(text("g/t/pids.max"), "max");
    EXPECT_EQ(text("g/t/cpu.weight"), "");
}

TEST_F(CgroupsOnDisk, NoLimitInVersion1IsMinusOne) {
    ASSERT_TRUE(v1().apply("t", "", {}));
    EXPECT_EQ(text("cpu/g/t/cpu.cfs_quota_us"), "-1");
    EXPECT_EQ(text("memory/g/t/memory.limit_in_bytes"), "-1");
    EXPECT_EQ(text("memory/g/t/memory.soft_limit_in_bytes"), "-1");
}

TEST_F(CgroupsOnDisk, ACgroupThatIsNotThereIsTrouble) {
    auto cgroups = v2();
    EXPECT_FALSE(cgroups.apply("gone", "", some_limits()));
    EXPECT_EQ(cgroups.stats("gone", "").error().errc, Errc::not_found);
    EXPECT_EQ(cgroups.oom_kills("gone", ""), 0u);
    EXPECT_TRUE(cgroups.remove_task("gone"));
}

TEST_F(CgroupsOnDisk, CountersOfVersion1) {
    file("cpuacct/g/t/c/cpuacct.usage", "123456789\n");
    file("cpuacct/g/t/c/cpuacct.stat", "user 7\nsystem 3\n");
    file("cpu/g/t/c/cpu.stat", "nr_periods 10\nnr_throttled 4\nthrottled_time 555\n");
    file("memory/g/t/c/memory.usage_in_bytes", "4096000\n");
    file("memory/g/t/c/memory.stat", "cache 1\ninactive_file 1\ntotal_inactive_file 96000\n");
    file("memory/g/t/c/memory.max_usage_in_bytes", "5000000\n");
    file("memory/g/t/c/memory.limit_in_bytes", "9223372036854771712\n");
    file("memory/g/t/c/memory.oom_control", "oom_kill_disable 0\nunder_oom 0\noom_kill 2\n");
    file("pids/g/t/c/pids.current", "5\n");
    file("blkio/g/t/c/blkio.throttle.io_service_bytes_recursive", "8:0 Read 100\n8:0 Write 7\n8:16 Read 11\nTotal 118\n");
    Cgroups cgroups("g", root_);
    const auto stats = cgroups.stats("t", "c");
    ASSERT_TRUE(stats);
    const auto tick_ns = 1'000'000'000ull / static_cast<std::uint64_t>(sysconf(_SC_CLK_TCK));
    EXPECT_EQ(stats->cpu_ns, 123'456'789u);
    EXPECT_EQ(stats->cpu_user_ns, 7 * tick_ns);
    EXPECT_EQ(stats->cpu_throttled_periods, 4u);
    EXPECT_EQ(stats->memory_used_bytes(), 4'000'000u);
    EXPECT_EQ(stats->memory_limit_bytes, 0u);  // the kernel's word for none
    EXPECT_EQ(stats->pids, 5u);
    EXPECT_EQ(stats->read_bytes, 111u);
    EXPECT_EQ(stats->write_bytes, 7u);
    EXPECT_EQ(cgroups.oom_kills("t", "c"), 2u);
    EXPECT_EQ(cgroups.path("t", "c"), "/g/t/c");
}

TEST_F(CgroupsOnDisk, CountersOfVersion2) {
    v2();
    file("g/t/c/cpu.stat", "usage_usec 5\nuser_usec 3\nsystem_usec 2\nnr_periods 9\nnr_throttled 1\nthrottled_usec 8\n");
    file("g/t/c/memory.current", "1000\n");
    file("g/t/c/memory.stat", "anon 1\ninactive_file 400\n");
    file("g/t/c/memory.peak", "2000\n");
    file("g/t/c/memory.max", "max\n");
    file("g/t/c/memory.events", "low 0\nhigh 0\nmax 3\noom 1\noom_kill 1\n");
    file("g/t/c/io.stat", "8:0 rbytes=10 wbytes=20 rios=1 wios=2 dbytes=0 dios=0\n8:16 rbytes=1 wbytes=0 rios=1 wios=0\n");
    Cgroups cgroups("g", root_);
    const auto stats = cgroups.stats("t", "c");
    ASSERT_TRUE(stats);
    EXPECT_EQ(stats->cpu_ns, 5'000u);
    EXPECT_EQ(stats->cpu_throttled_ns, 8'000u);
    EXPECT_EQ(stats->memory_used_bytes(), 600u);
    EXPECT_EQ(stats->memory_limit_bytes, 0u);
    EXPECT_EQ(stats->read_bytes, 11u);
    EXPECT_EQ(stats->write_ops, 2u);
    EXPECT_EQ(cgroups.oom_kills("t", "c"), 1u);
}

TEST_F(CgroupsOnDisk, TasksAreTheDirectoriesOfTheParent) {
    fs::create_directories(root_ / "memory/g/two");
    fs::create_directories(root_ / "memory/g/one/container");
    fs::create_directories(root_ / "memory/other/three");
    file("memory/g/memory.stat");
    Cgroups cgroups("g", root_);
    EXPECT_THAT(cgroups.tasks(), ElementsAre("one", "two"));
    ASSERT_TRUE(cgroups.remove_task("one"));
    EXPECT_THAT(cgroups.tasks(), ElementsAre("two"));
    EXPECT_TRUE(fs::exists(root_ / "memory/other/three"));
}

}  // namespace gantry::adapter::containerd
