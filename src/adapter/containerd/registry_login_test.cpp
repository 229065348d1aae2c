#include "adapter/containerd/registry_login.h"

#include <gtest/gtest.h>

namespace gantry::adapter::containerd {

static std::string told(std::string_view text, std::string_view host) {
    auto login = registry_login(text, host);
    return login ? login->username + "/" + login->password : "error: " + login.error().message;
}

TEST(RegistryLogin, IsFoundByHostAsDockerSpellsIt) {
    // "QWxhZGRpbjpvcGVuIHNlc2FtZQ==" is RFC 7617's example.
    const char* text = R"({"auths": {
        "https://index.docker.io/v1/": {"auth": "QWxhZGRpbjpvcGVuIHNlc2FtZQ=="},
        "localhost:5000": {"username": "u", "password": "p:w"},
        "http://plain.example/v2/": {"auth": "YTpi"},
        "empty.example": {}
    }, "HttpHeaders": {"User-Agent": "x"}})";
    EXPECT_EQ(told(text, "docker.io"), "Aladdin/open sesame");
    EXPECT_EQ(told(text, "localhost:5000"), "u/p:w");
    EXPECT_EQ(told(text, "plain.example"), "a/b");
    EXPECT_EQ(told(text, "localhost:5001"), "/");
    EXPECT_EQ(told(text, "localhost"), "/");
    EXPECT_EQ(told(text, "empty.example"), "/");
    EXPECT_EQ(told("", "docker.io"), "/");
    EXPECT_EQ(told(" \n", "docker.io"), "/");
    EXPECT_EQ(told("{}", "docker.io"), "/");
}

TEST(RegistryLogin, WhatCannotBeUsedIsNamed) {
    for (auto text : {"{", "[]", R"({"auths": 5})", R"({"auths": {"h": 1}})", R"({"auths": {"h": {"auth": "%%%%"}}})",
                      R"({"auths": {"h": {"auth": "bm9jb2xvbg=="}}})", R"({"auths": {"h": {"auth": "abc"}}})"}) {
        auto login = registry_login(text, "h");
        ASSERT_FALSE(login) << text;
        EXPECT_EQ(login.error().errc, Errc::invalid);
    }
    EXPECT_NE(told(R"({"auths": {"h": {}}, "credsStore": "pass"})", "h").find("helper \"pass\""), std::string::npos);
    EXPECT_NE(told(R"({"credHelpers": {"h": "ecr-login"}})", "h").find("helper \"ecr-login\""), std::string::npos);
    EXPECT_EQ(told(R"({"credHelpers": {"h": "ecr-login"}, "credsStore": "pass"})", "other"), "/");
    EXPECT_NE(told(R"({"auths": {"h": {"auth": "YTo=", "identitytoken": "t"}}})", "h").find("identity token"),
              std::string::npos);
}

TEST(RegistryLogin, OneMoreOrOneLessLeavesTheOthersAlone) {
    auto text = with_registry_login("", "a:5000", {"user", "pass:word"});
    ASSERT_TRUE(text);
    text = with_registry_login(*text, "docker.io", {"me", "x"});
    ASSERT_TRUE(text);
    EXPECT_EQ(told(*text, "a:5000"), "user/pass:word");
    text = with_registry_login(*text, "https://index.docker.io/v1/", {"me", "new"});
    ASSERT_TRUE(text);
    EXPECT_EQ(told(*text, "docker.io"), "me/new");
    text = without_registry_login(*text, "a:5000");
    ASSERT_TRUE(text);
    EXPECT_EQ(told(*text, "a:5000"), "/");
    EXPECT_EQ(told(*text, "docker.io"), "me/new");
    EXPECT_EQ(without_registry_login(*text, "a:5000").error().errc, Errc::not_found);
    auto kept = with_registry_login(R"({"HttpHeaders": {"a": "b"}})", "h", {"u", "p"});
    ASSERT_TRUE(kept);
    EXPECT_NE(kept->find("HttpHeaders"), std::string::npos);
}

TEST(RegistryLogin, RefusesWhatAPromptWouldMisread) {
    for (auto& login : std::vector<port::RegistryAuth>{{"", "p"}, {"u", ""}, {"a:b", "p"}, {"u", "p\nq"}, {"u\x03", "p"}})
        EXPECT_FALSE(with_registry_login("", "h", login)) << login.username;
}

}  // namespace gantry::adapter::containerd
