#pragma once

#include <boost/describe/class.hpp>
#include <boost/json/object.hpp>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/codec.h"
#include "base/result.h"
#include "link/observed_target.h"
#include "link/observed_task.h"

// The messages between control plane and worker. Both sides live with messages that are lost, repeated,
// late or out of order; what makes that safe:
//
// - A worker's incarnation grows with each start of the worker (it keeps the number on its disk). Every
//   message of both directions but Hello's answer names it; messages of another incarnation are ignored.
// - A generation is the commit index of the control plane's store at which an object last changed (or any
//   later one): later is larger, also across objects. A Want or Drop older than what the worker has is
//   ignored; equal ones are acknowledged again.
// - A session begins with Hello → Welcome, then Wants for all that differs from Hello's inventory (network
//   objects before the tasks that use them), then Inventory. The control plane repeats Want and Drop until
//   they are acknowledged by Holding; the worker repeats a TaskReport or TargetReport until it is acknowledged
//   by ReportAck or TargetReportAck. Both keep only the newest per object.
// - The worker removes leftovers only after Inventory has told it what is owned.
namespace gantry::link {

inline constexpr int protocol_version = 1;

// kind → key → generation. Kinds: "task" (desired_task.h), "vpc", "eni", "security_group"
// (network_objects.h), "load_balancer", "target_group" (balancer_objects.h). A worker keeps kinds it does not know without using them.
using Generations = std::map<std::string, std::map<std::string, std::uint64_t>>;

struct Capacity {
    int cpu_units = 0;  // 1024 per core
    int memory_mib = 0;
    int cgroup_version = 0;             // 1 or 2
    std::string architecture;           // "X86_64", "ARM64"
    std::vector<std::string> features;  // what this machine can do beyond the least
    friend bool operator==(const Capacity&, const Capacity&) = default;
};
BOOST_DESCRIBE_STRUCT(Capacity, (), (cpu_units, memory_mib, cgroup_version, architecture, features))

// --- worker → control plane

// The first message of a session. `inventory`: what lies on the worker's disk.
struct Hello {
    int protocol = protocol_version;
    std::string worker;  // stable id, chosen once and kept on the worker's disk
    std::uint64_t incarnation = 0;
    Capacity capacity;
    Generations inventory;
    friend bool operator==(const Hello&, const Hello&) = default;
};
BOOST_DESCRIBE_STRUCT(Hello, (), (protocol, worker, incarnation, capacity, inventory))

// Every few seconds. tasks: how many it keeps.
struct Heartbeat {
    std::uint64_t incarnation = 0;
    int tasks = 0;
    friend bool operator==(const Heartbeat&, const Heartbeat&) = default;
};
BOOST_DESCRIBE_STRUCT(Heartbeat, (), (incarnation, tasks))

struct HeldObject {
    std::string kind;
    std::string key;
    std::uint64_t generation = 0;
    bool held = true;  // false: dropped (generation is the Drop's)
    friend bool operator==(const HeldObject&, const HeldObject&) = default;
};
BOOST_DESCRIBE_STRUCT(HeldObject, (), (kind, key, generation, held))

// These are on the worker's disk now (or no longer). The answer to Want and Drop.
struct Holding {
    std::uint64_t incarnation = 0;
    std::vector<HeldObject> objects;
    friend bool operator==(const Holding&, const Holding&) = default;
};
BOOST_DESCRIBE_STRUCT(Holding, (), (incarnation, objects))

// The answer to an Inventory that names what the worker lacks or has older: what it has.
struct Resync {
    std::uint64_t incarnation = 0;
    Generations inventory;
    friend bool operator==(const Resync&, const Resync&) = default;
};
BOOST_DESCRIBE_STRUCT(Resync, (), (incarnation, inventory))

// sequence grows over all reports of an incarnation: of two reports of a task, (incarnation, sequence) says
// which is newer; the older one is to be ignored, but acknowledged.
struct TaskReport {
    std::string task;
    std::uint64_t incarnation = 0;
    std::uint64_t sequence = 0;
    std::uint64_t generation = 0;  // of the desired task that the worker acted on
    ObservedTask observed;
    friend bool operator==(const TaskReport&, const TaskReport&) = default;
};
BOOST_DESCRIBE_STRUCT(TaskReport, (), (task, incarnation, sequence, generation, observed))

// Of one registration of a target in a group. sequence: as in TaskReport.
struct TargetReport {
    std::string group;         // TargetGroup::id
    std::string registration;  // BalancerTarget::registration
    std::uint64_t incarnation = 0;
    std::uint64_t sequence = 0;
    ObservedTarget observed;
    friend bool operator==(const TargetReport&, const TargetReport&) = default;
};
BOOST_DESCRIBE_STRUCT(TargetReport, (), (group, registration, incarnation, sequence, observed))

// --- control plane → worker

struct Welcome {
    int protocol = protocol_version;
    std::uint64_t incarnation = 0;      // Hello's
    int heartbeat_interval_ms = 2'000;  // a worker silent for several of these counts as lost
    friend bool operator==(const Welcome&, const Welcome&) = default;
};
BOOST_DESCRIBE_STRUCT(Welcome, (), (protocol, incarnation, heartbeat_interval_ms))

struct Want {
    std::uint64_t incarnation = 0;
    std::string kind;
    std::string key;
    std::uint64_t generation = 0;
    boost::json::object body;  // encode() of the kind's struct
    friend bool operator==(const Want&, const Want&) = default;
};
BOOST_DESCRIBE_STRUCT(Want, (), (incarnation, kind, key, generation, body))

// The worker forgets the object. A task is dropped once its STOPPED report with network_released is durable
// (or when nobody wants to know any more: what still runs of it is then stopped and removed without a
// report).
struct Drop {
    std::uint64_t incarnation = 0;
    std::string kind;
    std::string key;
    std::uint64_t generation = 0;  // not older than the object's last Want
    friend bool operator==(const Drop&, const Drop&) = default;
};
BOOST_DESCRIBE_STRUCT(Drop, (), (incarnation, kind, key, generation))

// All objects of this worker as of `generation`: what the worker holds beyond it, with a generation not newer
// than that, is dropped. At the start of a session and every minute or so.
struct Inventory {
    std::uint64_t incarnation = 0;
    std::uint64_t generation = 0;
    Generations objects;
    friend bool operator==(const Inventory&, const Inventory&) = default;
};
BOOST_DESCRIBE_STRUCT(Inventory, (), (incarnation, generation, objects))

// The report, or a newer one of the task, is durable in the control plane.
struct ReportAck {
    std::uint64_t incarnation = 0;
    std::string task;
    std::uint64_t sequence = 0;
    friend bool operator==(const ReportAck&, const ReportAck&) = default;
};
BOOST_DESCRIBE_STRUCT(ReportAck, (), (incarnation, task, sequence))

// The same for a TargetReport.
struct TargetReportAck {
    std::uint64_t incarnation = 0;
    std::string registration;
    std::uint64_t sequence = 0;
    friend bool operator==(const TargetReportAck&, const TargetReportAck&) = default;
};
BOOST_DESCRIBE_STRUCT(TargetReportAck, (), (incarnation, registration, sequence))

using ToControl = std::variant<Hello, Heartbeat, Holding, Resync, TaskReport, TargetReport>;
using ToWorker = std::variant<Welcome, Want, Drop, Inventory, ReportAck, TargetReportAck>;

// {"type": "Want", "body": {…}}. Always used, also inside one process. Errc::invalid says what is wrong; an
// unknown type is invalid too: the receiver logs it and goes on.
std::string encode_message(const ToControl& message);
std::string encode_message(const ToWorker& message);
Result<ToControl> decode_to_control(std::string_view bytes);
Result<ToWorker> decode_to_worker(std::string_view bytes);

}  // namespace gantry::link
