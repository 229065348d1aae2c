#include "simulation/balancer_workload.h"

#include <set>

#include "dispatch/elbv2_handlers.h"
#include "ec2/subnet.h"
#include "elbv2/load_balancer.h"
#include "elbv2/target_group.h"

namespace gantry::simulation {

using namespace shapes::elbv2;
using std::chrono::milliseconds;

namespace {

std::string address_of(const std::string& flow_end) { return flow_end.substr(0, flow_end.find(':')); }

}  // namespace

BalancerWorkload::BalancerWorkload(World& world, Checker& checker, std::uint64_t seed)
    : world_(world), checker_(checker), chance_(seed) {}

template <class Response, class Request>
std::string BalancerWorkload::ask_until_told(
    Result<Response> (*operation)(state::Txn&, const Request&, const Caller&),
    const std::string& json,
    std::string (*arn)(const Response&)
) {
    const auto told = std::make_shared<std::string>();
    for (int attempt = 0; attempt < 1'000 && told->empty(); ++attempt) {
        world_.ask<Response, Request>(operation, json, [told, arn](const Result<Response>& response) {
            if (response)
                *told = arn(*response);
            else if (response.error().code == "DuplicateListener")
                *told = "it is there";
        });
        world_.advance(milliseconds(500));
    }
    ASSERT(!told->empty(), ("it can never be made: " + json).c_str());
    return *told;
}

void BalancerWorkload::make() {
    std::string subnets;
    std::string vpc;
    for (const auto& subnet : world_.view().list<ec2::SubnetRecord>(world_.caller().scope())) {
        subnets += (subnets.empty() ? "\"" : ",\"") + subnet->id + "\"";
        vpc = subnet->vpc;
    }
    const bool application = below(2) == 0;
    const std::string protocol = application ? "HTTP" : "TCP";
    balancer_ = ask_until_told<CreateLoadBalancerResponse, CreateLoadBalancerRequest>(
        elbv2::create_load_balancer, R"({"Name":"front","Type":")" + std::string(application ? "application" : "network") +
            R"(","Subnets":[)" + subnets + "]}",
        [](const CreateLoadBalancerResponse& made) { return *made.load_balancers->front().load_balancer_arn; }
    );
    for (const char* name : {"one", "two"}) {
        groups_.push_back(ask_until_told<CreateTargetGroupResponse, CreateTargetGroupRequest>(
            elbv2::create_target_group,
            R"({"Name":")" + std::string(name) + R"(","Protocol":")" + protocol + R"(","Port":80,"TargetType":"ip","VpcId":")" + vpc +
                R"(","HealthCheckIntervalSeconds":5,"HealthCheckTimeoutSeconds":2,"HealthyThresholdCount":2,)"
                R"("UnhealthyThresholdCount":2})",
            [](const CreateTargetGroupResponse& made) { return *made.target_groups->front().target_group_arn; }
        ));
        ask_until_told<ModifyTargetGroupAttributesResponse, ModifyTargetGroupAttributesRequest>(
            elbv2::modify_target_group_attributes,
            R"({"TargetGroupArn":")" + groups_.back() +
                R"(","Attributes":[{"Key":"deregistration_delay.timeout_seconds","Value":")" +
                std::to_string(below(3) * 20) + R"("},{"Key":"load_balancing.cross_zone.enabled","Value":")" +
                (below(2) == 0 ? "true" : "false") + R"("}]})",
            [](const ModifyTargetGroupAttributesResponse&) { return std::string("done"); }
        );
        ask_until_told<CreateListenerResponse, CreateListenerRequest>(
            elbv2::create_listener,
            R"({"LoadBalancerArn":")" + balancer_ + R"(","Protocol":")" + protocol + R"(","Port":)" +
                std::to_string(8080 + groups_.size()) +
                R"(,"DefaultActions":[{"Type":"forward","TargetGroupArn":")" + groups_.back() + R"("}]})",
            [](const CreateListenerResponse& made) { return *made.listeners->front().listener_arn; }
        );
    }
}

std::vector<std::string> BalancerWorkload::targets_of(const Machine& machine) const {
    const auto ends = machine.flow_ends();
    return {ends.begin(), ends.end()};
}

std::vector<BalancerWorkload::Flow> BalancerWorkload::flows() const {
    std::vector<Flow> all;
    for (std::size_t i = 0; i < world_.machines().size(); ++i)
        for (const auto& [end, count] : world_.machines()[i]->network.flows) all.push_back({i, end});
    return all;
}

void BalancerWorkload::act() {
    bury();
    switch (below(8)) {
        case 0:
        case 1:
        case 2:
            return begin_flow();
        case 3:
        case 4:
        case 5:
            return end_flow();
        case 6:
            return hang_or_recover();
        default:
            return;
    }
}

void BalancerWorkload::begin_flow() {
    for (const auto& machine : world_.machines()) {
        const auto ends = targets_of(*machine);
        if (ends.empty()) continue;
        const auto& end = ends[static_cast<std::size_t>(below(static_cast<int>(ends.size())))];
        if (!world_.answers(address_of(end))) continue;
        checker_.event("a flow to " + end + " begins");
        ++machine->network.flows[end];
    }
}

void BalancerWorkload::end_flow() {
    const auto all = flows();
    if (all.empty()) return;
    const auto& flow = all[static_cast<std::size_t>(below(static_cast<int>(all.size())))];
    checker_.event("flows to " + flow.end + " end");
    world_.machines()[flow.machine]->network.flows.erase(flow.end);
}

void BalancerWorkload::bury() {
    for (const auto& flow : flows())
        if (!world_.answers(address_of(flow.end))) world_.machines()[flow.machine]->network.flows.erase(flow.end);
}

void BalancerWorkload::hang_or_recover() {
    bool recovered = false;
    for (const auto& machine : world_.machines()) {
        recovered |= !machine->prober.scripted.empty();
        machine->prober.scripted.clear();
    }
    if (recovered) return checker_.event("nothing hangs any more");
    for (const auto& from : world_.machines()) {
        for (const auto& end : targets_of(*from)) {
            if (below(3) != 0) continue;
            checker_.event(end + " hangs");
            for (const auto& machine : world_.machines())
                machine->prober.scripted[address_of(end)] = {port::Probed::End::timeout, 0};
        }
    }
}

void BalancerWorkload::mend() {
    for (const auto& machine : world_.machines()) {
        machine->prober.scripted.clear();
        machine->network.flows.clear();
    }
}

bool BalancerWorkload::remove() {
    const auto view = world_.view();
    if (!view.list<elbv2::LoadBalancerRecord>().empty()) {
        world_.ask<DeleteLoadBalancerResponse, DeleteLoadBalancerRequest>(
            elbv2::delete_load_balancer, R"({"LoadBalancerArn":")" + balancer_ + R"("})",
            [](const Result<DeleteLoadBalancerResponse>&) {}
        );
        return true;
    }
    for (const auto& group : view.list<elbv2::TargetGroupRecord>()) {
        world_.ask<DeleteTargetGroupResponse, DeleteTargetGroupRequest>(
            elbv2::delete_target_group, R"({"TargetGroupArn":")" + group->arn() + R"("})",
            [](const Result<DeleteTargetGroupResponse>&) {}
        );
    }
    return !view.list<elbv2::TargetGroupRecord>().empty();
}

}  // namespace gantry::simulation
