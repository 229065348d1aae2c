#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "state/plan.h"
#include "state/turn.h"
#include "state/view.h"

namespace gantry {

using KeySink = std::function<void(std::string key)>;

// Level-triggered control. An event says only which key to look at again; reconcile() reads the state as it
// is then.
//
// reconcile() is pure: the same view, key and turn give the same plan. On a converged state the plan has no
// action. One plan is one transaction (at most 100 records): a controller with more to do plans a part of it
// and is called again, because its own writes are changes too. What must be seen once each (events,
// activities) is an outbox record in the same plan.
class Controller {
  public:
    virtual ~Controller() = default;

    // Lower-case with dots: "ecs.task_placement".
    virtual std::string_view name() const = 0;

    // Which of its keys a change touches. `change.before` and `change.after` may both matter.
    virtual void affected(const state::View& view, const state::Change& change, const KeySink& look_at)
        const = 0;

    // Every key there is: called once after start or reload.
    virtual void all(const state::View& view, const KeySink& look_at) const = 0;

    virtual state::Plan reconcile(const state::View& view, std::string_view key, const state::Turn& turn)
        const = 0;
};

// The record behind one side of a change, if the change is in R's table; null otherwise.
template <state::Record R>
const R* changed(const state::View& view, const state::Change& change, const state::Erased& side) {
    if (change.table != view.schema().table_of<R>()) return nullptr;
    return static_cast<const R*>(side.get());
}

}  // namespace gantry
