#include "control/api_guard.h"

#include <gtest/gtest.h>

namespace gantry::control {
namespace {

port::HttpRequest with(port::HttpHeaders headers) { return {"POST", "/", std::move(headers), {}}; }

TEST(ApiGuard, KnowsItsOwnNames) {
    const std::vector<std::string> hosts{"192.0.2.7"};
    for (const char* host :
         {"localhost:4566", "LOCALHOST", "127.0.0.1:4566", "127.64.0.9", "[::1]:4566", "ecs.gantry.internal",
          "data-localhost:4566", "stream-127.0.0.1:80", "192.0.2.7:4566", "data-x.gantry.internal"})
        EXPECT_TRUE(host_allowed(host_name(host), hosts)) << host;
    for (const char* host :
         {"", "evil.example", "127.0.0.1.evil.example", "localhost.evil.example",
          "gantry.internal.evil.example", "192.0.2.8", "evilgantry.internal", "data-evil.example"})
        EXPECT_FALSE(host_allowed(host_name(host), hosts)) << host;
}

TEST(ApiGuard, KeepsOtherSitesOut) {
    EXPECT_TRUE(check_browser_rules(with({{"Host", "localhost:4566"}}), {}));
    EXPECT_TRUE(
        check_browser_rules(with({{"Host", "localhost:4566"}, {"Origin", "http://localhost:4566"}}), {})
    );
    EXPECT_FALSE(
        check_browser_rules(with({{"Host", "localhost:4566"}, {"Origin", "https://evil.example"}}), {})
    );
    EXPECT_FALSE(check_browser_rules(with({{"Host", "localhost:4566"}, {"Origin", "null"}}), {}));
    EXPECT_FALSE(
        check_browser_rules(with({{"Host", "localhost:4566"}, {"Origin", "http://localhost:81"}}), {})
    );
    EXPECT_FALSE(check_browser_rules(with({{"Host", "localhost"}, {"sec-fetch-site", "cross-site"}}), {}));
    EXPECT_FALSE(check_browser_rules(with({{"Host", "evil.example"}}), {}));
    EXPECT_FALSE(check_browser_rules(with({}), {}));
}

TEST(ApiGuard, KnowsARegionWhenItSeesOne) {
    for (const char* region :
         {"us-east-1", "ap-northeast-1", "us-gov-west-1", "me-central-1", "eu-isoe-west-1"})
        EXPECT_TRUE(looks_like_region(region)) << region;
    for (const char* region :
         {"", "us", "us-east", "us-east-", "-1", "us--1", "US-EAST-1", "a-b-1", "us-east-1a"})
        EXPECT_FALSE(looks_like_region(region)) << region;
}

}  // namespace
}  // namespace gantry::control
