#include "ecs/service_event.h"

#include "ecs/event.h"

namespace gantry::ecs {

void note_event(
    const state::View& view,
    ServiceRecord& service,
    const state::Turn& turn,
    std::string message,
    state::Plan& plan
) {
    if (auto told = service_action(view, turn, service, message))
        plan.put(*std::move(told), "EventBridge tells of it");
    ServiceEventRecord event;
    event.parts = service.parts();
    event.number = ++service.last_event;
    event.id = turn.chance.uuid();
    event.at = turn.now;
    event.message = std::move(message);
    plan.put(std::move(event), "something happened to the service");
    if (service.last_event > kServiceEventsKept) {
        plan.erase<ServiceEventRecord>(
            ServiceEventRecord::key(service.parts(), service.last_event - kServiceEventsKept),
            "newer events take its place"
        );
    }
}

}  // namespace gantry::ecs
