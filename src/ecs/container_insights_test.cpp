#include "ecs/container_insights.h"

#include <map>

#include "ecs/cluster.h"
#include "ecs/service.h"
#include "ecs/state_fixture.h"
#include "ecs/task.h"

namespace gantry::ecs::testing {
namespace {

struct ContainerInsightsTest : EcsTest {
    void cluster(const std::string& setting) {
        state::Txn txn(database, turn);
        ClusterRecord record;
        record.scope = caller.scope();
        record.name = "boats";
        shapes::ecs::ClusterSetting insights;
        insights.name = "containerInsights";
        insights.value = setting;
        record.settings = {insights};
        txn.put(record);
        for (const char letter : {'a', 'b'}) {
            TaskRecord task;
            task.scope = caller.scope();
            task.cluster = "boats";
            task.id = std::string(32, letter);
            task.family = "site";
            task.group = letter == 'a' ? "service:web" : "family:site";
            task.cpu = "256";
            task.memory = "512";
            task.last_status = link::TaskStatus::RUNNING;
            txn.put(task);
        }
        ServiceRecord service;
        service.scope = caller.scope();
        service.cluster = "boats";
        service.name = "web";
        service.instance = "1";
        service.desired_count = 3;
        txn.put(service);
        txn.finish();
    }
    // By "NAME" and the values of its dimensions.
    static std::map<std::string, ServiceUsage> by_name(std::vector<ServiceUsage> all) {
        std::map<std::string, ServiceUsage> out;
        for (auto& one : all) {
            EXPECT_EQ(one.name.space, "ECS/ContainerInsights");
            EXPECT_TRUE(std::is_sorted(one.name.dimensions.begin(), one.name.dimensions.end()));
            std::string name = one.name.name;
            for (const auto& [dimension, value] : one.name.dimensions) name += " " + value;
            EXPECT_TRUE(out.emplace(name, one).second) << name;
        }
        return out;
    }
    std::map<std::string, ServiceUsage> usage(double rate = 1) {
        link::Usage usage;
        // Half of a quarter of a core, 128 MiB; a third of a minute.
        usage.tasks.push_back({std::string(32, 'a'), 20'000, 2'500'000'000, 128u << 20, 2'000, 4'000, 600, 0});
        usage.tasks.push_back({std::string(32, 'b'), 20'000, 0, 256u << 20});
        usage.tasks.push_back({std::string(32, 'x'), 20'000, 0, 256u << 20});
        return by_name(insights_usage(state::View(database), usage, rate));
    }
};

TEST_F(ContainerInsightsTest, AMinuteHasOneNumberOfEachTask) {
    cluster("enabled");
    const auto all = usage();
    const auto& cpu = all.at("CpuUtilized boats").values;
    EXPECT_NEAR(cpu.count(), 2.0 / 3, 1e-9) << "three readings make two numbers";
    EXPECT_NEAR(cpu.sum() * 3, 128, 1e-9);
    EXPECT_EQ(cpu.max(), 128);
    EXPECT_NEAR(all.at("CpuReserved boats site").values.average(), 256, 1e-9);
    EXPECT_NEAR(all.at("MemoryUtilized boats").values.average(), 192, 1e-9);
    EXPECT_EQ(all.at("MemoryReserved boats").unit, "Megabytes");
    EXPECT_EQ(all.at("NetworkRxBytes boats").values.max(), 100);
    EXPECT_EQ(all.at("NetworkTxBytes boats").unit, "Bytes/Second");
    EXPECT_NEAR(all.at("StorageReadBytes boats").values.sum(), 600, 1e-6);
    for (const auto& [name, one] : all) EXPECT_FALSE(name.starts_with("Task")) << name << " is for enhanced";
    // A sped-up minute is over after one reading.
    EXPECT_NEAR(usage(60).at("CpuUtilized boats").values.count(), 2, 1e-9);
}

TEST_F(ContainerInsightsTest, EnhancedTellsOfEachTask) {
    cluster("enhanced");
    const auto all = usage();
    EXPECT_NEAR(all.at("TaskCpuUtilization boats site " + std::string(32, 'a')).values.average(), 50, 1e-9);
    EXPECT_NEAR(all.at("TaskMemoryUtilization boats").values.average(), 37.5, 1e-9);
    EXPECT_EQ(all.at("CpuUtilized boats site " + std::string(32, 'b')).values.max(), 0);
}

TEST_F(ContainerInsightsTest, DisabledTellsNothing) {
    cluster("disabled");
    EXPECT_TRUE(usage().empty());
    const state::View view(database);
    EXPECT_TRUE(insights_cluster_counts(view, caller.scope() + "boats").empty());
    EXPECT_TRUE(insights_service_counts(view, ServiceRecord::key(caller.scope(), "boats", "web")).empty());
    EXPECT_TRUE(insights_cluster_counts(view, "nonsense").empty());
    EXPECT_TRUE(insights_service_counts(view, "nonsense").empty());
}

TEST_F(ContainerInsightsTest, TasksAndServicesAreCounted) {
    cluster("enabled");
    const state::View view(database);
    auto all = by_name(insights_cluster_counts(view, caller.scope() + "boats"));
    EXPECT_EQ(all.at("TaskCount boats").values.sum(), 2);
    EXPECT_EQ(all.at("ServiceCount boats").values.sum(), 1);
    all = by_name(insights_service_counts(view, ServiceRecord::key(caller.scope(), "boats", "web")));
    EXPECT_EQ(all.at("DesiredTaskCount boats web").values.sum(), 3);
    EXPECT_EQ(all.at("RunningTaskCount boats web").values.sum(), 0) << "tasks of no deployment are not its";
    EXPECT_EQ(all.at("DeploymentCount boats web").unit, "Count");
}

}  // namespace
}  // namespace gantry::ecs::testing
