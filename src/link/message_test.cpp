#include "link/message.h"

#include <gtest/gtest.h>

#include "base/codec.h"
#include "link/desired_task.h"
#include "link/network_objects.h"

namespace gantry::link {
namespace {

template <class T>
void expect_round_trip_to_worker(const T& message) {
    const auto back = decode_to_worker(encode_message(ToWorker(message)));
    ASSERT_TRUE(back) << back.error().message;
    EXPECT_EQ(std::get<T>(*back), message);
}

template <class T>
void expect_round_trip_to_control(const T& message) {
    const auto back = decode_to_control(encode_message(ToControl(message)));
    ASSERT_TRUE(back) << back.error().message;
    EXPECT_EQ(std::get<T>(*back), message);
}

DesiredTask a_task() {
    DesiredTask task;
    task.id = "0123456789abcdef0123456789abcdef";
    task.desired_status = TaskStatus::STOPPED;
    task.eni = {"eni-1", "172.31.0.5", "02:00:00:00:00:01", "172.31.0.0/20", "vpc-1", "ip-172-31-0-5"};
    DesiredContainer container;
    container.name = "web";
    container.entry_point = {"sh", "-c"};
    container.command = std::vector<std::string>{};
    container.environment = {{"A", "1"}, {"A", "2"}};
    container.health_check = HealthCheck{{"CMD-SHELL", "true"}, 5, {}, 3, {}};
    container.depends_on = {{"init", DependsCondition::SUCCESS}};
    container.linux_parameters.swappiness = 0;
    container.stop_timeout_s = 0;
    task.containers = {container};
    task.volumes = {{"data", ""}};
    return task;
}

TEST(Message, RoundTripsToWorker) {
    expect_round_trip_to_worker(Welcome{1, 7, 500});
    expect_round_trip_to_worker(Want{7, "task", "t", 42, encode(a_task()).as_object()});
    expect_round_trip_to_worker(Drop{7, "task", "t", 43});
    expect_round_trip_to_worker(Inventory{7, 43, {{"task", {{"t", 42}}}, {"vpc", {}}}});
    expect_round_trip_to_worker(ReportAck{7, "t", 9});
}

TEST(Message, RoundTripsToControl) {
    expect_round_trip_to_control(Hello{1, "w", 7, {2048, 4096, 1, "X86_64", {"oom"}}, {{"task", {{"t", 1}}}}}
    );
    expect_round_trip_to_control(Heartbeat{7, 3});
    expect_round_trip_to_control(Holding{7, {{"task", "t", 42, true}, {"eni", "e", 3, false}}});
    expect_round_trip_to_control(Resync{7, {{"task", {{"t", 1}}}}});
    ObservedTask observed;
    observed.status = TaskStatus::STOPPED;
    observed.containers = {{"web", ContainerStatus::STOPPED, 137, "OutOfMemoryError", "t-web", "sha256:1"}};
    observed.started_at = RealInstant{5};
    observed.network_released = true;
    expect_round_trip_to_control(TaskReport{"t", 7, 9, 42, observed});
}

TEST(Message, DesiredTaskSurvivesTheWire) {
    const auto task = a_task();
    EXPECT_EQ(decode_text<DesiredTask>(encode_text(task)).value(), task);
}

TEST(Message, NetworkObjectsSurviveTheWire) {
    const SecurityGroup group{"sg-1", {{"tcp", 80, 80, "0.0.0.0/0", ""}}, {{"-1", {}, {}, "", "sg-2"}}};
    EXPECT_EQ(decode_text<SecurityGroup>(encode_text(group)).value(), group);
    const Eni eni{"eni-1", "10.0.0.4", "vpc-1", {"sg-1"}, true};
    EXPECT_EQ(decode_text<Eni>(encode_text(eni)).value(), eni);
}

TEST(Message, SaysWhatIsWrong) {
    EXPECT_EQ(decode_to_worker(R"({"type":"Nope","body":{}})").error().message, "unknown message type Nope");
    EXPECT_FALSE(decode_to_worker("{"));
    EXPECT_FALSE(decode_to_worker(R"({"type":"Want","body":[]})"));
    // A message of the other direction is as unknown as any.
    EXPECT_FALSE(decode_to_worker(encode_message(ToControl(Heartbeat{}))));
}

}  // namespace
}  // namespace gantry::link
