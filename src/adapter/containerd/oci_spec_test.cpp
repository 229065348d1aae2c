#include "adapter/containerd/oci_spec.h"

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <optional>

namespace json = boost::json;

namespace gantry::adapter::containerd {

using testing::Contains;
using testing::ElementsAre;
using testing::Not;
using Words = std::vector<std::string>;

static Words words(const json::value& list) {
    Words result;
    for (const auto& word : list.as_array()) result.emplace_back(word.as_string());
    return result;
}

static port::ImageInfo image() {
    port::ImageInfo image;
    image.entry_point = {"/entry"};
    image.command = {"serve"};
    image.env = {"PATH=/app/bin", "MODE=image", "EMPTY"};
    image.cwd = "/srv";
    return image;
}

static json::value spec_of(const port::ContainerSpec& spec, const HostFacts& facts = {}) {
    auto made = oci_spec(spec, image(), facts);
    EXPECT_TRUE(made) << made.error().message;
    return made ? *made : json::value(json::object());
}

static std::optional<json::value> mount_at(const json::value& spec, std::string_view target) {
    std::optional<json::value> found;
    for (const auto& mount : spec.at("mounts").as_array())
        if (mount.at("destination").as_string() == target) {
            EXPECT_FALSE(found) << "mounted twice: " << target;
            found = mount;
        }
    return found;
}

TEST(OciSpec, EntryPointAndCommandAreCombinedAsDockerDoes) {
    struct Case {
        std::optional<Words> entry_point, command;
        Words arguments;
    };
    for (const auto& [entry_point, command, arguments] : std::vector<Case>{
             {{}, {}, {"/entry", "serve"}},
             {{}, Words{"other"}, {"/entry", "other"}},
             {{}, Words{}, {"/entry"}},
             {Words{"sh", "-c"}, {}, {"sh", "-c"}},  // the image's command does not go with it
             {Words{"sh", "-c"}, Words{"x"}, {"sh", "-c", "x"}},
             {Words{}, Words{"x"}, {"x"}},
         }) {
        port::ContainerSpec spec;
        spec.entry_point = entry_point;
        spec.command = command;
        EXPECT_EQ(process_arguments(spec, image()).value(), arguments);
    }
    port::ContainerSpec nothing;
    nothing.entry_point = nothing.command = Words{};
    EXPECT_EQ(process_arguments(nothing, image()).error().code, "CannotCreateContainerError");
}

TEST(OciSpec, TheEnvironmentIsTheImagesThenTheTasks) {
    port::ContainerSpec spec;
    spec.hostname = "box";
    spec.env = {{"MODE", "task"}, {"WITH_EQUALS", "a=b"}};
    HostFacts facts;
    facts.user.home = "/home/web";
    EXPECT_THAT(words(spec_of(spec, facts).at("process").at("env")),
                ElementsAre("PATH=/app/bin", "HOSTNAME=box", "MODE=task", "EMPTY=", "WITH_EQUALS=a=b", "HOME=/home/web"));
}

TEST(OciSpec, OnlyRootHoldsCapabilitiesAtOnce) {
    auto root = spec_of({}).at("process").at("capabilities");
    EXPECT_EQ(words(root.at("bounding")), words(root.at("effective")));
    EXPECT_THAT(words(root.at("bounding")), Not(Contains("CAP_SYS_ADMIN")));
    HostFacts facts;
    facts.user.uid = facts.user.gid = 1000;
    facts.user.additional_gids = {1000, 4};
    auto process = spec_of({}, facts).at("process");
    EXPECT_FALSE(process.at("capabilities").as_object().contains("effective"));
    EXPECT_FALSE(process.at("capabilities").as_object().contains("ambient"));
    EXPECT_EQ(process.at("user").at("additionalGids"), (json::array{1000u, 4u}));
    port::ContainerSpec unknown;
    unknown.cap_add = {"CAP_NO_SUCH"};
    EXPECT_EQ(oci_spec(unknown, image(), {}).error().code, "CannotCreateContainerError");
}

TEST(OciSpec, MountsOfTheTaskReplaceDefaultsAndParentsComeFirst) {
    HostFacts facts;
    facts.mounts = {{port::Mount::Kind::bind, "/host/deep", "/a/b/c", false, {}},
                    {port::Mount::Kind::bind, "/host/a", "/a", true, {}},
                    {port::Mount::Kind::tmpfs, "", "/dev/shm", false, {"size=1m", "exec"}}};
    const auto spec = spec_of({}, facts);
    auto shm = mount_at(spec, "/dev/shm");
    ASSERT_TRUE(shm);
    EXPECT_EQ(shm->at("type").as_string(), "tmpfs");
    EXPECT_THAT(words(shm->at("options")), ElementsAre("size=1m", "exec", "nosuid", "nodev", "rw"));
    EXPECT_THAT(words(mount_at(spec, "/a")->at("options")), ElementsAre("rbind", "rprivate", "ro"));
    std::size_t parent = 0, child = 0, index = 0;
    for (const auto& mount : spec.at("mounts").as_array()) {
        if (mount.at("destination").as_string() == "/a") parent = index;
        if (mount.at("destination").as_string() == "/a/b/c") child = index;
        ++index;
    }
    EXPECT_LT(parent, child);
}

TEST(OciSpec, WhatTheKernelShowsIsReadOnlyOrMasked) {
    port::ContainerSpec wanted;
    wanted.read_only_rootfs = true;
    const auto spec = spec_of(wanted);
    EXPECT_TRUE(spec.at("root").at("readonly").as_bool());
    EXPECT_THAT(words(mount_at(spec, "/sys")->at("options")), Contains("ro"));
    EXPECT_THAT(words(mount_at(spec, "/sys/fs/cgroup")->at("options")), Contains("ro"));
    EXPECT_THAT(words(spec.at("linux").at("maskedPaths")), Contains("/proc/kcore"));
    EXPECT_THAT(words(spec.at("linux").at("readonlyPaths")), Contains("/proc/sys"));
    const auto& rules = spec.at("linux").at("resources").at("devices").as_array();
    EXPECT_FALSE(rules.at(0).at("allow").as_bool());
    EXPECT_EQ(rules.size(), 1u);
}

TEST(OciSpec, AnInitStandsBeforeTheCommand) {
    port::ContainerSpec wanted;
    wanted.init_process = true;
    HostFacts facts;
    facts.init_path = "/usr/bin/tini-static";
    const auto spec = spec_of(wanted, facts);
    EXPECT_THAT(words(spec.at("process").at("args")), ElementsAre("/sbin/docker-init", "--", "/entry", "serve"));
    EXPECT_EQ(mount_at(spec, "/sbin/docker-init")->at("source").as_string(), "/usr/bin/tini-static");
}

TEST(OciSpec, NamespacesAreOwnUnlessJoined) {
    port::ContainerSpec wanted;
    wanted.network_namespace = "/run/net/one";
    HostFacts facts;
    facts.pid_namespace = "/proc/7/ns/pid";
    facts.cgroup_v2 = true;
    std::map<std::string, std::string> spaces;
    const auto spec = spec_of(wanted, facts);
    for (const auto& space : spec.at("linux").at("namespaces").as_array()) {
        auto* path = space.as_object().if_contains("path");
        spaces[std::string(space.at("type").as_string())] = path ? std::string(path->as_string()) : "";
    }
    EXPECT_EQ(spaces, (std::map<std::string, std::string>{{"mount", ""}, {"uts", ""}, {"pid", "/proc/7/ns/pid"},
                                                          {"ipc", ""}, {"network", "/run/net/one"}, {"cgroup", ""}}));
}

TEST(OciSpec, LimitsThatAreNotAskedForAreNotWritten) {
    EXPECT_TRUE(oci_limits({}, true, false).empty());
    port::Limits limits;
    limits.memory_bytes = 64 << 20;
    limits.swappiness = 10;
    EXPECT_EQ(oci_limits(limits, true, false).at("memory"),
              (json::object{{"limit", 64 << 20}, {"swap", 64 << 20}, {"swappiness", 10u}}));
    // No swap accounting in the kernel, no swappiness in cgroup v2.
    EXPECT_EQ(oci_limits(limits, false, true).at("memory"), (json::object{{"limit", 64 << 20}}));
    limits.memory_and_swap_bytes = -1;
    EXPECT_EQ(oci_limits(limits, true, true).at("memory").at("swap").as_int64(), -1);
    limits = {};
    limits.cpu_quota_us = 25'000;
    EXPECT_EQ(oci_limits(limits, true, false),
              (json::object{{"cpu", json::object{{"quota", 25'000}, {"period", 100'000u}}}}));
}

TEST(OciSpec, UnlimitedIsTheKernelsInfinity) {
    HostFacts facts;
    facts.ulimits = {{"core", -1, -1}, {"nofile", 1024, 2048}};
    const auto spec = spec_of({}, facts);
    const auto& limits = spec.at("process").at("rlimits").as_array();
    EXPECT_EQ(limits.at(0).at("type").as_string(), "RLIMIT_CORE");
    EXPECT_EQ(limits.at(0).at("hard").as_uint64(), ~std::uint64_t{0});
    EXPECT_EQ(limits.at(1).at("soft").as_uint64(), 1024u);
}

}  // namespace gantry::adapter::containerd
