#include "adapter/containerd/daemon_config.h"

#include <gtest/gtest.h>

namespace gantry::adapter::containerd {

static DaemonConfig config_in(std::string root, std::string state) {
    DaemonConfig config;
    config.root = std::move(root);
    config.state = std::move(state);
    return config;
}

TEST(DaemonConfig, PathsAreQuotedAsTomlWantsThem) {
    const auto text = daemon_config_text(config_in("/data \"x\"\\y", "/run/g"));
    ASSERT_TRUE(text);
    EXPECT_NE(text->find(R"(root = "/data \"x\"\\y")"), std::string::npos);
    EXPECT_NE(text->find(R"(address = "/run/g/containerd.sock")"), std::string::npos);
    EXPECT_NE(text->find(R"(address = "/run/g/containerd.sock.ttrpc")"), std::string::npos);
}

TEST(DaemonConfig, NothingListensOnTheNetwork) {
    const auto text = daemon_config_text(config_in("/data", "/run/g"));
    ASSERT_TRUE(text);
    EXPECT_EQ(text->find("tcp_address"), std::string::npos);
    EXPECT_NE(text->find("io.containerd.grpc.v1.cri"), std::string::npos);  // among the disabled ones
}

TEST(DaemonConfig, RefusesPathsThatCannotWork) {
    const std::string longest(107 - 6 - std::string("/containerd.sock").size() - 1, 'x');
    EXPECT_TRUE(daemon_config_text(config_in("/d", "/" + longest)));
    for (const auto& config : {config_in("/d", "/" + longest + "x"), config_in("data", "/run"), config_in("/data", "run"),
                               config_in("", "/run"), config_in("/d\nroot = \"/\"", "/run")}) {
        auto text = daemon_config_text(config);
        ASSERT_FALSE(text) << config.root << " " << config.state;
        EXPECT_EQ(text.error().errc, Errc::invalid);
    }
}

}  // namespace gantry::adapter::containerd
