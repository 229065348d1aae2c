#pragma once

#include <boost/json/object.hpp>
#include <compare>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "link/message.h"
#include "port/clock.h"

namespace gantry::control {

struct ObjectName {
    std::string kind;
    std::string key;
    friend auto operator<=>(const ObjectName&, const ObjectName&) = default;
};

// What one worker shall hold, what it was told, and what it has said that it holds. Only bookkeeping: messages come out as
// data.
//
// A session begins empty: whatever the worker's disk holds is told again with a new generation, and the Inventory says
// what else it may drop.
class PublishedObjects {
  public:
    explicit PublishedObjects(std::uint64_t incarnation) : incarnation_(incarnation) {}

    // One object as built at `generation`; true when it differs from what the worker was told last.
    bool set(const ObjectName& name, std::optional<boost::json::object> body, std::uint64_t generation);
    void holding(const link::HeldObject& object);
    // The worker says what it holds: what it lacks or has older is told again.
    void resync(const link::Generations& held);

    // Messages that were never sent, or not acknowledged since `again_before`; marks them as sent now.
    std::vector<link::ToWorker> due(port::SteadyInstant now, port::SteadyInstant again_before);
    link::Inventory inventory(std::uint64_t generation) const;
    std::size_t unacknowledged() const { return open_.size(); }

  private:
    struct Object {
        std::uint64_t generation = 0;
        std::optional<boost::json::object> body;  // kept until acknowledged, in case it must be told again
        std::size_t hash = 0;
        bool wanted = true;
        bool acknowledged = false;
        std::optional<port::SteadyInstant> sent_at;
    };
    link::ToWorker message(const ObjectName& name, const Object& object) const;

    std::uint64_t incarnation_;
    std::map<ObjectName, Object> objects_;
    std::set<ObjectName> open_;  // not acknowledged
};

}  // namespace gantry::control
