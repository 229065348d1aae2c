#pragma once

#include <boost/describe.hpp>
#include <map>
#include <string>
#include <string_view>

#include "base/codec.h"
#include "base/instant.h"
#include "base/result.h"
#include "operation/caller.h"
#include "state/schema.h"
#include "state/view.h"

namespace gantry::scheduler {

inline constexpr const char* kDefaultGroup = "default";

inline constexpr const char* kInvalid = "ValidationException";
inline constexpr const char* kNotFound = "ResourceNotFoundException";
inline constexpr const char* kConflict = "ConflictException";
inline constexpr const char* kQuota = "ServiceQuotaExceededException";

struct ScheduleGroupRecord {
    static constexpr state::TableInfo kTable{"scheduler.group", 1};

    std::string account;
    std::string region;
    std::string name;
    std::string token;      // of the request that created it
    bool deleting = false;  // until its schedules are erased
    PolicyInstant created;
    PolicyInstant modified;
    std::map<std::string, std::string> tags;

    static std::string key(std::string_view scope, std::string_view name) {
        return std::string(scope) + std::string(name);
    }
    std::string scope() const { return account + "/" + region + "/"; }
    std::string key() const { return key(scope(), name); }
    std::string arn() const {
        return "arn:aws:scheduler:" + region + ":" + account + ":schedule-group/" + name;
    }
};
BOOST_DESCRIBE_STRUCT(ScheduleGroupRecord, (), (account, region, name, token, deleting, created, modified, tags))

// The group of that name; the default one is there without a record. ResourceNotFoundException: there is none.
Result<ScheduleGroupRecord> find_group(const state::View& view, const Caller& caller, const std::string& name);

}  // namespace gantry::scheduler
