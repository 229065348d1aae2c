#pragma once

#include <boost/describe.hpp>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/instant.h"
#include "shapes/cloudwatch/shapes.h"
#include "shapes/record_codec.h"
#include "state/schema.h"

namespace gantry::cloudwatch {

enum class AlarmState { OK, ALARM, INSUFFICIENT_DATA };
BOOST_DESCRIBE_ENUM(AlarmState, OK, ALARM, INSUFFICIENT_DATA)

// A metric alarm. `definition` is what PutMetricAlarm was given, with its defaults and without tags;
// operations write it, and the state is written by evaluation and SetAlarmState.
struct AlarmRecord {
    static constexpr state::TableInfo kTable{"cloudwatch.alarm", 1};

    std::string account;
    std::string region;
    shapes::cloudwatch::PutMetricAlarmRequest definition;
    PolicyInstant updated;
    std::map<std::string, std::string> tags;

    AlarmState state = AlarmState::INSUFFICIENT_DATA;
    std::string state_reason;
    std::string state_reason_data;  // JSON; empty: none
    PolicyInstant state_updated;
    PolicyInstant state_transitioned;
    // What the metric's last data points were, oldest first, when the alarm was judged last: kept up to date only
    // while an autoscaling policy acts on the alarm.
    std::vector<double> recent;

    // How many history items there have been: their keys are unique by it.
    std::int64_t history = 0;

    static std::string key(std::string_view scope, std::string_view name) {
        return std::string(scope) + std::string(name);
    }
    std::string scope() const { return account + "/" + region + "/"; }
    std::string key() const { return key(scope(), definition.alarm_name); }
    std::string arn() const {
        return "arn:aws:cloudwatch:" + region + ":" + account + ":alarm:" + definition.alarm_name;
    }
};
BOOST_DESCRIBE_STRUCT(
    AlarmRecord,
    (),
    (account,
     region,
     definition,
     updated,
     tags,
     state,
     state_reason,
     state_reason_data,
     state_updated,
     state_transitioned,
     recent,
     history)
)

struct AlarmByArn {
    using Record = AlarmRecord;
    static void keys(const AlarmRecord& alarm, std::vector<std::string>& out) { out.push_back(alarm.arn()); }
};

// By what it acts on, in any state: the ARNs of its actions.
struct AlarmsByAction {
    using Record = AlarmRecord;
    static std::string key(std::string_view scope, std::string_view action) {
        return std::string(scope) + std::string(action);
    }
    static void keys(const AlarmRecord& alarm, std::vector<std::string>& out);
};

std::string state_text(AlarmState state);

}  // namespace gantry::cloudwatch
