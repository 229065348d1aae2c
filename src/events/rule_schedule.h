#pragma once

#include <boost/describe.hpp>
#include <string>

#include "base/codec.h"
#include "base/instant.h"
#include "operation/controller.h"

namespace gantry::events {

// When a rule with a schedule fired last.
struct RuleRunRecord {
    static constexpr state::TableInfo kTable{"events.rule_run", 1};

    std::string rule;     // key
    PolicyInstant since;  // RuleRecord::scheduled_since: another one, and this is of no account any more
    PolicyInstant fired;

    std::string key() const { return rule; }
};
BOOST_DESCRIBE_STRUCT(RuleRunRecord, (), (rule, since, fired))

// Fires rules with rate(…) and cron(…), in policy time, in UTC. Of the runs that fell into a time in which
// Gantry did not run (or over which policy time jumped) the last one is made up for, if it is not older than
// the target's retry policy takes: EventBridge promises to deliver at least once, and discards what is older.
class RuleSchedule : public Controller {
  public:
    std::string_view name() const override { return "events.rule_schedule"; }
    void affected(const state::View& view, const state::Change& change, const KeySink& look_at)
        const override;
    void all(const state::View& view, const KeySink& look_at) const override;
    state::Plan reconcile(const state::View& view, std::string_view key, const state::Turn& turn)
        const override;
};

}  // namespace gantry::events
