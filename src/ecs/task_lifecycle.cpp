#include "ecs/task_lifecycle.h"

#include <algorithm>
#include <cstdlib>

#include "ec2/scope.h"
#include "ec2/subnet.h"
#include "ec2/task_eni.h"
#include "ecs/event.h"
#include "ecs/task_shape.h"
#include "elbv2/service_targets.h"

namespace gantry::ecs {

using link::TaskStatus;

WorkerRecord promise(const WorkerRecord& worker, TaskRecord& task) {
    WorkerRecord after = worker;
    after.promised_cpu_units += std::atoll(task.cpu.c_str());
    after.promised_memory_mib += std::atoll(task.memory.c_str());
    ++after.tasks;
    task.worker = worker.id;
    return after;
}

Demand demand_of(const state::View& view, const TaskRecord& task) {
    Demand demand{"X86_64", std::atoll(task.cpu.c_str()), std::atoll(task.memory.c_str())};
    if (const auto revision = view.get<RevisionRecord>(task.revision_key())) {
        const auto& platform = revision->definition.runtime_platform;
        if (platform && platform->cpu_architecture == "ARM64") demand.architecture = "ARM64";
    }
    return demand;
}

void want_stopped(TaskRecord& task, std::string code, std::string reason, PolicyInstant now) {
    if (task.stopping()) return;
    task.desired_status = TaskStatus::STOPPED;
    task.stop_code = std::move(code);
    task.stopped_reason = std::move(reason);
    if (!task.stopping_at) task.stopping_at = now;
}

void finish(const state::View& view, const state::Turn& turn, TaskRecord task, state::Plan& plan) {
    const std::string why = "the task has ended";
    if (!task.interface.id.empty()) {
        ec2::EniAllocator enis(view);
        enis.release(ec2::key_of(account_of(task.scope), region_of(task.scope), task.interface.id));
        enis.write(plan, why);
    }
    if (const auto known = view.get<WorkerRecord>(task.worker); known && !task.worker.empty()) {
        WorkerRecord worker = *known;
        worker.promised_cpu_units -= std::atoll(task.cpu.c_str());
        worker.promised_memory_mib -= std::atoll(task.memory.c_str());
        --worker.tasks;
        plan.put(std::move(worker), why);
    }
    if (!task.target_groups.empty()) {
        elbv2::drop_targets(view, task.key(), plan);
        task.target_groups.clear();
    }
    want_stopped(task, "TaskFailedToStart", "Task stopped", turn.now);
    task.last_status = TaskStatus::STOPPED;
    if (!task.execution_stopped_at) task.execution_stopped_at = turn.now;
    task.stopped_at = turn.now;
    note_change(view, turn, task, plan);
    plan.put(std::move(task), why);
}

bool placed(const TaskRecord& task) { return !task.worker.empty() && !task.interface.id.empty(); }

bool may_be_signalled(const TaskRecord& task) { return task.stopping() && task.target_groups.empty(); }

namespace {

std::string words(const ec2::EniFault& fault, const TaskRecord& task) {
    using Kind = ec2::EniFault::Kind;
    const std::string start =
        std::string(
            "Unexpected EC2 error while attempting to Create Network Interface with public IP assignment "
        ) +
        (task.assign_public_ip ? "enabled" : "disabled") + " in subnet '" +
        (fault.kind == Kind::subnet_not_found || fault.kind == Kind::subnets_full ? fault.id
                                                                                  : task.subnets.front()) +
        "': ";
    switch (fault.kind) {
        case Kind::subnets_full:
            return start + "InsufficientFreeAddressesInSubnet";
        case Kind::subnet_not_found:
            return start + "InvalidSubnetID.NotFound";
        case Kind::group_not_found:
            return start + "InvalidGroup.NotFound";
        case Kind::public_addresses_used_up:
        case Kind::address_not_usable:  // tasks ask for no address
        case Kind::address_in_use:
            break;
    }
    return start + "InsufficientFreeAddresses (" + fault.id + " is used up)";
}

}  // namespace

void place(const state::View& view, const state::Turn& turn, const TaskRecord& task, state::Plan& plan) {
    TaskRecord after = task;
    if (after.worker.empty()) {
        const auto worker = pick_worker(view, demand_of(view, task));
        if (!worker) return;
        plan.put(promise(*worker, after), "a worker has room for the task");
    }
    ec2::TaskEniRequest request;
    request.account = account_of(task.scope);
    request.region = region_of(task.scope);
    // Tasks spread over the subnets by chance: their ids are random.
    request.subnets = task.subnets;
    const auto start = std::strtoull(task.id.substr(0, 8).c_str(), nullptr, 16) % request.subnets.size();
    std::rotate(request.subnets.begin(), request.subnets.begin() + start, request.subnets.end());
    // A service's task has a zone that it is meant for; another one is better than none.
    if (!task.availability_zone.empty()) {
        std::stable_partition(request.subnets.begin(), request.subnets.end(), [&](const std::string& id) {
            const auto subnet = view.get<ec2::SubnetRecord>(ec2::key_of(request.account, request.region, id));
            return subnet && subnet->zone == task.availability_zone;
        });
    }
    request.groups = task.security_groups;
    request.public_address = task.assign_public_ip;
    request.attachment_uuid = attachment_id(task);
    request.owner = task.key();
    request.worker = after.worker;
    ec2::EniAllocator enis(view);
    const auto eni = enis.make(request, turn);
    if (!eni) {
        want_stopped(after, "TaskFailedToStart", words(eni.error(), task), turn.now);
        note_change(view, turn, after, plan);
        plan.put(std::move(after), "the task can get no network interface");
        return;
    }
    enis.write(plan, "the task's network interface");
    after.interface = {eni->id,  eni->subnet,
                       eni->vpc, eni->address,
                       eni->mac, ec2::private_dns_name(*ec2::parse_ipv4(eni->address), request.region)};
    after.availability_zone = eni->zone;
    note_change(view, turn, after, plan);
    plan.put(std::move(after), "the task has a worker and a network interface");
}

}  // namespace gantry::ecs
