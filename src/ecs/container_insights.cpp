#include "ecs/container_insights.h"

#include <algorithm>
#include <cstdlib>
#include <map>

#include "ecs/cluster.h"
#include "ecs/deployment.h"
#include "ecs/service.h"
#include "ecs/task.h"
#include "ecs/task_indexes.h"
#include "ecs/task_set.h"

namespace gantry::ecs {
namespace {

enum class Insights { disabled, enabled, enhanced };

Insights insights_of(const ClusterRecord& cluster) {
    for (const auto& setting : cluster.settings) {
        if (setting.name != "containerInsights" || !cluster.active()) continue;
        if (setting.value == "enabled") return Insights::enabled;
        if (setting.value == "enhanced") return Insights::enhanced;
    }
    return Insights::disabled;
}

metric::Name name_of(const std::string& scope, const std::string& what, metric::Dimensions dimensions) {
    const auto slash = scope.find('/');
    metric::Name name;
    name.account = scope.substr(0, slash);
    name.region = scope.substr(slash + 1, scope.size() - slash - 2);
    name.space = "ECS/ContainerInsights";
    name.name = what;
    name.dimensions = std::move(dimensions);
    return name;
}

// Sorted by name, each of them.
std::vector<metric::Dimensions> dimensions_of(const TaskRecord& task, Insights insights) {
    const std::pair<std::string, std::string> cluster{"ClusterName", task.cluster};
    const std::pair<std::string, std::string> family{"TaskDefinitionFamily", task.family};
    std::vector<metric::Dimensions> all{{cluster}, {cluster, family}};
    if (!task.service().empty()) all.push_back({cluster, {"ServiceName", std::string(task.service())}});
    if (insights == Insights::enhanced) all.push_back({cluster, family, {"TaskId", task.id}});
    return all;
}

class Measured {
  public:
    void add(const metric::Name& name, const char* unit, double value, double share) {
        auto& one = all_[name];
        one.unit = unit;
        one.values.add(value, share);
    }
    std::vector<ServiceUsage> take() {
        std::vector<ServiceUsage> out;
        for (auto& [name, one] : all_) out.push_back({name, std::move(one.unit), std::move(one.values)});
        return out;
    }

  private:
    struct One {
        std::string unit;
        metric::Values values;
    };
    std::map<metric::Name, One> all_;
};

void add_task(const TaskRecord& task, const link::TaskUsage& used, Insights insights, double rate, Measured& all) {
    constexpr double minute_ms = 60'000;
    const double seconds = static_cast<double>(used.over_ms) / 1'000;
    const double share = std::min(1.0, static_cast<double>(used.over_ms) * rate / minute_ms);
    const double cpu = static_cast<double>(used.cpu_ns) / (seconds * 1e9) * 1'024;
    const double mib = static_cast<double>(used.memory_bytes) / (1 << 20);
    const double cpu_reserved = std::atof(task.cpu.c_str()), mib_reserved = std::atof(task.memory.c_str());
    for (const auto& dimensions : dimensions_of(task, insights)) {
        const auto add = [&](const char* what, const char* unit, double value) {
            all.add(name_of(task.scope, what, dimensions), unit, value, share);
        };
        const auto each_second = [&](const char* what, std::uint64_t bytes) {
            add(what, "Bytes/Second", static_cast<double>(bytes) / seconds);
        };
        // What was moved in a whole minute like this one.
        const auto each_minute = [&](const char* what, std::uint64_t bytes) {
            add(what, "Bytes", static_cast<double>(bytes) / share);
        };
        add("CpuUtilized", "None", cpu);
        add("CpuReserved", "None", cpu_reserved);
        add("MemoryUtilized", "Megabytes", mib);
        add("MemoryReserved", "Megabytes", mib_reserved);
        each_second("NetworkRxBytes", used.received_bytes);
        each_second("NetworkTxBytes", used.sent_bytes);
        each_minute("StorageReadBytes", used.read_bytes);
        each_minute("StorageWriteBytes", used.written_bytes);
        if (task.ephemeral_gib > 0) add("EphemeralStorageReserved", "Gigabytes", task.ephemeral_gib);
        if (insights != Insights::enhanced) continue;
        if (cpu_reserved > 0) add("TaskCpuUtilization", "Percent", cpu / cpu_reserved * 100);
        if (mib_reserved > 0) add("TaskMemoryUtilization", "Percent", mib / mib_reserved * 100);
    }
}

}  // namespace

std::vector<ServiceUsage> insights_usage(const state::View& view, const link::Usage& usage, double policy_rate) {
    Measured all;
    std::map<std::string, Insights> clusters;
    for (const auto& used : usage.tasks) {
        const auto task = view.find_one<TaskById>(used.task);
        if (!task || task->stopped() || used.over_ms <= 0) continue;
        const auto [known, fresh] = clusters.try_emplace(task->scope + task->cluster, Insights::disabled);
        if (fresh) {
            const auto cluster = view.get<ClusterRecord>(known->first);
            if (cluster) known->second = insights_of(*cluster);
        }
        if (known->second != Insights::disabled) add_task(*task, used, known->second, policy_rate, all);
    }
    return all.take();
}

std::vector<ServiceUsage> insights_service_counts(const state::View& view, std::string_view key) {
    std::vector<ServiceUsage> all;
    const auto service = view.get<ServiceRecord>(key);
    if (!service || service->status == ServiceStatus::INACTIVE) return all;
    const auto cluster = view.get<ClusterRecord>(service->scope + service->cluster);
    if (!cluster || insights_of(*cluster) == Insights::disabled) return all;
    const auto deployments = view.list<DeploymentRecord>(service->parts());
    const auto sets = view.list<TaskSetRecord>(service->parts());
    std::size_t running = 0, pending = 0;
    const auto count = [&](const std::string& revision) {
        running += view.count<TasksByDeployment>(TasksByDeployment::key(revision, "running"));
        pending += view.count<TasksByDeployment>(TasksByDeployment::key(revision, "pending"));
    };
    for (const auto& one : deployments) count(one->key());
    for (const auto& one : sets) count(one->key());
    const auto add = [&](const char* what, double value) {
        all.push_back(
            {name_of(service->scope, what, {{"ClusterName", service->cluster}, {"ServiceName", service->name}}), "Count",
             metric::Values::of(value)}
        );
    };
    add("DeploymentCount", static_cast<double>(deployments.size()));
    add("DesiredTaskCount", service->desired_count);
    add("PendingTaskCount", static_cast<double>(pending));
    add("RunningTaskCount", static_cast<double>(running));
    add("TaskSetCount", static_cast<double>(sets.size()));
    return all;
}

std::vector<ServiceUsage> insights_cluster_counts(const state::View& view, std::string_view key) {
    std::vector<ServiceUsage> all;
    const auto cluster = view.get<ClusterRecord>(key);
    if (!cluster || insights_of(*cluster) == Insights::disabled) return all;
    const auto add = [&](const char* what, std::size_t value) {
        all.push_back(
            {name_of(cluster->scope, what, {{"ClusterName", cluster->name}}), "Count",
             metric::Values::of(static_cast<double>(value))}
        );
    };
    add("ContainerInstanceCount", 0);
    add("ServiceCount",
        view.count<ServicesByCluster>(ServicesByCluster::key(cluster->scope, cluster->name, ServiceStatus::ACTIVE)));
    add("TaskCount", view.count<TasksCounted>(TasksCounted::key(cluster->scope, cluster->name, "running")));
    return all;
}

}  // namespace gantry::ecs
