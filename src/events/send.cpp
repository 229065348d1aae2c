#include "events/send.h"

#include <boost/json.hpp>

#include "eventbus/input_transformer.h"
#include "eventbus/target_arn.h"
#include "events/delivery.h"
#include "events/run_task_request.h"

namespace gantry::events {

namespace json = boost::json;
using eventbus::TargetPlace;

namespace {

// The same for a rule's target as long as it is that rule's.
std::string stream_name(const eventbus::RuleRecord& rule, const shapes::events::Target& target) {
    return rule.name + "/" + target.id;
}

// What an input transformer makes for a log group is {"timestamp":…,"message":…}.
void take_log_line(LogDeliveryRecord& delivery, const shapes::events::Target& target) {
    if (!target.input_transformer) return;
    boost::system::error_code wrong;
    const auto line = json::parse(delivery.message, wrong);
    if (wrong || !line.is_object()) return;
    const auto* message = line.get_object().if_contains("message");
    const auto* timestamp = line.get_object().if_contains("timestamp");
    if (message == nullptr) return;
    if (timestamp != nullptr && timestamp->is_int64()) delivery.timestamp_ms = timestamp->get_int64();
    delivery.message = message->is_string() ? std::string(message->get_string()) : json::serialize(*message);
}

}  // namespace

std::size_t send(
    const state::Turn& turn, const Sent& sent, const shapes::events::Target& target, state::Plan& plan
) {
    const auto place = eventbus::parse_target_arn(target.arn);
    if (!place) return 0;
    const RetryPolicy policy = retry_policy(target);
    if (turn.now > sent.at + policy.age) return 0;
    auto input = eventbus::input_of(target, sent.rule, sent.event, sent.text, turn.now);
    const std::size_t size = input.size();
    const std::string why = "rule " + sent.rule.name + " sends an event to its target " + target.id;
    if (place->kind == TargetPlace::Kind::log_group) {
        LogDeliveryRecord delivery;
        delivery.account = place->account;
        delivery.region = place->region;
        delivery.id = turn.chance.uuid();
        delivery.what = "rule " + sent.rule.name;
        delivery.group = place->name;
        delivery.stream = stream_name(sent.rule, target);
        delivery.message = std::move(input);
        delivery.at = turn.now;
        take_log_line(delivery, target);
        plan.put(std::move(delivery), why);
        return size;
    }
    auto request = run_task_request(target, input);
    if (!request) return 0;
    request->started_by = "events-rule/" + sent.rule.name;
    TaskDeliveryRecord delivery;
    delivery.account = place->account;
    delivery.region = place->region;
    delivery.id = turn.chance.uuid();
    delivery.what = "rule " + sent.rule.name;
    delivery.request = *std::move(request);
    delivery.at = sent.at;
    delivery.retries = policy.attempts;
    delivery.age_ms = policy.age.count();
    delivery.next = turn.now;
    plan.put(std::move(delivery), why);
    return size;
}

}  // namespace gantry::events
