#include "elbv2/traffic.h"

#include <map>
#include <set>

#include "elbv2/metric_name.h"
#include "elbv2/target.h"

namespace gantry::elbv2 {
namespace {

struct Sample {
    std::string unit;
    metric::Values values;
};

class Samples {
  public:
    // Another number beside those that are there: for averages.
    void add(const metric::Name& name, const std::string& unit, double value, double times = 1) {
        auto& sample = all_[name];
        sample.unit = unit;
        sample.values.add(value, times);
    }
    // More of one number: for counts.
    void count(const metric::Name& name, const std::string& unit, double more) {
        auto& [its_unit, value] = counts_[name];
        its_unit = unit;
        value += more;
    }

    std::vector<TrafficSample> take() {
        for (auto& [name, counted] : counts_) add(name, counted.first, counted.second);
        std::vector<TrafficSample> out;
        for (auto& [name, sample] : all_) out.push_back({name, std::move(sample.unit), std::move(sample.values)});
        return out;
    }

  private:
    std::map<metric::Name, Sample> all_;
    std::map<metric::Name, std::pair<std::string, double>> counts_;
};

std::set<std::string> zones_and_all(const std::string& zone) {
    if (zone.empty() || zone == "all") return {""};
    return {"", zone};
}

void add_flows(const LoadBalancerRecord& balancer, const link::FlowUsage& usage, Samples& samples) {
    const std::string protocol = usage.protocol == "udp" ? "_UDP" : "_TCP";
    for (const auto& zone : zones_and_all(usage.zone)) {
        const auto count = [&](const std::string& what, const char* unit, std::uint64_t value) {
            samples.count(balancer_metric(balancer, what, zone), unit, static_cast<double>(value));
        };
        for (const auto& suffix : {std::string(), protocol}) {
            count("ActiveFlowCount" + suffix, "Count", usage.open_flows);
            count("NewFlowCount" + suffix, "Count", usage.new_flows);
            count("ProcessedBytes" + suffix, "Bytes", usage.bytes);
        }
        count("ProcessedPackets", "Count", usage.packets);
        if (usage.protocol == "udp") continue;
        count("TCP_Target_Reset_Count", "Count", usage.target_resets);
        count("TCP_Client_Reset_Count", "Count", usage.client_resets);
    }
}

void add_clients(
    const LoadBalancerRecord& balancer, const link::ClientUsage& usage, bool open_connections, Samples& samples
) {
    const auto count = [&](const std::string& what, const char* unit, std::uint64_t value) {
        if (value > 0) samples.count(balancer_metric(balancer, what), unit, static_cast<double>(value));
    };
    if (open_connections) count("ActiveConnectionCount", "Count", usage.open_connections);
    count("NewConnectionCount", "Count", usage.new_connections);
    count("ProcessedBytes", "Bytes", usage.bytes);
    for (std::size_t digit = 3; digit <= usage.own_answers.size(); ++digit)
        count("HTTPCode_ELB_" + std::to_string(digit) + "XX_Count", "Count", usage.own_answers[digit - 1]);
}

// Those that share the requests: without a healthy one, all.
std::size_t sharing(const state::View& view, const TargetGroupRecord& group) {
    std::size_t all = 0, healthy = 0;
    for (const auto& target : view.find<TargetsByGroup>(group.key())) {
        ++all;
        healthy += target->health == TargetHealth::healthy;
    }
    return healthy > 0 ? healthy : all;
}

void add_target(
    const state::View& view,
    const LoadBalancerRecord& balancer,
    const TargetGroupRecord& group,
    const link::TargetUsage& usage,
    bool open_connections,
    Samples& samples
) {
    const auto of_balancer = [&](const std::string& what, std::uint64_t value) {
        if (value > 0) samples.count(balancer_metric(balancer, what), "Count", static_cast<double>(value));
    };
    if (open_connections) of_balancer("ActiveConnectionCount", usage.open_connections);
    of_balancer("NewConnectionCount", usage.new_connections);

    std::uint64_t requests = 0;
    for (const auto answers : usage.answers) requests += answers;
    if (requests == 0) return;
    for (const auto* of : std::initializer_list<const TargetGroupRecord*>{nullptr, &group}) {
        for (const auto& zone : zones_and_all(usage.zone)) {
            const auto name = [&](const std::string& what) { return balancer_metric(balancer, what, zone, of); };
            samples.count(name("RequestCount"), "Count", static_cast<double>(requests));
            samples.add(name("TargetResponseTime"), "Seconds", usage.response_ms / 1'000, static_cast<double>(requests));
            for (std::size_t digit = 2; digit <= usage.answers.size(); ++digit) {
                const auto answers = static_cast<double>(usage.answers[digit - 1]);
                if (answers > 0)
                    samples.count(name("HTTPCode_Target_" + std::to_string(digit) + "XX_Count"), "Count", answers);
            }
        }
    }
    const auto targets = sharing(view, group);
    if (targets == 0) return;
    const double each = static_cast<double>(requests) / static_cast<double>(targets);
    samples.count(group_metric(balancer, "RequestCountPerTarget", group), "Count", each);
    samples.count(balancer_metric(balancer, "RequestCountPerTarget", "", &group), "Count", each);
}

}  // namespace

std::vector<TrafficSample> balancer_traffic(const state::View& view, const link::Usage& usage, bool open_connections) {
    Samples samples;
    for (const auto& flows : usage.flows) {
        const auto balancer = view.find_one<LoadBalancerById>(flows.balancer);
        if (balancer && balancer->network()) add_flows(*balancer, flows, samples);
    }
    for (const auto& clients : usage.clients) {
        const auto balancer = view.find_one<LoadBalancerById>(clients.balancer);
        if (balancer && !balancer->network()) add_clients(*balancer, clients, open_connections, samples);
    }
    for (const auto& target : usage.targets) {
        const auto balancer = view.find_one<LoadBalancerById>(target.balancer);
        const auto group = view.find_one<TargetGroupById>(target.group);
        if (balancer && !balancer->network() && group)
            add_target(view, *balancer, *group, target, open_connections, samples);
    }
    return samples.take();
}

}  // namespace gantry::elbv2
