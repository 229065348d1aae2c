#pragma once

#include <boost/describe.hpp>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/codec.h"
#include "base/instant.h"
#include "state/schema.h"

namespace gantry::eventbus {

using Tags = std::map<std::string, std::string>;

inline constexpr const char* kDefaultBus = "default";

// An event bus that someone created. The default bus of each account and region is there without a record,
// unless it was given tags.
struct EventBusRecord {
    static constexpr state::TableInfo kTable{"eventbus.bus", 1};

    std::string account;
    std::string region;
    std::string name;
    std::optional<std::string> description;
    PolicyInstant created;
    Tags tags;

    static std::string key(std::string_view scope, std::string_view name) {
        return std::string(scope) + std::string(name);
    }
    std::string scope() const { return account + "/" + region + "/"; }
    std::string key() const { return key(scope(), name); }
    std::string arn() const { return "arn:aws:events:" + region + ":" + account + ":event-bus/" + name; }
};
BOOST_DESCRIBE_STRUCT(EventBusRecord, (), (account, region, name, description, created, tags))

}  // namespace gantry::eventbus
