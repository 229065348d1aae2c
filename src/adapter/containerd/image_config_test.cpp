#include "adapter/containerd/image_config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gantry::adapter::containerd {

using testing::ElementsAre;

TEST(ImageConfig, IsReadAsBuildersWriteIt) {
    const auto config = parse_image_config(R"({
        "architecture": "amd64", "os": "linux", "created": "2024-02-03T04:05:06.789Z",
        "config": {"Entrypoint": ["/e"], "Cmd": ["a", "b"], "Env": ["X=1"], "User": "web:web", "WorkingDir": "/w",
                   "StopSignal": "SIGQUIT", "ExposedPorts": {"80/tcp": {}}, "Volumes": {"/data": {}},
                   "Labels": {"k": "v"},
                   "Healthcheck": {"Test": ["CMD", "x"], "Interval": 5000000000, "Timeout": 2500000000, "Retries": 4}},
        "rootfs": {"type": "layers", "diff_ids": ["sha256:1", "sha256:2"]}})");
    ASSERT_TRUE(config);
    const auto& info = config->info;
    EXPECT_THAT(info.entry_point, ElementsAre("/e"));
    EXPECT_THAT(info.command, ElementsAre("a", "b"));
    EXPECT_THAT(info.volumes, ElementsAre("/data"));
    EXPECT_THAT(info.exposed_ports, ElementsAre("80/tcp"));
    EXPECT_EQ(info.user, "web:web");
    EXPECT_EQ(info.stop_signal, "SIGQUIT");
    EXPECT_EQ(info.created_ms, 1'706'933'106'789);
    EXPECT_EQ(info.health_check.interval_ms, 5'000);
    EXPECT_EQ(info.health_check.timeout_ms, 2'500);
    EXPECT_EQ(info.health_check.start_period_ms, 0);
    EXPECT_EQ(info.health_check.retries, 4);
    EXPECT_THAT(config->diff_ids, ElementsAre("sha256:1", "sha256:2"));
}

TEST(ImageConfig, NullsAndForeignTypesAreAsIfTheyWereNotThere) {
    const auto config = parse_image_config(R"({"created": 5, "config": {"Entrypoint": null, "Cmd": "x", "Env": [1, "A=b"],
        "Volumes": [], "Labels": {"k": 1}, "Healthcheck": {"Test": null, "Interval": "5s"}}, "rootfs": {}})");
    ASSERT_TRUE(config);
    EXPECT_TRUE(config->info.entry_point.empty());
    EXPECT_TRUE(config->info.command.empty());
    EXPECT_THAT(config->info.env, ElementsAre("A=b"));
    EXPECT_TRUE(config->info.labels.empty());
    EXPECT_TRUE(parse_image_config(R"({"rootfs": {}, "config": null})"));
}

TEST(ImageConfig, WhatIsNoneIsInvalid) {
    for (auto text : {"", "[]", "{", R"({"config": {}})", R"({"rootfs": 1})", "\xff\xfe"}) {
        auto config = parse_image_config(text);
        ASSERT_FALSE(config) << text;
        EXPECT_EQ(config.error().errc, Errc::invalid);
    }
}

TEST(ImageConfig, ChainsNameAStackOfLayers) {
    EXPECT_EQ(chain_id({}), "");
    EXPECT_EQ(chain_id({"sha256:a"}), "sha256:a");
    // printf 'sha256:a sha256:b' | sha256sum
    EXPECT_EQ(chain_id({"sha256:a", "sha256:b"}),
              "sha256:970a948bffa8de94d6e22d747ba8c95030e6e546909f98f54e99a13005e173a8");
    EXPECT_NE(chain_id({"sha256:a", "sha256:b"}), chain_id({"sha256:b", "sha256:a"}));
}

TEST(ImageConfig, SignalsAreNamedAsInDockerfiles) {
    const std::pair<const char*, int> cases[] = {
        {"SIGTERM", 15}, {"QUIT", 3},         {"sigquit", 3},     {"9", 9},           {"", 15},           {"SIGNONE", 15},
        {"0", 15},       {"-1", 15},          {"65", 15},         {"64", 64},         {"SIGRTMIN", 34},   {"SIGRTMIN+3", 37},
        {"RTMIN+15", 49}, {"SIGRTMIN-1", 15}, {"SIGRTMIN+99", 15}, {"SIGRTMAX", 64},  {"SIGRTMAX-14", 50}, {"RTMAX+1", 15},
        {"SIGRTMIN+", 15}, {"15x", 15},       {"SIG", 15},
    };
    for (const auto& [name, number] : cases) EXPECT_EQ(signal_number(name, 15), number) << name;
}

}  // namespace gantry::adapter::containerd
