#include "worker/metadata.h"

#include <algorithm>

#include "worker/container_spec.h"
#include "worker/next_step.h"

namespace gantry::worker {
namespace {

namespace json = boost::json;
using What = MetadataQuery::What;

// AWS's time stamps here carry nanoseconds.
std::string time_text(RealInstant at) {
    std::string text = format_iso8601(at.ms);
    text.insert(text.size() - 1, "000000");
    return text;
}

void put_time(json::object& out, const char* name, const std::optional<RealInstant>& at) {
    if (at) out[name] = time_text(*at);
}

// "172.31.0.0/20" → "172.31.0.1/20": the subnet's own gateway, as a VPC has it.
std::string subnet_gateway(const std::string& cidr) {
    const auto slash = cidr.find('/');
    const auto dot = cidr.rfind('.', slash);
    if (slash == std::string::npos || dot == std::string::npos) return "";
    const int last = std::atoi(cidr.c_str() + dot + 1);
    return cidr.substr(0, dot + 1) + std::to_string(last + 1) + cidr.substr(slash);
}

const char* known_status(const TaskFacts& facts, const ContainerFacts& container) {
    switch (container.phase) {
        case ContainerPhase::absent:
            if (facts.execution_stopped_at) return "STOPPED";
            return container.image_digest.empty() ? "NONE" : "PULLED";
        case ContainerPhase::created:
            return "CREATED";
        case ContainerPhase::running:
            return "RUNNING";
        case ContainerPhase::exited:
            return "STOPPED";
    }
    return "NONE";
}

json::array networks(const link::DesiredTask& task) {
    if (task.eni.id.empty()) return {};
    json::object network;
    network["NetworkMode"] = "awsvpc";
    network["IPv4Addresses"] = json::array{json::string(task.eni.address)};
    network["AttachmentIndex"] = 0;
    network["MACAddress"] = task.eni.mac;
    network["IPv4SubnetCIDRBlock"] = task.eni.subnet_cidr;
    network["DomainNameServers"] = json::array{"169.254.169.253"};
    network["PrivateDNSName"] = task.eni.private_dns_name;
    network["SubnetGatewayIpv4Address"] = subnet_gateway(task.eni.subnet_cidr);
    return {network};
}

json::object labels(const link::DesiredTask& task, const link::DesiredContainer& container) {
    json::object out;
    for (const auto& [key, value] : container.docker_labels) out[key] = value;
    out["com.amazonaws.ecs.cluster"] = task.cluster_arn;
    out["com.amazonaws.ecs.container-name"] = container.name;
    out["com.amazonaws.ecs.task-arn"] = task.arn;
    out["com.amazonaws.ecs.task-definition-family"] = task.family;
    out["com.amazonaws.ecs.task-definition-version"] = std::to_string(task.revision);
    return out;
}

json::object log_options(const link::DesiredTask& task, const link::DesiredContainer& container) {
    json::object out;
    for (const auto& [key, value] : container.log.options) out[key] = value;
    // AWS shows the stream that the prefix leads to.
    if (const auto prefix = container.log.options.find("awslogs-stream-prefix");
        prefix != container.log.options.end()) {
        out.erase("awslogs-stream-prefix");
        out["awslogs-stream"] = prefix->second + "/" + container.name + "/" + task.id;
    }
    return out;
}

double vcpus(int units) { return units / 1024.0; }

json::object blkio_entry(const char* op, std::uint64_t value) {
    json::object out;
    out["major"] = 0;
    out["minor"] = 0;
    out["op"] = op;
    out["value"] = value;
    return out;
}

json::object cpu_stats(const port::Stats& stats, int online_cpus) {
    json::object usage;
    usage["total_usage"] = stats.cpu_ns;
    usage["percpu_usage"] = json::array{stats.cpu_ns};
    usage["usage_in_kernelmode"] = stats.cpu_system_ns;
    usage["usage_in_usermode"] = stats.cpu_user_ns;
    json::object throttling;
    throttling["periods"] = stats.cpu_periods;
    throttling["throttled_periods"] = stats.cpu_throttled_periods;
    throttling["throttled_time"] = stats.cpu_throttled_ns;
    json::object out;
    out["cpu_usage"] = std::move(usage);
    // What all CPUs could have given up to this reading: only differences of it mean something.
    out["system_cpu_usage"] =
        static_cast<std::uint64_t>(stats.read_at.ms) * 1'000'000u * static_cast<std::uint64_t>(online_cpus);
    out["online_cpus"] = online_cpus;
    out["throttling_data"] = std::move(throttling);
    return out;
}

json::object memory_stats(const port::Stats& stats) {
    json::object detail;
    detail["inactive_file"] = stats.memory_inactive_file_bytes;
    detail["total_inactive_file"] = stats.memory_inactive_file_bytes;
    detail["cache"] = stats.memory_inactive_file_bytes;
    detail["rss"] = stats.memory_used_bytes();
    json::object out;
    out["usage"] = stats.memory_bytes;
    out["max_usage"] = stats.memory_max_bytes;
    out["stats"] = std::move(detail);
    // Docker's word for "no limit".
    out["limit"] = stats.memory_limit_bytes != 0 ? stats.memory_limit_bytes : 9223372036854771712ull;
    return out;
}

json::object network_stats(const port::EniUsage& usage) {
    json::object eth;
    eth["rx_bytes"] = usage.received_bytes;
    eth["rx_packets"] = usage.received_packets;
    eth["rx_errors"] = usage.received_errors;
    eth["rx_dropped"] = usage.received_dropped;
    eth["tx_bytes"] = usage.sent_bytes;
    eth["tx_packets"] = usage.sent_packets;
    eth["tx_errors"] = usage.sent_errors;
    eth["tx_dropped"] = usage.sent_dropped;
    json::object out;
    out["eth0"] = std::move(eth);
    return out;
}

// Since the reading before; 0 where there was none. Counters of an interface that was made anew begin again.
json::object network_rates(const ContainerStats& stats) {
    const auto rate = [&](std::uint64_t port::EniUsage::*counter) {
        if (!stats.before || !stats.network_before) return 0.0;
        const auto elapsed = stats.now.read_at - stats.before->read_at;
        const auto now = (*stats.network).*counter, before = (*stats.network_before).*counter;
        if (elapsed.count() <= 0 || now < before) return 0.0;
        return static_cast<double>(now - before) * 1000.0 / static_cast<double>(elapsed.count());
    };
    json::object out;
    out["rx_bytes_per_sec"] = rate(&port::EniUsage::received_bytes);
    out["tx_bytes_per_sec"] = rate(&port::EniUsage::sent_bytes);
    return out;
}

}  // namespace

MetadataQuery parse_metadata_target(std::string_view target) {
    target = target.substr(0, target.find('?'));
    while (target.size() > 1 && target.back() == '/') target.remove_suffix(1);
    MetadataQuery query;
    const auto take = [&](std::string_view prefix) {
        if (!target.starts_with(prefix)) return false;
        target.remove_prefix(prefix.size());
        const auto slash = target.find('/');
        query.id = target.substr(0, slash);
        target = slash == std::string_view::npos ? std::string_view() : target.substr(slash);
        return !query.id.empty();
    };
    if (take("/v2/credentials/")) {
        if (target.empty()) query.what = What::credentials;
    } else if (take("/v4/")) {
        if (target.empty()) query.what = What::container;
        if (target == "/task") query.what = What::task;
        if (target == "/taskWithTags") query.what = What::task_with_tags;
        if (target == "/stats") query.what = What::stats;
        if (target == "/task/stats") query.what = What::task_stats;
    }
    return query;
}

const link::DesiredContainer* container_by_metadata_id(const link::DesiredTask& task, std::string_view id) {
    for (const auto& container : task.containers)
        if (metadata_id(task, container) == id) return &container;
    return nullptr;
}

json::object container_metadata(const MetadataTask& task, const link::DesiredContainer& container) {
    const auto& desired = task.desired;
    const auto& facts = *task.facts.find(container.name);
    json::object out;
    out["DockerId"] = facts.id;
    out["Name"] = container.name;
    out["DockerName"] = container.name;
    out["Image"] = container.image;
    out["ImageID"] = facts.image_digest == "unknown" ? "" : facts.image_digest;
    json::array ports;
    for (const auto& mapping : container.port_mappings) {
        json::object port;
        port["ContainerPort"] = mapping.container_port;
        port["Protocol"] = mapping.protocol;
        ports.push_back(std::move(port));
    }
    if (!ports.empty()) out["Ports"] = std::move(ports);
    out["Labels"] = labels(desired, container);
    out["DesiredStatus"] = task.facts.stopping_at ? "STOPPED" : "RUNNING";
    out["KnownStatus"] = known_status(task.facts, facts);
    if (facts.exit_code) out["ExitCode"] = *facts.exit_code;
    json::object limits;
    limits["CPU"] = std::max(2, container.cpu_units);
    if (container.memory_mib > 0) limits["Memory"] = container.memory_mib;
    out["Limits"] = std::move(limits);
    put_time(out, "CreatedAt", facts.created_at);
    put_time(out, "StartedAt", facts.started_at);
    put_time(out, "FinishedAt", facts.finished_at);
    out["Type"] = "NORMAL";
    if (container.health_check) {
        json::object health;
        health["status"] = boost::describe::enum_to_string(facts.health.status, "UNKNOWN");
        put_time(health, "statusSince", facts.health.probed_at);
        out["Health"] = std::move(health);
    }
    if (container.restart_policy.enabled) out["RestartCount"] = facts.restart_count;
    if (!container.log.driver.empty()) {
        out["LogDriver"] = container.log.driver;
        out["LogOptions"] = log_options(desired, container);
    }
    out["ContainerARN"] = container.arn;
    out["Networks"] = networks(desired);
    out["Snapshotter"] = "overlayfs";
    return out;
}

json::object task_metadata(const MetadataTask& task, bool with_tags) {
    const auto& desired = task.desired;
    json::object out;
    out["Cluster"] = desired.cluster_arn;
    out["TaskARN"] = desired.arn;
    out["Family"] = desired.family;
    out["Revision"] = std::to_string(desired.revision);
    if (!desired.service.empty()) out["ServiceName"] = desired.service;
    out["DesiredStatus"] = task.facts.stopping_at ? "STOPPED" : "RUNNING";
    out["KnownStatus"] = boost::describe::enum_to_string(observed_status(task.facts), "NONE");
    json::object limits;
    if (desired.cpu_units > 0) limits["CPU"] = vcpus(desired.cpu_units);
    if (desired.memory_mib > 0) limits["Memory"] = desired.memory_mib;
    if (!limits.empty()) out["Limits"] = std::move(limits);
    put_time(out, "PullStartedAt", task.facts.pull_started_at);
    put_time(out, "PullStoppedAt", task.facts.pull_stopped_at);
    put_time(out, "ExecutionStoppedAt", task.facts.execution_stopped_at);
    out["AvailabilityZone"] = desired.availability_zone;
    out["LaunchType"] = desired.launch_type;
    if (!desired.eni.vpc.empty()) out["VPCID"] = desired.eni.vpc;
    json::array containers;
    for (const auto& container : desired.containers)
        containers.push_back(container_metadata(task, container));
    out["Containers"] = std::move(containers);
    if (task.storage) {
        json::object storage;
        storage["Utilized"] = task.storage->used_bytes >> 20;
        storage["Reserved"] = task.storage->total_bytes >> 20;
        out["EphemeralStorageMetrics"] = std::move(storage);
    }
    out["FaultInjectionEnabled"] = false;
    if (with_tags && !desired.tags.empty()) {
        json::object tags;
        for (const auto& [key, value] : desired.tags) tags[key] = value;
        out["TaskTags"] = std::move(tags);
    }
    return out;
}

json::value container_stats(const ContainerFacts& facts, const std::optional<ContainerStats>& stats) {
    if (!stats) return nullptr;
    const port::Stats& now = stats->now;
    const port::Stats& before = stats->before ? *stats->before : now;
    json::object out;
    out["read"] = time_text(now.read_at);
    out["preread"] = time_text(before.read_at);
    out["num_procs"] = 0;
    json::object pids;
    pids["current"] = now.pids;
    out["pids_stats"] = std::move(pids);
    if (stats->network) {
        out["networks"] = network_stats(*stats->network);
        out["network_rate_stats"] = network_rates(*stats);
    }
    out["memory_stats"] = memory_stats(now);
    json::object blkio;
    blkio["io_service_bytes_recursive"] =
        json::array{blkio_entry("Read", now.read_bytes), blkio_entry("Write", now.write_bytes)};
    blkio["io_serviced_recursive"] =
        json::array{blkio_entry("Read", now.read_ops), blkio_entry("Write", now.write_ops)};
    out["blkio_stats"] = std::move(blkio);
    out["cpu_stats"] = cpu_stats(now, stats->online_cpus);
    out["precpu_stats"] = cpu_stats(before, stats->online_cpus);
    out["storage_stats"] = json::object();
    out["name"] = facts.name;
    out["id"] = facts.id;
    return out;
}

json::object task_credentials(const std::string& role_arn, const port::TaskCredentials& credentials) {
    json::object out;
    out["RoleArn"] = role_arn;
    out["AccessKeyId"] = credentials.access_key_id;
    out["SecretAccessKey"] = credentials.secret_access_key;
    out["Token"] = credentials.session_token;
    // SDKs read no fraction of a second here.
    out["Expiration"] = format_iso8601(credentials.expires_at.ms).substr(0, 19) + "Z";
    return out;
}

}  // namespace gantry::worker
