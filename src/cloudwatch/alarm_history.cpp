#include "cloudwatch/alarm_history.h"

#include <boost/json/serialize.hpp>

namespace gantry::cloudwatch {

using namespace shapes::cloudwatch;
using state::Txn;

namespace {

constexpr std::size_t page_most = 100;

std::string padded(std::int64_t number, std::size_t digits) {
    std::string text = std::to_string(number);
    return std::string(digits - std::min(digits, text.size()), '0') + text;
}

AlarmHistoryItem show(const AlarmHistoryRecord& item) {
    AlarmHistoryItem out;
    out.alarm_name = item.alarm;
    out.alarm_type = "MetricAlarm";
    out.timestamp = shapes::Timestamp{item.at.ms};
    out.history_item_type = item.type;
    out.history_summary = item.summary;
    out.history_data = item.data;
    return out;
}

}  // namespace

std::string AlarmHistoryRecord::key() const {
    return account + "/" + region + "/" + padded(at.ms, 15) + "/" + alarm + "/" + padded(number, 10);
}

void AlarmHistoryByTime::keys(const AlarmHistoryRecord& item, std::vector<std::string>& out) {
    out.push_back(padded(item.at.ms, 15));
}

AlarmHistoryRecord history_item(
    AlarmRecord& alarm, PolicyInstant at, std::string type, std::string summary, boost::json::object data
) {
    AlarmHistoryRecord item;
    item.account = alarm.account;
    item.region = alarm.region;
    item.alarm = alarm.definition.alarm_name;
    item.at = at;
    item.number = ++alarm.history;
    item.type = std::move(type);
    item.summary = std::move(summary);
    data["version"] = "1.0";
    item.data = boost::json::serialize(data);
    return item;
}

AlarmHistoryRecord deletion_item(AlarmRecord& alarm, PolicyInstant at) {
    boost::json::object data;
    data["type"] = "Delete";
    return history_item(
        alarm, at, "ConfigurationUpdate", "Alarm \"" + alarm.definition.alarm_name + "\" deleted", data
    );
}

void note(Txn& txn, AlarmRecord& alarm, std::string type, std::string summary, boost::json::object data) {
    txn.put(history_item(alarm, txn.now(), std::move(type), std::move(summary), std::move(data)));
}

namespace {

// A state's actions as it begins. Who acts on the alarm watches it; whom nobody here serves is said.
void note_actions(Txn& txn, AlarmRecord& alarm) {
    const auto& given = alarm.definition;
    if (!given.actions_enabled.value_or(true)) return;
    const auto& actions = alarm.state == AlarmState::ALARM ? given.alarm_actions
                          : alarm.state == AlarmState::OK  ? given.ok_actions
                                                           : given.insufficient_data_actions;
    if (!actions) return;
    for (const auto& action : *actions) {
        const bool served = action.starts_with("arn:aws:autoscaling:");
        boost::json::object data;
        data["actionState"] = served ? "Succeeded" : "Failed";
        data["notificationResource"] = action;
        if (!served) data["error"] = "Gantry does not serve this action's service.";
        note(
            txn, alarm, "Action",
            (served ? "Successfully executed action " : "Failed to execute action ") + action +
                (served ? "" : ". Received error: \"Gantry does not serve this action's service.\""),
            data
        );
    }
}

}  // namespace

void set_state(Txn& txn, AlarmRecord& alarm, AlarmState state, std::string reason, std::string reason_data) {
    const auto before = alarm.state;
    const std::string reason_before = std::exchange(alarm.state_reason, std::move(reason));
    alarm.state = state;
    alarm.state_reason_data = std::move(reason_data);
    alarm.state_updated = txn.now();
    if (before == state) return;
    alarm.state_transitioned = txn.now();
    boost::json::object data;
    data["oldState"] = {{"stateValue", state_text(before)}, {"stateReason", reason_before}};
    data["newState"] = {{"stateValue", state_text(state)}, {"stateReason", alarm.state_reason}};
    note(
        txn, alarm, "StateUpdate", "Alarm updated from " + state_text(before) + " to " + state_text(state),
        data
    );
    note_actions(txn, alarm);
}

// Newest first unless asked otherwise.
Result<DescribeAlarmHistoryResponse> describe_alarm_history(
    Txn& txn, const DescribeAlarmHistoryRequest& request, const Caller& caller
) {
    auto items =
        request.alarm_name
            ? txn.find<AlarmHistoryByAlarm>(AlarmHistoryByAlarm::key(caller.scope(), *request.alarm_name))
            : txn.list<AlarmHistoryRecord>(caller.scope());
    std::erase_if(items, [&](const auto& item) {
        return (request.history_item_type && *request.history_item_type != item->type) ||
               (request.start_date && item->at.ms < request.start_date->ms) ||
               (request.end_date && item->at.ms > request.end_date->ms);
    });
    const bool oldest_first = request.scan_by && *request.scan_by == "TimestampAscending";
    if (!oldest_first) std::reverse(items.begin(), items.end());
    if (request.next_token) {
        const auto key = caller.scope() + *request.next_token;
        const auto last =
            std::find_if(items.begin(), items.end(), [&](const auto& item) { return item->key() == key; });
        if (last == items.end()) return refuse("InvalidNextToken", "The next token is not valid.");
        items.erase(items.begin(), last + 1);
    }
    DescribeAlarmHistoryResponse response;
    auto& list = response.alarm_history_items.emplace();
    const auto most = static_cast<std::size_t>(request.max_records.value_or(static_cast<int>(page_most)));
    for (const auto& item : items) {
        if (list.size() == most) {
            response.next_token = items[most - 1]->key().substr(caller.scope().size());
            break;
        }
        list.push_back(show(*item));
    }
    return response;
}

}  // namespace gantry::cloudwatch
