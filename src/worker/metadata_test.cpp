#include "worker/metadata.h"

#include <gtest/gtest.h>

#include "worker/container_spec.h"

namespace gantry::worker {
namespace {

using What = MetadataQuery::What;

template <class T>
boost::json::value as_json(const T& value) {
    return boost::json::value_from(value);
}

link::DesiredTask a_task() {
    link::DesiredTask task;
    task.id = "0123456789abcdef0123456789abcdef";
    task.arn = "arn:aws:ecs:us-east-1:123456789012:task/default/" + task.id;
    task.cluster_arn = "arn:aws:ecs:us-east-1:123456789012:cluster/default";
    task.family = "web";
    task.revision = 3;
    task.launch_type = "FARGATE";
    task.region = "us-east-1";
    task.availability_zone = "us-east-1a";
    task.cpu_units = 512;
    task.memory_mib = 1024;
    task.tags = {{"team", "blue"}};
    task.task_role_arn = "arn:aws:iam::123456789012:role/app";
    task.eni = {"eni-1",          "172.31.16.5", "02:00:00:00:00:01",
                "172.31.16.0/20", "vpc-1",       "ip-172-31-16-5.ec2.internal"};
    auto& container = task.containers.emplace_back();
    container.name = "nginx";
    container.arn = "arn:aws:ecs:us-east-1:123456789012:container/default/x/y";
    container.image = "nginx:latest";
    container.log = {"awslogs", {{"awslogs-group", "/ecs/web"}, {"awslogs-stream-prefix", "p"}}};
    return task;
}

TEST(Metadata, UnderstandsItsAddresses) {
    EXPECT_EQ(parse_metadata_target("/v4/abc").what, What::container);
    EXPECT_EQ(parse_metadata_target("/v4/abc").id, "abc");
    EXPECT_EQ(parse_metadata_target("/v4/abc/").what, What::container);
    EXPECT_EQ(parse_metadata_target("/v4/abc/task?x=1").what, What::task);
    EXPECT_EQ(parse_metadata_target("/v4/abc/taskWithTags").what, What::task_with_tags);
    EXPECT_EQ(parse_metadata_target("/v4/abc/stats").what, What::stats);
    EXPECT_EQ(parse_metadata_target("/v4/abc/task/stats").what, What::task_stats);
    EXPECT_EQ(parse_metadata_target("/v2/credentials/u").what, What::credentials);
    for (const char* bad :
         {"", "/", "/v4", "/v4/", "/v3/abc", "/v4/abc/nope", "/v2/credentials/", "/v2/credentials/a/b"})
        EXPECT_EQ(parse_metadata_target(bad).what, What::nothing) << bad;
}

TEST(Metadata, DescribesTaskAndContainer) {
    const auto desired = a_task();
    auto facts = first_facts(desired);
    facts.containers[0].phase = ContainerPhase::running;
    facts.containers[0].image_digest = "sha256:1";
    facts.containers[0].started_at = RealInstant{1'800'000'000'000};
    facts.started_at = RealInstant{1'800'000'000'000};
    const MetadataTask task{desired, facts};
    const auto json = task_metadata(task, true);
    EXPECT_EQ(json.at("KnownStatus"), as_json("RUNNING"));
    EXPECT_EQ(json.at("Revision"), as_json("3"));
    EXPECT_EQ(json.at("Limits").at("CPU"), as_json(0.5));
    EXPECT_EQ(json.at("Limits").at("Memory"), as_json(1024));
    EXPECT_EQ(json.at("TaskTags").at("team"), as_json("blue"));
    EXPECT_FALSE(task_metadata(task, false).contains("TaskTags"));
    const auto& container = json.at("Containers").at(0);
    EXPECT_EQ(container.at("Name"), as_json("nginx"));
    EXPECT_EQ(container.at("ImageID"), as_json("sha256:1"));
    EXPECT_EQ(container.at("StartedAt"), as_json("2027-01-15T08:00:00.000000000Z"));
    EXPECT_EQ(container.at("Labels").at("com.amazonaws.ecs.task-definition-version"), as_json("3"));
    EXPECT_EQ(container.at("LogOptions").at("awslogs-stream"), as_json("p/nginx/" + desired.id));
    EXPECT_EQ(container.at("Networks").at(0).at("NetworkMode"), as_json("awsvpc"));
    EXPECT_EQ(container.at("Networks").at(0).at("IPv4Addresses").at(0), as_json("172.31.16.5"));
    EXPECT_EQ(container.at("Networks").at(0).at("SubnetGatewayIpv4Address"), as_json("172.31.16.1/20"));
}

TEST(Metadata, StatsAreInDockersShape) {
    const auto desired = a_task();
    const auto facts = first_facts(desired);
    EXPECT_TRUE(container_stats(facts.containers[0], std::nullopt).is_null());
    ContainerStats stats;
    stats.now.cpu_ns = 5;
    stats.now.memory_bytes = 100;
    stats.now.memory_inactive_file_bytes = 40;
    stats.network = port::EniUsage{.received_bytes = 7};
    const auto json = container_stats(facts.containers[0], stats);
    EXPECT_EQ(json.at("cpu_stats").at("cpu_usage").at("total_usage"), as_json(5u));
    EXPECT_EQ(json.at("memory_stats").at("usage"), as_json(100u));
    EXPECT_EQ(json.at("memory_stats").at("stats").at("inactive_file"), as_json(40u));
    EXPECT_EQ(json.at("networks").at("eth0").at("rx_bytes"), as_json(7u));
    EXPECT_EQ(json.at("network_rate_stats").at("rx_bytes_per_sec"), as_json(0.0));
    stats.before = port::Stats{.read_at = RealInstant{1'000}};
    stats.now.read_at = RealInstant{3'000};
    stats.network_before = port::EniUsage{.received_bytes = 2};
    const auto later = container_stats(facts.containers[0], stats);
    EXPECT_EQ(later.at("network_rate_stats").at("rx_bytes_per_sec"), as_json(2.5));
    EXPECT_EQ(later.at("network_rate_stats").at("tx_bytes_per_sec"), as_json(0.0));
}

TEST(Metadata, CredentialsAreInTheShapeThatSdksRead) {
    const auto json = task_credentials("arn", {"id", "secret", "token", PolicyInstant{1'800'000'000'123}});
    EXPECT_EQ(json.at("AccessKeyId"), as_json("id"));
    EXPECT_EQ(json.at("Token"), as_json("token"));
    EXPECT_EQ(json.at("Expiration"), as_json("2027-01-15T08:00:00Z"));
}

TEST(ContainerSpec, EnvironmentIsFargates) {
    auto task = a_task();
    auto& container = task.containers[0];
    container.environment = {{"A", "1"}, {"A", "2"}, {"AWS_ENDPOINT_URL_S3", "mine"}};
    TaskSurroundings around;
    around.endpoints = {{"AWS_ENDPOINT_URL_S3", "http://g"}, {"AWS_ENDPOINT_URL_ECS", "http://g"}};
    const auto list = container_environment(task, container, around);
    const std::map<std::string, std::string> env(list.begin(), list.end());
    EXPECT_EQ(env.size(), list.size());
    EXPECT_EQ(env.at("A"), "2");
    EXPECT_EQ(env.at("AWS_ENDPOINT_URL_S3"), "mine");
    EXPECT_EQ(env.at("AWS_ENDPOINT_URL_ECS"), "http://g");
    EXPECT_EQ(env.at("AWS_EXECUTION_ENV"), "AWS_ECS_FARGATE");
    EXPECT_EQ(env.at("AWS_REGION"), "us-east-1");
    EXPECT_EQ(
        env.at("ECS_CONTAINER_METADATA_URI_V4"), "http://169.254.170.2/v4/" + metadata_id(task, container)
    );
    EXPECT_EQ(
        env.at("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"),
        "/v2/credentials/01234567-89ab-cdef-0123-456789abcdef"
    );
    container.environment.push_back({"AWS_ENDPOINT_URL", "http://all"});
    for (const auto& [name, value] : container_environment(task, container, around))
        EXPECT_NE(name, "AWS_ENDPOINT_URL_ECS");
}

TEST(ContainerSpec, LimitsAndMounts) {
    auto task = a_task();
    task.volumes = {{"data", ""}};
    task.containers[0].mount_points = {{"data", "/data", false}};
    task.containers[0].memory_mib = 64;
    task.containers[0].memory_reservation_mib = 32;
    auto& reader = task.containers.emplace_back();
    reader.name = "reader";
    reader.volumes_from = {{"nginx", true}};
    reader.linux_parameters.tmpfs = {{"/scratch", 16, {"noexec"}}};
    const auto facts = first_facts(task);
    const auto limits = task_spec(task).limits;
    EXPECT_EQ(limits.cpu_quota_us, 50'000);
    EXPECT_EQ(limits.memory_bytes, 1'024ll << 20);
    EXPECT_EQ(task_spec(task).storage_bytes, 20ull << 30);
    const auto writer = container_spec(task, task.containers[0], facts, {}, {"/h", "/r", "/n"}, {});
    EXPECT_EQ(writer.limits.cpu_shares, 2u);
    EXPECT_EQ(writer.limits.memory_bytes, 64 << 20);
    EXPECT_EQ(writer.limits.memory_reservation_bytes, 32 << 20);
    EXPECT_EQ(writer.ulimits, (std::vector<port::Ulimit>{{"nofile", 65535, 65535}}));
    EXPECT_EQ(writer.hostname, "ip-172-31-16-5.ec2.internal");
    const auto other = container_spec(task, reader, facts, {}, {}, {});
    ASSERT_EQ(other.mounts.size(), 2u);
    EXPECT_EQ(other.mounts[0].source, "data");
    EXPECT_EQ(other.mounts[0].target, "/data");
    EXPECT_TRUE(other.mounts[0].read_only);
    EXPECT_EQ(other.mounts[1].options, (std::vector<std::string>{"noexec", "size=16m"}));
}

}  // namespace
}  // namespace gantry::worker
