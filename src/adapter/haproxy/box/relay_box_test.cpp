#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <vector>

#include "adapter/haproxy/box/origin.h"
#include "adapter/haproxy/process.h"
#include "adapter/haproxy/tcp_proxy.h"

// The relay for other machines, with a real HAProxy.
namespace gantry::adapter::haproxy {
namespace {

TEST(RelayBox, CarriesOutlivesAndTellsWhatItCannot) {
    Options options;
    options.directory = (std::filesystem::temp_directory_path() / "gantry-relay-box").string();
    auto relay = std::make_unique<TcpProxy>(options);
    Origin blue("blue", 7001), taken("taken", 7003);
    const std::vector<port::RelayEntrance> wanted = {
        {"127.0.0.1", 7002, "127.0.0.1", 7001},
        {"127.0.0.1", 7003, "127.0.0.1", 7001},
        {"192.0.2.1", 80, "127.0.0.1", 7001}
    };
    const auto refused = relay->apply(wanted);
    ASSERT_TRUE(refused.has_value()) << refused.error().message;
    ASSERT_EQ(refused->size(), 2u);
    EXPECT_EQ(refused->at(0).port, 7003);
    EXPECT_EQ(refused->at(0).reason, "another program on this host has the port");
    EXPECT_EQ(refused->at(1).reason, "this host has no such address");
    Client kept(7002);
    EXPECT_EQ(kept.ask("/").body.substr(0, 5), "blue\n");
    // The next life of Gantry finds it and does not cut the connection.
    relay = std::make_unique<TcpProxy>(options);
    EXPECT_EQ(relay->apply(wanted)->size(), 2u);
    EXPECT_EQ(kept.ask("/").status, 200);
    const auto more = relay->apply({wanted[0], {"127.0.0.1", 7004, "127.0.0.1", 7001}});
    EXPECT_TRUE(more->empty());
    EXPECT_EQ(Client(7004).ask("/").status, 200);
    EXPECT_EQ(kept.ask("/").status, 200);
    ASSERT_TRUE(Process(options).stop().has_value());
    EXPECT_TRUE(relay->apply({wanted[0]})->empty());
    EXPECT_EQ(Client(7002).ask("/").status, 200);
    EXPECT_TRUE(relay->apply({})->empty());
    EXPECT_FALSE(Client(7002).connected());
    EXPECT_FALSE(std::filesystem::exists(options.directory));
}

}  // namespace
}  // namespace gantry::adapter::haproxy
