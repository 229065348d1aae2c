#pragma once

#include <boost/describe.hpp>
#include <string>
#include <vector>

#include "cloudwatch/alarm.h"
#include "operation/caller.h"
#include "state/txn.h"

namespace gantry::cloudwatch {

// Something that happened to an alarm. Outlives the alarm.
struct AlarmHistoryRecord {
    static constexpr state::TableInfo kTable{"cloudwatch.alarm_history", 1};

    std::string account;
    std::string region;
    std::string alarm;
    PolicyInstant at;
    std::int64_t number = 0;
    std::string type;  // "ConfigurationUpdate", "StateUpdate", "Action"
    std::string summary;
    std::string data;  // JSON

    // In the order of their times within account and region.
    std::string key() const;
};
BOOST_DESCRIBE_STRUCT(AlarmHistoryRecord, (), (account, region, alarm, at, number, type, summary, data))

struct AlarmHistoryByAlarm {
    using Record = AlarmHistoryRecord;
    static std::string key(const std::string& scope, const std::string& alarm) { return scope + alarm; }
    static void keys(const AlarmHistoryRecord& item, std::vector<std::string>& out) {
        out.push_back(key(item.account + "/" + item.region + "/", item.alarm));
    }
};

// By time over all accounts, for removal.
struct AlarmHistoryByTime {
    using Record = AlarmHistoryRecord;
    static void keys(const AlarmHistoryRecord& item, std::vector<std::string>& out);
};

// AWS keeps 30 days.
inline constexpr Duration kHistoryKept = std::chrono::hours(30 * 24);

// The next item of the alarm's history; counts it in the alarm, which is the caller's to put.
AlarmHistoryRecord history_item(
    AlarmRecord& alarm, PolicyInstant at, std::string type, std::string summary, boost::json::object data
);
AlarmHistoryRecord deletion_item(AlarmRecord& alarm, PolicyInstant at);
// The same, put.
void note(
    state::Txn& txn, AlarmRecord& alarm, std::string type, std::string summary, boost::json::object data
);

// Gives the alarm a state with its reason; a change of state is noted.
void set_state(
    state::Txn& txn, AlarmRecord& alarm, AlarmState state, std::string reason, std::string reason_data
);

}  // namespace gantry::cloudwatch
