#include "simulation/checker.h"

#include <cstdlib>
#include <tuple>

#include "base/log.h"
#include "ec2/eni.h"
#include "ec2/scope.h"
#include "ecs/task_indexes.h"
#include "ecs/worker.h"

namespace gantry::simulation {

using ecs::TaskRecord;
using link::TaskStatus;

namespace {

constexpr std::size_t kViolationsKept = 20;

std::string eni_key(const TaskRecord& task) {
    return ec2::key_of(ecs::account_of(task.scope), ecs::region_of(task.scope), task.interface.id);
}

}  // namespace

Checker::Checker(World& world) : world_(world) {
    world_.on_new_loop = [this](control::Loop& loop) { subscribe(loop); };
    world_.after_step = [this] { look(); };
    world_.tell = [this](const std::string& what) { event(what); };
    for (const auto& machine : world_.machines()) {
        machine->network.on_detach = [this, on = machine.get()](const std::string& eni) {
            if (!on->agent) return;
            for (const auto& [id, task] : on->agent->tasks()) {
                if (task->desired().eni.id != eni || on->runtime.running_of(id).empty()) continue;
                violation("the interface " + eni + " goes while containers of " + id + " run");
            }
        };
    }
}

// A start that the worker's disk knows of, or that was durably reported, is never forgotten.
void Checker::lost_something(Machine& machine) {
    std::set<std::string> known;
    for (const auto& [name, text] : machine.disk.texts()) {
        if (!name.starts_with("facts:")) continue;
        const auto facts = decode_text<worker::TaskFacts>(text);
        for (const auto& container : facts->containers)
            if (container.phase >= worker::ContainerPhase::running) known.insert(container.id);
    }
    for (const auto& id : machine.runtime.ever_started())
        if (!known.contains(id) && !started_.contains(id)) machine.forgotten.insert(id);
}

void Checker::violation(const std::string& what) {
    event("VIOLATION: " + what);
    if (violations_.size() < kViolationsKept) violations_.push_back(what);
}

void Checker::event(const std::string& what) {
    const std::string line = std::to_string(world_.clock().steady_now().ms) + " " + what;
    for (const unsigned char byte : line) digest_ = (digest_ ^ byte) * 0x100000001b3ULL;
    log::debug(line);
    events_.push_back(line);
}

void Checker::subscribe(control::Loop& loop) {
    loop.on_change([this](const state::View&, const state::Change&) { changed_ = true; });
    loop.on_durable([this, &loop](const state::ChangeSet& changes) {
        const auto tasks = loop.schema().table_of<TaskRecord>();
        for (const auto& change : changes) {
            const std::string table(loop.schema().tables()[change.table].info.name);
            kinds_.insert(table + (!change.after ? " -" : !change.before ? " +" : " ~"));
            if (change.table != tasks) continue;
            durable_change(
                static_cast<const TaskRecord*>(change.before.get()),
                static_cast<const TaskRecord*>(change.after.get())
            );
        }
    });
    loop.on_loaded([this, &loop](const state::View& view) {
        changed_ = true;
        if (expected_digest_ && *expected_digest_ != loop.digest())
            violation("the state loaded from the store is another one than that which was durable");
        expected_digest_.reset();
        loaded(view);
    });
}

void Checker::durable_change(const TaskRecord* before, const TaskRecord* after) {
    if (after == nullptr) {
        if (!before->stopped()) violation("a task that is not STOPPED is erased: " + before->id);
        durable_.erase(before->id);
        return;
    }
    const auto [known, first] = durable_.try_emplace(after->id, after->last_status);
    if (after->last_status < known->second)
        violation(
            after->id + " goes back from " + ecs::status_text(known->second) + " to " +
            ecs::status_text(after->last_status)
        );
    if (first || known->second != after->last_status || before == nullptr ||
        before->desired_status != after->desired_status)
        event(
            after->id.substr(0, 8) + " is " + ecs::status_text(after->last_status) + ", wanted " +
            ecs::status_text(after->desired_status) + " " + after->stop_code + " " + after->stopped_reason
        );
    known->second = after->last_status;
    kinds_.insert("ecs.task " + ecs::status_text(after->last_status));
    note_started(*after);
    if (before != nullptr) check_writer(*before, *after);
}

void Checker::note_started(const TaskRecord& task) {
    for (const auto& container : task.containers)
        if (container.status != link::ContainerStatus::PENDING) started_.insert(container.runtime_id);
}

void Checker::check_writer(const TaskRecord& before, const TaskRecord& after) {
    const auto reported = [](const TaskRecord& task) {
        return std::tie(task.report_incarnation, task.report_sequence);
    };
    if (before.stopping() && !after.stopping()) violation(after.id + " shall run again");
    if (before.stopped() && reported(before) != reported(after))
        violation(after.id + " is STOPPED and takes a report");
    if (reported(after) < reported(before)) violation(after.id + " takes an old report");
    if (!before.interface.id.empty() && after.interface != before.interface)
        violation(after.id + " gets another interface");
    if (!before.worker.empty() && after.worker != before.worker) violation(after.id + " changes its worker");
    if (reported(after) == reported(before)) {
        const bool never_placed = before.interface.id.empty() && after.stopped();
        // ACTIVATING ends, and DEACTIVATING begins and ends, with what load balancers have of it.
        const bool moved = after.target_groups != before.target_groups ||
                           after.last_status == TaskStatus::DEACTIVATING;
        if (after.last_status != before.last_status && !never_placed && !moved)
            violation(after.id + " changes its status without a report");
        if (after.containers != before.containers || after.health != before.health)
            violation(after.id + " changes what was observed without a report");
        return;
    }
    const auto wanted = [](const TaskRecord& task) {
        return std::tie(
            task.family, task.revision, task.group, task.cpu, task.memory, task.subnets, task.security_groups,
            task.tags, task.worker, task.interface, task.protection_enabled, task.started_by, task.created_at
        );
    };
    if (wanted(before) != wanted(after)) violation(after.id + ": a report changes what is wanted");
}

void Checker::loaded(const state::View& view) {
    for (const auto& [id, status] : durable_) {
        const auto task = view.find_one<ecs::TaskById>(id);
        if (!task && status != TaskStatus::STOPPED) violation("a durable task is lost: " + id);
        if (task && task->last_status < status)
            violation(
                id + " was durably " + ecs::status_text(status) + " and is " +
                ecs::status_text(task->last_status) + " after loading"
            );
    }
    // What was written and never told is durable all the same.
    for (const auto& task : view.list<TaskRecord>()) {
        durable_[task->id] = task->last_status;
        note_started(*task);
    }
}

void Checker::told_of(const std::string& id, const std::string& status) {
    const auto known = durable_.find(id);
    if (known == durable_.end()) return violation("a client was told of a task that is not durable: " + id);
    for (auto later = static_cast<int>(known->second) + 1; later <= static_cast<int>(TaskStatus::STOPPED);
         ++later)
        if (ecs::status_text(static_cast<TaskStatus>(later)) == status)
            violation(
                "a client was told that " + id + " is " + status + " when durable was " +
                ecs::status_text(known->second)
            );
}

void Checker::look() {
    if (changed_ && world_.loop().status().ready) {
        changed_ = false;
        check_records(world_.view());
    }
    check_machines();
}

void Checker::check_records(const state::View& view) {
    std::map<std::string, std::string> owner_of;  // address → interface
    for (const auto& eni : view.list<ec2::EniRecord>()) {
        if (const auto [there, fresh] = owner_of.try_emplace(eni->address, eni->id); !fresh)
            violation(eni->address + " belongs to " + there->second + " and to " + eni->id);
        const bool balancers = eni->description.starts_with("ELB ");
        if (eni->owner.empty() || balancers) continue;
        const auto task = view.get<TaskRecord>(eni->owner);
        if (!task || task->interface.id != eni->id)
            violation("the interface " + eni->id + " belongs to no task");
        else if (task->stopped())
            violation(task->id + " is STOPPED and has the interface " + eni->id);
    }
    struct Sum {
        std::int64_t cpu_units = 0;
        std::int64_t memory_mib = 0;
        std::int64_t tasks = 0;
        bool operator==(const Sum&) const = default;
    };
    std::map<std::string, Sum> sums;
    for (const auto& task : view.list<TaskRecord>()) {
        if (task->stopped()) {
            if (!task->stopping()) violation(task->id + " is STOPPED and wanted");
            continue;
        }
        if (!task->interface.id.empty() && !view.get<ec2::EniRecord>(eni_key(*task)))
            violation(task->id + " has an interface that does not exist");
        if (task->worker.empty()) continue;
        auto& sum = sums[task->worker];
        sum.cpu_units += std::atoll(task->cpu.c_str());
        sum.memory_mib += std::atoll(task->memory.c_str());
        ++sum.tasks;
    }
    for (const auto& worker : view.list<ecs::WorkerRecord>()) {
        const Sum promised{worker->promised_cpu_units, worker->promised_memory_mib, worker->tasks};
        if (promised != sums[worker->id])
            violation("promises of " + worker->id + " are not those of its tasks");
    }
}

void Checker::check_machines() {
    std::map<std::string, std::string> addresses;
    std::map<std::string, std::string> tasks;
    for (const auto& machine : world_.machines()) {
        for (const auto& [id, eni] : machine->network.attached()) {
            if (!addresses.try_emplace(eni.address, machine->name).second)
                violation(
                    eni.address + " is live twice, on " + addresses[eni.address] + " and " + machine->name
                );
        }
        for (const auto& container : machine->runtime.running()) {
            const auto* spec = machine->runtime.spec_of(container);
            const auto [other, fresh] = tasks.try_emplace(spec->task, machine->name);
            if (!fresh && other->second != machine->name)
                violation(spec->task + " runs on " + other->second + " and on " + machine->name);
            if (machine->runtime.starts_of(container) > 1 && !machine->forgotten.contains(container))
                violation(container + " was started again");
        }
    }
}

std::vector<std::string> Checker::unconverged() const {
    std::vector<std::string> why;
    const auto view = world_.view();
    const auto status = world_.loop().status();
    if (!status.ready) return {"the state is not loaded"};
    if (status.seen != status.durable) why.push_back("something is not durable");
    std::map<std::string, std::set<std::string>> wanted;  // machine → tasks
    for (const auto& task : view.list<TaskRecord>()) {
        if (task->stopped()) continue;
        if (task->stopping()) {
            why.push_back(
                task->id + " (" + task->family + ") shall be STOPPED and is " +
                ecs::status_text(task->last_status)
            );
        } else if (task->last_status != TaskStatus::RUNNING) {
            why.push_back(
                task->id + " (" + task->family + ") shall be RUNNING and is " +
                ecs::status_text(task->last_status)
            );
        }
        wanted[task->worker].insert(task->id);
    }
    for (const auto& machine : world_.machines()) {
        if (!machine->agent) {
            why.push_back(machine->name + " is down");
            continue;
        }
        const auto& here = wanted[machine->name];
        std::set<std::string> known;
        std::set<std::string> interfaces;
        for (const auto& [id, task] : machine->agent->tasks()) {
            known.insert(id);
            interfaces.insert(task->desired().eni.id);
        }
        if (known != here) why.push_back(machine->name + " knows other tasks than it shall");
        std::set<std::string> prepared;
        for (const auto& [id, spec] : machine->runtime.tasks()) prepared.insert(id);
        if (prepared != here) why.push_back(machine->name + " has other tasks than it shall");
        std::set<std::string> attached;
        for (const auto& [id, eni] : machine->network.attached()) attached.insert(id);
        if (attached != interfaces) why.push_back(machine->name + " has other interfaces than it shall");
        for (const auto& id : here)
            if (machine->runtime.running_of(id).empty()) why.push_back(id + " has no running container");
        for (const auto& container : machine->runtime.running())
            if (!here.contains(machine->runtime.spec_of(container)->task))
                why.push_back(container + " runs for nobody");
        if (machine->agent->unacknowledged_reports() > 0)
            why.push_back(machine->name + " has reports that nobody acknowledged");
        for (const auto& container : machine->output.still_open())
            if (machine->runtime.spec_of(container) == nullptr)
                why.push_back("the output of " + container + " is never ended");
    }
    for (auto& plan : world_.plans()) why.push_back("planned: " + plan);
    return why;
}

std::vector<std::string> Checker::leftovers() const {
    std::vector<std::string> left;
    const auto view = world_.view();
    for (const auto& eni : view.list<ec2::EniRecord>()) left.push_back("interface " + eni->id);
    for (const auto& task : view.list<TaskRecord>())
        if (!task->stopped()) left.push_back("task " + task->id);
    for (const auto& worker : view.list<ecs::WorkerRecord>())
        if (worker->tasks != 0 || worker->promised_cpu_units != 0 || worker->promised_memory_mib != 0)
            left.push_back("promises of " + worker->id);
    for (const auto& machine : world_.machines()) {
        if (machine->runtime.containers() != 0) left.push_back("containers on " + machine->name);
        if (!machine->runtime.tasks().empty()) left.push_back("tasks on " + machine->name);
        if (!machine->network.attached().empty()) left.push_back("interfaces on " + machine->name);
        if (!machine->disk.files().empty()) left.push_back(machine->disk.files().begin()->first + " on " + machine->name);
        for (const auto& [name, text] : machine->disk.texts())
            if (name.starts_with("want:task:") || name.starts_with("facts:"))
                left.push_back(machine->name + " " + name);
        if (!machine->output.still_open().empty()) left.push_back("output on " + machine->name);
    }
    return left;
}

}  // namespace gantry::simulation
