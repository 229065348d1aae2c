#pragma once

#include <boost/describe.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/codec.h"
#include "base/instant.h"
#include "link/message.h"
#include "state/plan.h"
#include "state/txn.h"

namespace gantry::ecs {

// A machine that runs tasks, as it introduced itself, and what its tasks have been promised. Workers belong
// to the installation, not to an account: they are Fargate's side of ECS, which no API shows.
struct WorkerRecord {
    static constexpr state::TableInfo kTable{"ecs.worker", 1};

    std::string id;
    std::string architecture = "X86_64";
    std::int64_t cpu_units = 0;
    std::int64_t memory_mib = 0;
    // Limits are enforced but not reserved: any number of tasks is placed.
    bool overcommit = true;
    bool connected = false;
    std::optional<RealInstant> lost_at;  // set while it is not connected
    PolicyInstant registered_at;
    std::uint64_t incarnation = 0;
    // Of the tasks placed here whose network is not yet gone.
    std::int64_t promised_cpu_units = 0;
    std::int64_t promised_memory_mib = 0;
    std::int64_t tasks = 0;

    std::string key() const { return id; }
    std::int64_t free_cpu_units() const { return cpu_units - promised_cpu_units; }
    std::int64_t free_memory_mib() const { return memory_mib - promised_memory_mib; }
};
BOOST_DESCRIBE_STRUCT(
    WorkerRecord,
    (),
    (id,
     architecture,
     cpu_units,
     memory_mib,
     overcommit,
     connected,
     lost_at,
     registered_at,
     incarnation,
     promised_cpu_units,
     promised_memory_mib,
     tasks)
)

// Connected workers of an architecture, the one with the most free memory first: "X86_64/" and the padded
// complement of the free memory (which overcommitment makes negative).
struct WorkersByFreeMemory {
    using Record = WorkerRecord;
    static constexpr std::int64_t kTop = 1'000'000'000'000;
    static std::string key(std::string_view architecture, std::int64_t free_memory_mib);
    static void keys(const WorkerRecord& worker, std::vector<std::string>& out);
};

// All workers, connected or not; there are thousands at most.
struct WorkersConnected {
    using Record = WorkerRecord;
    static constexpr bool kCounted = true;
    static void keys(const WorkerRecord& worker, std::vector<std::string>& out) {
        out.push_back(worker.connected ? "connected" : "lost");
    }
};

// A worker that stays away longer than this loses its tasks. Restarting one, or the control plane, takes
// seconds.
inline constexpr Duration kWorkerLostAfter = std::chrono::minutes(5);

struct Demand {
    std::string architecture = "X86_64";
    std::int64_t cpu_units = 0;
    std::int64_t memory_mib = 0;
};

// The connected worker with the most free memory that has room for it (any has where it overcommits); null
// when there is none. The one feasibility check there is.
state::Pinned<WorkerRecord> pick_worker(const state::View& view, const Demand& demand);

// Whether a task of this size could ever start here: false only if every worker reserves and is too full.
enum class Room { now, when_a_worker_comes, none };
Room room_for(const state::View& view, const Demand& demand);

// The worker introduced itself (again). `overcommit` is the operator's choice.
void register_worker(state::Txn& txn, const link::Hello& hello, bool overcommit);
// Nothing was heard from it for long enough, or its link broke. Idempotent.
void lose_worker(state::Txn& txn, std::string_view worker);

}  // namespace gantry::ecs
