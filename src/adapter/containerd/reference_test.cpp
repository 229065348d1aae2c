#include "adapter/containerd/reference.h"

#include <gtest/gtest.h>

namespace gantry::adapter::containerd {

static std::string normal(std::string_view text) {
    auto reference = parse_reference(text);
    return reference ? reference->str() : "error: " + reference.error().message;
}

TEST(Reference, IsNormalisedAsDockerDoes) {
    std::string digest = "sha256:" + std::string(64, 'a');
    EXPECT_EQ(normal("nginx"), "docker.io/library/nginx:latest");
    EXPECT_EQ(normal("nginx:1.25-alpine"), "docker.io/library/nginx:1.25-alpine");
    EXPECT_EQ(normal("bitnami/nginx"), "docker.io/bitnami/nginx:latest");
    EXPECT_EQ(normal("index.docker.io/nginx"), "docker.io/library/nginx:latest");
    EXPECT_EQ(normal("localhost/app"), "localhost/app:latest");
    EXPECT_EQ(normal("localhost:5000/app"), "localhost:5000/app:latest");
    EXPECT_EQ(normal("[::1]:5000/app:v1"), "[::1]:5000/app:v1");
    EXPECT_EQ(normal("123456789012.dkr.ecr.eu-west-1.amazonaws.com/team/app:v1"),
              "123456789012.dkr.ecr.eu-west-1.amazonaws.com/team/app:v1");
    EXPECT_EQ(normal("public.ecr.aws/nginx/nginx@" + digest), "public.ecr.aws/nginx/nginx@" + digest);
    EXPECT_EQ(normal("nginx:1.25@" + digest), "docker.io/library/nginx@" + digest);
    EXPECT_EQ(normal("a__b/c-d.e"), "docker.io/a__b/c-d.e:latest");
}

TEST(Reference, RefusesWhatIsNone) {
    for (auto text : {"", " ", "Nginx", "nginx:", "nginx:-x", "/nginx", "nginx/", "a//b", "nginx@sha256:12", "a b",
                      "https://x/y", "host:port/x", "a..b", "a___b", "_a", "x@", "\xff"}) {
        auto reference = parse_reference(text);
        ASSERT_FALSE(reference) << text << " became " << reference->str();
        EXPECT_EQ(reference.error().code, "CannotPullContainerError");
    }
}

}  // namespace gantry::adapter::containerd
