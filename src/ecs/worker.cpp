#include "ecs/worker.h"

#include <algorithm>

#include "ecs/scope.h"

namespace gantry::ecs {

std::string WorkersByFreeMemory::key(std::string_view architecture, std::int64_t free_memory_mib) {
    return std::string(architecture) + "/" + padded(kTop - free_memory_mib, 15);
}

void WorkersByFreeMemory::keys(const WorkerRecord& worker, std::vector<std::string>& out) {
    if (worker.connected) out.push_back(key(worker.architecture, worker.free_memory_mib()));
}

namespace {

bool fits(const WorkerRecord& worker, const Demand& demand) {
    return worker.overcommit ||
           (worker.free_memory_mib() >= demand.memory_mib && worker.free_cpu_units() >= demand.cpu_units);
}

}  // namespace

// Walks workers by falling free memory, so it stops at the first that has too little of it; only ones whose
// CPU is used up are passed over.
state::Pinned<WorkerRecord> pick_worker(const state::View& view, const Demand& demand) {
    const std::string prefix = demand.architecture + "/";
    std::string from = prefix;
    while (const auto worker = view.first<WorkersByFreeMemory>(from)) {
        if (worker->architecture != demand.architecture) return nullptr;
        if (fits(*worker, demand)) return worker;
        if (!worker->overcommit && worker->free_memory_mib() < demand.memory_mib) {
            // An overcommitting one may still come; mixed installations are small.
            const auto all = view.find<WorkersConnected>("connected");
            const auto open = std::find_if(all.begin(), all.end(), [&](const auto& other) {
                return other->architecture == demand.architecture && other->overcommit;
            });
            return open == all.end() ? nullptr : *open;
        }
        // The next index key: workers with equally much free memory have no room either unless their CPU
        // differs.
        const auto equals = view.find<WorkersByFreeMemory>(
            WorkersByFreeMemory::key(worker->architecture, worker->free_memory_mib())
        );
        for (const auto& other : equals) {
            if (fits(*other, demand)) return other;
        }
        from = WorkersByFreeMemory::key(worker->architecture, worker->free_memory_mib() - 1);
    }
    return nullptr;
}

Room room_for(const state::View& view, const Demand& demand) {
    if (pick_worker(view, demand)) return Room::now;
    // One that is away may come back; one that was never here may come.
    for (const auto& worker : view.find<WorkersConnected>("lost")) {
        if (fits(*worker, demand)) return Room::when_a_worker_comes;
    }
    return view.count<WorkersConnected>("connected") == 0 ? Room::when_a_worker_comes : Room::none;
}

void register_worker(state::Txn& txn, const link::Hello& hello, bool overcommit) {
    WorkerRecord worker;
    const auto known = txn.get<WorkerRecord>(hello.worker);
    if (known) {
        // A late greeting of an earlier life.
        if (hello.incarnation < known->incarnation) return;
        worker = *known;
    } else {
        worker.id = hello.worker;
        worker.registered_at = txn.now();
    }
    worker.architecture = hello.capacity.architecture.empty() ? "X86_64" : hello.capacity.architecture;
    worker.cpu_units = hello.capacity.cpu_units;
    worker.memory_mib = hello.capacity.memory_mib;
    worker.overcommit = overcommit;
    worker.incarnation = hello.incarnation;
    worker.connected = true;
    worker.lost_at.reset();
    if (!known || encode(*known) != encode(worker)) txn.put(std::move(worker));
}

void lose_worker(state::Txn& txn, std::string_view id) {
    const auto known = txn.get<WorkerRecord>(id);
    if (!known || !known->connected) return;
    WorkerRecord worker = *known;
    worker.connected = false;
    worker.lost_at = txn.real_now();
    txn.put(std::move(worker));
}

}  // namespace gantry::ecs
