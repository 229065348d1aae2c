#pragma once

#include <boost/describe.hpp>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "port/log_store.h"
#include "state/schema.h"

namespace gantry::logs {

using Tags = std::map<std::string, std::string>;

struct LogGroupRecord {
    static constexpr state::TableInfo kTable{"logs.group", 1};

    std::string account;
    std::string region;
    std::string name;
    std::string uid;  // of this incarnation: the store's name of the group
    PolicyInstant created;
    int retention_days = 0;  // 0: events stay for ever
    std::string group_class = "STANDARD";
    Tags tags;

    std::string key() const { return account + "/" + region + "/" + name; }
    std::string arn() const { return "arn:aws:logs:" + region + ":" + account + ":log-group:" + name; }
};
BOOST_DESCRIBE_STRUCT(
    LogGroupRecord, (), (account, region, name, uid, created, retention_days, group_class, tags)
)

// Event times, counts and sizes are the store's to tell: no batch of events writes a record.
struct LogStreamRecord {
    static constexpr state::TableInfo kTable{"logs.stream", 1};

    std::string group_uid;
    std::string name;
    std::string uid;
    PolicyInstant created;

    std::string key() const { return group_uid + "/" + name; }
    // The name is part of it, so that what a scan finds can be named without a look at the records.
    port::LogStreamId id() const { return {group_uid, uid + ":" + name}; }
};
BOOST_DESCRIBE_STRUCT(LogStreamRecord, (), (group_uid, name, uid, created))

inline std::string stream_name_of(const std::string& id) { return id.substr(id.find(':') + 1); }

// A marker: a stream, or a whole group (no stream id), was deleted and its events are still to be removed
// from the store. The group's stream records go first, in steps.
struct LogRemovalRecord {
    static constexpr state::TableInfo kTable{"logs.removal", 1};

    std::string group_uid;
    std::string stream_id;

    std::string key() const { return group_uid + "/" + stream_id; }
};
BOOST_DESCRIBE_STRUCT(LogRemovalRecord, (), (group_uid, stream_id))

struct LogGroupsWithRetention {
    using Record = LogGroupRecord;
    static void keys(const LogGroupRecord& group, std::vector<std::string>& out) {
        if (group.retention_days > 0) out.emplace_back("all");
    }
};

// Adds this folder's tables and indexes.
void declare(state::Schema& schema);

}  // namespace gantry::logs
