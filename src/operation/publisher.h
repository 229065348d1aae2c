#pragma once

#include <boost/json/object.hpp>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "operation/controller.h"
#include "state/view.h"

namespace gantry {

// One object as workers are to hold it.
struct Published {
    // Who is to hold it; none: nobody (any more).
    std::vector<std::string> workers;
    // Makes the link object's JSON (gantry::encode() of the kind's struct in link/). Called once, off the
    // strand, perhaps later: it captures pinned records only, never the view.
    std::function<boost::json::object()> body;
};

// What of the state workers must know, as objects of one kind ("task", "vpc", "eni", "security_group"), each
// under a key. Level-triggered like a Controller: an event says only which object to look at again.
//
// The control plane sends an object only when the state it was built from is durable, gives it its generation
// (the commit index), sends nothing when the JSON is what the worker has already, and drops objects that
// build() no longer assigns to a worker.
class Publisher {
  public:
    virtual ~Publisher() = default;

    virtual std::string_view kind() const = 0;
    // Which objects a change touches.
    virtual void affected(const state::View& view, const state::Change& change, const KeySink& look_at)
        const = 0;
    // Every object there is: after start or reload.
    virtual void all(const state::View& view, const KeySink& look_at) const = 0;
    // Pure. Absent: there is no such object (any more).
    virtual std::optional<Published> build(const state::View& view, std::string_view key) const = 0;
};

}  // namespace gantry
