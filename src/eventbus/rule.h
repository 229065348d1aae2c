#pragma once

#include <boost/describe.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "eventbus/bus.h"
#include "shapes/events/shapes.h"
#include "shapes/record_codec.h"

namespace gantry::eventbus {

// A rule of a bus: what it listens for, or (on the default bus) when it fires.
struct RuleRecord {
    static constexpr state::TableInfo kTable{"eventbus.rule", 1};

    std::string account;
    std::string region;
    std::string bus;
    std::string name;
    std::string pattern;   // JSON, as it was put; empty: none
    std::string schedule;  // rate(…) or cron(…); empty: none
    bool enabled = true;
    std::string state;  // as it was put: ENABLED, DISABLED or one more that enables
    std::optional<std::string> description;
    std::optional<std::string> role;
    PolicyInstant created;
    // Since when its schedule has been what it is, and enabled: a rate counts from there.
    PolicyInstant scheduled_since;
    Tags tags;

    static std::string key(std::string_view scope, std::string_view bus, std::string_view name) {
        return std::string(scope) + std::string(bus) + "/" + std::string(name);
    }
    std::string scope() const { return account + "/" + region + "/"; }
    std::string key() const { return key(scope(), bus, name); }
    // arn:aws:events:REGION:ACCOUNT:rule/NAME; with the bus before the name if it is not the default one.
    std::string arn() const {
        return "arn:aws:events:" + region + ":" + account + ":rule/" +
               (bus == kDefaultBus ? "" : bus + "/") + name;
    }
};
BOOST_DESCRIBE_STRUCT(
    RuleRecord,
    (),
    (account,
     region,
     bus,
     name,
     pattern,
     schedule,
     enabled,
     state,
     description,
     role,
     created,
     scheduled_since,
     tags)
)

// By bus ("ACCOUNT/REGION/BUS"): the rules that wait for events. Who makes events asks for their number.
struct RulesListening {
    using Record = RuleRecord;
    static constexpr bool kCounted = true;
    static void keys(const RuleRecord& rule, std::vector<std::string>& out) {
        if (rule.enabled && !rule.pattern.empty()) out.push_back(EventBusRecord::key(rule.scope(), rule.bus));
    }
};

// Where a rule sends what it matches, as PutTargets was given it.
struct TargetRecord {
    static constexpr state::TableInfo kTable{"eventbus.target", 1};

    std::string scope;
    std::string bus;
    std::string rule;
    shapes::events::Target target;

    // All targets of a rule start with its parts().
    static std::string parts(std::string_view rule_key) { return std::string(rule_key) + "/"; }
    std::string rule_key() const { return RuleRecord::key(scope, bus, rule); }
    std::string key() const { return parts(rule_key()) + target.id; }
};
BOOST_DESCRIBE_STRUCT(TargetRecord, (), (scope, bus, rule, target))

// By bus and the target's ARN.
struct TargetsByArn {
    using Record = TargetRecord;
    static std::string key(std::string_view scope, std::string_view bus, std::string_view arn) {
        return EventBusRecord::key(scope, bus) + "/" + std::string(arn);
    }
    static void keys(const TargetRecord& target, std::vector<std::string>& out) {
        out.push_back(key(target.scope, target.bus, target.target.arn));
    }
};

}  // namespace gantry::eventbus
