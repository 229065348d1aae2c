#include "cloudwatch/alarm.h"

#include <set>

#include "cloudwatch/admit_alarm.h"
#include "cloudwatch/alarm_history.h"
#include "cloudwatch/owned_alarm.h"
#include "cloudwatch/tags.h"

namespace gantry::cloudwatch {

using namespace shapes::cloudwatch;
using state::Txn;

void AlarmsByAction::keys(const AlarmRecord& alarm, std::vector<std::string>& out) {
    const auto& given = alarm.definition;
    std::set<std::string> actions;
    for (const auto* list : {&given.ok_actions, &given.alarm_actions, &given.insufficient_data_actions}) {
        if (*list) actions.insert((*list)->begin(), (*list)->end());
    }
    for (const auto& action : actions) out.push_back(key(alarm.scope(), action));
}

std::string state_text(AlarmState state) { return boost::describe::enum_to_string(state, "OK"); }

// Puts the definition; the state of an alarm that exists stays what it is until the next evaluation.
Result<PutMetricAlarmResponse> put_metric_alarm(
    Txn& txn, const PutMetricAlarmRequest& request, const Caller& caller
) {
    TRY(auto definition, admit_alarm(request));
    const auto before = txn.get<AlarmRecord>(AlarmRecord::key(caller.scope(), request.alarm_name));
    AlarmRecord alarm;
    if (before) {
        alarm = *before;
    } else {
        alarm.account = caller.account;
        alarm.region = caller.region;
        alarm.state_reason = "Unchecked: Initial alarm creation";
        alarm.state_updated = alarm.state_transitioned = txn.now();
        // Tags of an alarm that exists change by TagResource only.
        if (request.tags) TRY_VOID(add_tags(alarm.tags, *request.tags));
    }
    definition.tags.reset();
    alarm.definition = std::move(definition);
    alarm.updated = txn.now();
    boost::json::object data;
    data["type"] = before ? "Update" : "Create";
    note(
        txn, alarm, "ConfigurationUpdate",
        "Alarm \"" + request.alarm_name + "\" " + (before ? "updated" : "created"), data
    );
    txn.put(std::move(alarm));
    return PutMetricAlarmResponse{};
}

Result<DeleteAlarmsResponse> delete_alarms(
    Txn& txn, const DeleteAlarmsRequest& request, const Caller& caller
) {
    const std::set<std::string> names(request.alarm_names.begin(), request.alarm_names.end());
    for (const auto& name : names) {
        if (!txn.get<AlarmRecord>(AlarmRecord::key(caller.scope(), name))) {
            return refuse("ResourceNotFound", "The alarm '" + name + "' does not exist.");
        }
    }
    // Two records each: AWS's own limit of names keeps a request within a transaction only with this one.
    if (names.size() > 45)
        return refuse("ValidationError", "Gantry deletes at most 45 alarms in one request.");
    for (const auto& name : names) {
        AlarmRecord alarm = *txn.get<AlarmRecord>(AlarmRecord::key(caller.scope(), name));
        txn.put(deletion_item(alarm, txn.now()));
        txn.erase<AlarmRecord>(alarm.key());
    }
    return DeleteAlarmsResponse{};
}

Result<SetAlarmStateResponse> set_alarm_state(
    Txn& txn, const SetAlarmStateRequest& request, const Caller& caller
) {
    const auto found = txn.get<AlarmRecord>(AlarmRecord::key(caller.scope(), request.alarm_name));
    if (!found) return refuse("ResourceNotFound", "The alarm '" + request.alarm_name + "' does not exist.");
    if (request.state_reason_data) {
        boost::system::error_code code;
        boost::json::parse(*request.state_reason_data, code);
        if (code) return refuse("InvalidFormat", "StateReasonData must be valid JSON.");
    }
    AlarmState state{};
    boost::describe::enum_from_string(request.state_value.c_str(), state);
    AlarmRecord alarm = *found;
    set_state(txn, alarm, state, request.state_reason, request.state_reason_data.value_or(""));
    alarm.recent.clear();
    txn.put(std::move(alarm));
    return SetAlarmStateResponse{};
}

namespace {

// Names that do not exist are passed over, as on AWS.
void enable(Txn& txn, const std::vector<std::string>& names, const Caller& caller, bool enabled) {
    for (const auto& name : std::set<std::string>(names.begin(), names.end())) {
        const auto found = txn.get<AlarmRecord>(AlarmRecord::key(caller.scope(), name));
        if (!found || found->definition.actions_enabled == enabled) continue;
        AlarmRecord alarm = *found;
        alarm.definition.actions_enabled = enabled;
        alarm.updated = txn.now();
        txn.put(std::move(alarm));
    }
}

}  // namespace

Result<EnableAlarmActionsResponse> enable_alarm_actions(
    Txn& txn, const EnableAlarmActionsRequest& request, const Caller& caller
) {
    enable(txn, request.alarm_names, caller, true);
    return EnableAlarmActionsResponse{};
}

Result<DisableAlarmActionsResponse> disable_alarm_actions(
    Txn& txn, const DisableAlarmActionsRequest& request, const Caller& caller
) {
    enable(txn, request.alarm_names, caller, false);
    return DisableAlarmActionsResponse{};
}

}  // namespace gantry::cloudwatch
