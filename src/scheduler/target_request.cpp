#include "scheduler/target_request.h"

#include <boost/json.hpp>

#include "events/run_task_request.h"
#include "shapes/json.h"

namespace gantry::scheduler {

namespace json = boost::json;

namespace {

constexpr std::string_view kBus = ":event-bus/";

void replace_all(std::string& text, std::string_view from, std::string_view to) {
    for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
        text.replace(at, from.size(), to);
}

// A tag is a map: {"key": "k", "value": "v"}, or {"k": "v"}.
json::array tag_list(const json::value& maps) {
    json::array tags;
    for (const auto& map : maps.as_array()) {
        const auto& members = map.as_object();
        const auto* key = members.contains("key") ? members.if_contains("key") : members.if_contains("Key");
        const auto* value = members.contains("value") ? members.if_contains("value") : members.if_contains("Value");
        if (key != nullptr && members.size() == (value == nullptr ? 1u : 2u)) {
            tags.push_back(json::object{{"Key", *key}, {"Value", value == nullptr ? json::value("") : *value}});
            continue;
        }
        for (const auto& [name, text] : members) tags.push_back(json::object{{"Key", name}, {"Value", text}});
    }
    return tags;
}

}  // namespace

bool is_event_bus(std::string_view arn) {
    return arn.starts_with("arn:aws:events:") && arn.find(kBus) != std::string_view::npos;
}

std::string bus_name(std::string_view arn) { return std::string(arn.substr(arn.find(kBus) + kBus.size())); }

Result<shapes::ecs::RunTaskRequest> task_request(
    const shapes::scheduler::Target& target, const std::string& input
) {
    if (!target.ecs_parameters) return trouble(Errc::invalid, "the target has no EcsParameters");
    // The members are those of EventBridge's parameters, tags excepted.
    auto parameters = shapes::to_json(*target.ecs_parameters);
    if (auto* tags = parameters.get_object().if_contains("Tags")) *tags = tag_list(*tags);
    shapes::events::Target same;
    same.arn = target.arn;
    TRY(same.ecs_parameters, shapes::from_json<shapes::events::EcsParameters>(parameters));
    return events::run_task_request(same, input);
}

std::string fill_input(std::string input, const Invocation& invocation) {
    replace_all(input, "<aws.scheduler.schedule-arn>", invocation.schedule_arn);
    replace_all(input, "<aws.scheduler.scheduled-time>", invocation.scheduled_time);
    replace_all(input, "<aws.scheduler.execution-id>", invocation.execution_id);
    replace_all(input, "<aws.scheduler.attempt-number>", "1");
    return input;
}

}  // namespace gantry::scheduler
