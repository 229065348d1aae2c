#include "simulation/balancer_checker.h"

#include <algorithm>
#include <csignal>
#include <set>

#include "ecs/task_indexes.h"
#include "elbv2/load_balancer.h"
#include "elbv2/usage.h"
#include "operation/controller.h"

namespace gantry::simulation {

using elbv2::TargetHealth;
using elbv2::TargetRecord;
using link::TaskStatus;

namespace {

bool carries(const state::View& view, const std::string& worker) {
    const auto all = view.list<elbv2::LoadBalancerRecord>();
    return std::any_of(all.begin(), all.end(), [&](const auto& balancer) { return balancer->worker == worker; });
}

}  // namespace

void BalancerChecker::subscribe(control::Loop& loop) {
    loop.on_durable([this, &loop](const state::ChangeSet& changes) {
        for (const auto& change : changes) durable_change(loop.view(), change);
    });
    // What was written and never told may have changed anything.
    loop.on_loaded([this](const state::View&) { drained_.clear(); });
}

void BalancerChecker::durable_change(const state::View& view, const state::Change& change) {
    const auto* target_was = gantry::changed<TargetRecord>(view, change, change.before);
    const auto* target_is = gantry::changed<TargetRecord>(view, change, change.after);
    if (target_was != nullptr || target_is != nullptr) return target_changed(target_was, target_is);
    if (!change.after) return;
    if (const auto* task = gantry::changed<ecs::TaskRecord>(view, change, change.after))
        task_changed(view, gantry::changed<ecs::TaskRecord>(view, change, change.before), *task);
}

void BalancerChecker::target_changed(const TargetRecord* before, const TargetRecord* after) {
    if (after == nullptr) {
        drained_[before->address] = before->health == TargetHealth::draining && before->observed.drained;
        return;
    }
    drained_.erase(after->address);
    if (before == nullptr || before->registration != after->registration) return;
    if (before->health == TargetHealth::draining && after->health != TargetHealth::draining)
        checker_.violation(after->address + " drains no more and has the same registration");
    if (!before->observed.drained && after->observed.drained)
        check_quiet(after->address, "it is called drained", after->report_worker);
}

void BalancerChecker::task_changed(
    const state::View& view, const ecs::TaskRecord* before, const ecs::TaskRecord& after
) {
    if (before == nullptr || before->last_status >= TaskStatus::STOPPING || before->hung ||
        after.last_status != TaskStatus::STOPPING || after.stop_code == "TerminationNotice")
        return;
    const bool reported = before->report_sequence != after.report_sequence;
    if (reported || before->target_groups.empty()) return;
    for (const auto& target : view.find<elbv2::TargetsByOwner>(after.key()))
        checker_.violation(after.id + " shall stop and " + target->address + " is registered still");
}

void BalancerChecker::check_quiet(
    const std::string& address, const std::string& when, const std::string& on_worker
) {
    for (const auto& machine : world_.machines()) {
        if (!on_worker.empty() && machine->name != on_worker) continue;
        // Lost, and its balancers given to others: what it still forwards nobody can take back.
        if (!machine->agent && !carries(world_.view(), machine->name)) continue;
        if (machine->forwarded().contains(address))
            checker_.violation(machine->name + " sends new flows to " + address + " when " + when);
        for (const auto& [end, count] : machine->network.flows)
            if (count > 0 && end.starts_with(address + ":") && world_.answers(address))
                checker_.violation(machine->name + " has a flow to " + end + " when " + when);
    }
}

void BalancerChecker::look() {
    for (const auto& machine : world_.machines()) {
        const auto& signals = machine->runtime.signals;
        auto& seen = signals_[machine->name];
        for (; seen < signals.size(); ++seen) {
            const auto& [container, signal] = signals[seen];
            const auto* spec = machine->runtime.spec_of(container);
            if (signal == SIGKILL || spec == nullptr || !machine->agent) continue;
            const auto& tasks = machine->agent->tasks();
            const auto task = tasks.find(spec->task);
            if (task == tasks.end()) continue;
            const auto& desired = task->second->desired();
            const auto& address = desired.eni.address;
            const auto what = container + " gets its stop signal";
            const auto gone = drained_.find(address);
            if (gone != drained_.end() && gone->second) {
                for (const auto& balancer : world_.view().list<elbv2::LoadBalancerRecord>())
                    if (!balancer->worker.empty()) check_quiet(address, what, balancer->worker);
            }
            if (desired.desired_status == TaskStatus::STOPPED && world_.answers(address) &&
                machine->forwarded().contains(address))
                checker_.violation(machine->name + " itself sends new flows to " + address + " when " + what);
        }
    }
}

std::vector<std::string> BalancerChecker::unconverged() const {
    std::vector<std::string> why;
    const auto view = world_.view();
    std::map<std::string, std::set<std::string>> wanted;  // worker → addresses
    for (const auto& target : view.list<TargetRecord>()) {
        const auto balancer = elbv2::balancer_of(view, target->group);
        if (!balancer) continue;
        if (target->health != TargetHealth::healthy) why.push_back("the target " + target->address + " is not healthy");
        const auto task = view.get<ecs::TaskRecord>(target->owner);
        if (!task || task->stopping() || task->last_status != TaskStatus::RUNNING)
            why.push_back("the target " + target->address + " has no task that runs");
        wanted[balancer->worker].insert(target->address);
    }
    for (const auto& task : view.list<ecs::TaskRecord>()) {
        if (task->stopping()) continue;
        if (task->target_groups.size() != view.find<elbv2::TargetsByOwner>(task->key()).size())
            why.push_back(task->id + " is not registered as it shall be");
    }
    for (const auto& machine : world_.machines()) {
        if (machine->forwarded() != wanted[machine->name])
            why.push_back(machine->name + " forwards to others than the healthy targets");
    }
    return why;
}

std::vector<std::string> BalancerChecker::leftovers() const {
    std::vector<std::string> left;
    const auto view = world_.view();
    for (const auto& balancer : view.list<elbv2::LoadBalancerRecord>()) left.push_back("balancer " + balancer->name);
    for (const auto& target : view.list<TargetRecord>()) left.push_back("target " + target->address);
    for (const auto& machine : world_.machines())
        if (!machine->network.policy().balancers.empty() || !machine->http_balancer.state().balancers.empty())
            left.push_back("balancers on " + machine->name);
    return left;
}

}  // namespace gantry::simulation
