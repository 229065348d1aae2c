#pragma once

#include <boost/describe/class.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/codec.h"

// What tasks use: told beside the messages of message.h, on the same link. Nothing of it is repeated or
// acknowledged; what is lost was measured in vain. Who does not know these messages ignores them.
namespace gantry::link {

// What a running task used since the reading before. memory_bytes: what is in use now, without page cache that
// can be given up.
struct TaskUsage {
    std::string task;
    std::int64_t over_ms = 0;
    std::uint64_t cpu_ns = 0;
    std::uint64_t memory_bytes = 0;
    friend bool operator==(const TaskUsage&, const TaskUsage&) = default;
};
BOOST_DESCRIBE_STRUCT(TaskUsage, (), (task, over_ms, cpu_ns, memory_bytes))

// worker → control plane, as often as Measure says. Of two of an incarnation that do not come in the order of
// their sequence the later one is ignored.
struct Usage {
    std::uint64_t incarnation = 0;
    std::uint64_t sequence = 0;
    std::vector<TaskUsage> tasks;
    friend bool operator==(const Usage&, const Usage&) = default;
};
BOOST_DESCRIBE_STRUCT(Usage, (), (incarnation, sequence, tasks))

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
