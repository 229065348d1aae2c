#include "adapter/containerd/user.h"

#include <gtest/gtest.h>

namespace gantry::adapter::containerd {

static const char* const passwd =
    "root:x:0:0:root:/root:/bin/sh\n#comment\nweb:x:101:102:,,,:/var/www:/bin/false\nbroken:x:y:z:::\n";
static const char* const group = "root:x:0:\nweb:x:102:\nlog:x:4:web,other\nstaff:x:50:web\n";

TEST(User, IsLookedUpAsDockerDoes) {
    EXPECT_EQ(resolve_user("", passwd, group), (User{0, 0, {}, "/root"}));
    EXPECT_EQ(resolve_user("web", passwd, group), (User{101, 102, {4, 50}, "/var/www"}));
    EXPECT_EQ(resolve_user("101", passwd, group), (User{101, 102, {4, 50}, "/var/www"}));
    EXPECT_EQ(resolve_user("web:log", passwd, group), (User{101, 4, {}, "/var/www"}));
    EXPECT_EQ(resolve_user("web:7", passwd, group), (User{101, 7, {}, "/var/www"}));
    EXPECT_EQ(resolve_user("1000", passwd, group), (User{1000, 0, {}, "/"}));
    EXPECT_EQ(resolve_user("1000:1000", "", ""), (User{1000, 1000, {}, "/"}));
    EXPECT_EQ(resolve_user("", "", ""), (User{0, 0, {}, "/"}));
}

TEST(User, UnknownNamesAreTheContainersFault) {
    EXPECT_EQ(resolve_user("nobody", passwd, group).error().code, "CannotCreateContainerError");
    EXPECT_EQ(resolve_user("web:wheel", passwd, group).error().message,
              "unable to find group wheel: no matching entries in group file");
    EXPECT_FALSE(resolve_user("-1", passwd, group));
    EXPECT_FALSE(resolve_user("4294967295", passwd, group));
}

}  // namespace gantry::adapter::containerd
