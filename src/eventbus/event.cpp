#include "eventbus/event.h"

#include <boost/json.hpp>

#include "eventbus/rule.h"

namespace gantry::eventbus {

bool listened_to(const state::View& view, std::string_view scope, std::string_view bus) {
    return view.count<RulesListening>(EventBusRecord::key(scope, bus)) > 0;
}

std::string event_time(PolicyInstant time) {
    constexpr std::size_t seconds = 19;  // "2026-11-23T10:37:00"
    return format_iso8601(time.ms).substr(0, seconds) + "Z";
}

boost::json::object event_json(std::string_view scope, std::string_view id, EventFacts facts) {
    const auto slash = scope.find('/');
    boost::json::object event;
    event["version"] = "0";
    event["id"] = boost::json::string_view(id.data(), id.size());
    event["detail-type"] = facts.detail_type;
    event["source"] = facts.source;
    event["account"] = std::string(scope.substr(0, slash));
    event["time"] = event_time(facts.time);
    event["region"] = std::string(scope.substr(slash + 1, scope.size() - slash - 2));
    boost::json::array resources;
    for (const auto& resource : facts.resources) resources.emplace_back(resource);
    event["resources"] = std::move(resources);
    event["detail"] = std::move(facts.detail);
    return event;
}

EventRecord make_event(const state::Turn& turn, std::string scope, std::string bus, EventFacts facts) {
    EventRecord event;
    event.id = turn.chance.uuid();
    event.at = turn.now;
    event.text = boost::json::serialize(event_json(scope, event.id, std::move(facts)));
    event.scope = std::move(scope);
    event.bus = std::move(bus);
    return event;
}

}  // namespace gantry::eventbus
