#include "eventbus/find_bus.h"

namespace gantry::eventbus {

Result<EventBusRecord> find_bus(
    const state::View& view, const Caller& caller, const std::optional<std::string>& name_or_arn
) {
    EventBusRecord bus;
    bus.account = caller.account;
    bus.region = caller.region;
    bus.name = name_or_arn.value_or(kDefaultBus);
    if (bus.name.starts_with("arn:")) {
        bus.name = bus.name.substr(bus.name.find('/') + 1);
        if (bus.arn() != *name_or_arn)
            return refuse(kNotFound, "Event bus " + *name_or_arn + " does not exist.");
    }
    if (const auto known = view.get<EventBusRecord>(bus.key())) return *known;
    if (bus.name == kDefaultBus) return bus;
    return refuse(kNotFound, "Event bus " + bus.name + " does not exist.");
}

}  // namespace gantry::eventbus
