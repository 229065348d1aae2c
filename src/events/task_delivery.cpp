#include "events/task_delivery.h"

#include <algorithm>

#include "ecs/launch_tasks.h"
#include "events/delivery.h"

namespace gantry::events {

namespace {

// A second, doubled with each failure up to a quarter of an hour, with up to half of it taken off by chance.
Duration pause_after(int failures, Chance& chance) {
    constexpr std::int64_t most = 15 * 60 * 1'000;
    const std::int64_t whole = std::min<std::int64_t>(most, 1'000LL << std::min(failures, 12));
    return Duration{whole - static_cast<std::int64_t>(chance.draw() % static_cast<std::uint64_t>(whole / 2))};
}

}  // namespace

void TaskDelivery::affected(const state::View& view, const state::Change& change, const KeySink& look_at)
    const {
    if (changed<TaskDeliveryRecord>(view, change, change.after) != nullptr) look_at(change.key);
}

void TaskDelivery::all(const state::View& view, const KeySink& look_at) const {
    for (const auto& delivery : view.list<TaskDeliveryRecord>()) look_at(delivery->key());
}

state::Plan TaskDelivery::reconcile(
    const state::View& view, std::string_view key, const state::Turn& turn
) const {
    state::Plan plan;
    const auto found = view.get<TaskDeliveryRecord>(key);
    if (!found) return plan;
    if (turn.now < found->next) {
        plan.look_again(found->next);
        return plan;
    }
    Caller caller;
    caller.account = found->account;
    caller.region = found->region;
    const auto launched = ecs::launch_tasks(view, turn, found->request, caller, plan);
    if (!launched) {
        plan.erase<TaskDeliveryRecord>(found->key(), found->what + " starts no task: " + launched.error().message);
        return plan;
    }
    if (launched->without_room == 0) {
        plan.erase<TaskDeliveryRecord>(found->key(), found->what + " has started its tasks");
        return plan;
    }
    TaskDeliveryRecord rest = *found;
    rest.request.count = launched->without_room;
    rest.next = turn.now + pause_after(rest.failed++, turn.chance);
    if (rest.failed > rest.retries || rest.next > rest.at + Duration{rest.age_ms}) {
        plan.erase<TaskDeliveryRecord>(found->key(), found->what + " starts no task: there was no room for it");
        return plan;
    }
    plan.put(std::move(rest), "there is no room for the tasks of " + found->what);
    return plan;
}

}  // namespace gantry::events
