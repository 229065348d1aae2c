#pragma once

#include <boost/describe/class.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/codec.h"

// What tasks use and load balancers carry: told beside the messages of message.h, on the same link. Nothing of it is repeated or
// acknowledged; what is lost was measured in vain. Who does not know these messages ignores them.
namespace gantry::link {

// What a running task used since the reading before. memory_bytes: what is in use now, without page cache that
// can be given up. received, sent: by its interface. read, written: by its disks.
struct TaskUsage {
    std::string task;
    std::int64_t over_ms = 0;
    std::uint64_t cpu_ns = 0;
    std::uint64_t memory_bytes = 0;
    std::uint64_t received_bytes = 0;
    std::uint64_t sent_bytes = 0;
    std::uint64_t read_bytes = 0;
    std::uint64_t written_bytes = 0;
    friend bool operator==(const TaskUsage&, const TaskUsage&) = default;
};
BOOST_DESCRIBE_STRUCT(
    TaskUsage, (), (task, over_ms, cpu_ns, memory_bytes, received_bytes, sent_bytes, read_bytes, written_bytes)
)

// What a network load balancer carried in one of its zones since the reading before. Packets and bytes count both ways,
// IP headers included.
struct FlowUsage {
    std::string balancer;  // LoadBalancer::id
    std::string zone;
    std::string protocol;          // "tcp", "udp"
    std::uint64_t open_flows = 0;  // now
    std::uint64_t new_flows = 0;
    std::uint64_t packets = 0;
    std::uint64_t bytes = 0;
    std::uint64_t target_resets = 0;  // TCP resets by targets, by clients
    std::uint64_t client_resets = 0;
    friend bool operator==(const FlowUsage&, const FlowUsage&) = default;
};
BOOST_DESCRIBE_STRUCT(
    FlowUsage, (), (balancer, zone, protocol, open_flows, new_flows, packets, bytes, target_resets, client_resets)
)

// What an application load balancer's clients did since the reading before. own_answers: how many answers were not a target's,
// by the first digit of their status, from 1 to 5.
struct ClientUsage {
    std::string balancer;
    std::uint64_t open_connections = 0;  // now
    std::uint64_t new_connections = 0;
    std::uint64_t bytes = 0;  // both ways
    std::vector<std::uint64_t> own_answers;
    friend bool operator==(const ClientUsage&, const ClientUsage&) = default;
};
BOOST_DESCRIBE_STRUCT(ClientUsage, (), (balancer, open_connections, new_connections, bytes, own_answers))

// What an application load balancer got of a target since the reading before.
struct TargetUsage {
    std::string balancer;
    std::string group;  // TargetGroup::id
    std::string zone;   // the target's; may be empty or "all"
    std::uint64_t open_connections = 0;  // now
    std::uint64_t new_connections = 0;
    std::vector<std::uint64_t> answers;  // by the first digit of their status, from 1 to 5
    double response_ms = 0;              // the mean until an answer began; of more answers than these when they are few
    friend bool operator==(const TargetUsage&, const TargetUsage&) = default;
};
BOOST_DESCRIBE_STRUCT(
    TargetUsage, (), (balancer, group, zone, open_connections, new_connections, answers, response_ms)
)

// worker → control plane, as often as Measure says. Of two of an incarnation that do not come in the order of
// their sequence the later one is ignored.
struct Usage {
    std::uint64_t incarnation = 0;
    std::uint64_t sequence = 0;
    std::vector<TaskUsage> tasks;
    std::vector<FlowUsage> flows;
    std::vector<ClientUsage> clients;
    std::vector<TargetUsage> targets;
    friend bool operator==(const Usage&, const Usage&) = default;
};
BOOST_DESCRIBE_STRUCT(Usage, (), (incarnation, sequence, tasks, flows, clients, targets))

// control plane → worker: how often tasks' usage is to be measured from now on, by the worker's clock.
struct Measure {
    std::uint64_t incarnation = 0;
    int every_ms = 20'000;
    friend bool operator==(const Measure&, const Measure&) = default;
};
BOOST_DESCRIBE_STRUCT(Measure, (), (incarnation, every_ms))

std::string encode_usage(const Usage& usage);
std::string encode_measure(const Measure& measure);
// Nothing: it is another message, or a broken one.
std::optional<Usage> decode_usage(std::string_view bytes);
std::optional<Measure> decode_measure(std::string_view bytes);

}  // namespace gantry::link
