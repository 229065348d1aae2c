#include "ecs/service_event.h"

namespace gantry::ecs {

void note_event(ServiceRecord& service, const state::Turn& turn, std::string message, state::Plan& plan) {
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
