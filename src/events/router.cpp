#include "events/router.h"

#include <boost/json.hpp>

#include "eventbus/event.h"
#include "eventbus/event_pattern.h"
#include "eventbus/rule.h"
#include "events/send.h"

namespace gantry::events {

using eventbus::EventRecord;
using eventbus::RuleRecord;
using eventbus::TargetRecord;

namespace {

// What one transaction may hold, with room to spare.
constexpr std::size_t kDeliveriesAtOnce = 40;
constexpr std::size_t kBytesAtOnce = 400 * 1024;

}  // namespace

void Router::affected(const state::View& view, const state::Change& change, const KeySink& look_at) const {
    if (changed<EventRecord>(view, change, change.after) != nullptr) look_at(change.key);
}

void Router::all(const state::View& view, const KeySink& look_at) const {
    for (const auto& event : view.list<EventRecord>()) look_at(event->key());
}

state::Plan Router::reconcile(const state::View& view, std::string_view key, const state::Turn& turn) const {
    state::Plan plan;
    const auto record = view.get<EventRecord>(key);
    if (!record) return plan;
    boost::system::error_code wrong;
    const auto event = boost::json::parse(record->text, wrong);
    const auto bus = eventbus::EventBusRecord::key(record->scope, record->bus) + "/";
    state::Pinned<RuleRecord> rule;
    bool matches = false;
    std::size_t bytes = 0;
    std::string after = record->after;
    while (!wrong) {
        const auto page = view.page<TargetRecord>(bus, after, 1);
        if (page.records.empty()) break;
        const auto& target = *page.records.front();
        if (!rule || rule->key() != target.rule_key()) {
            rule = view.get<RuleRecord>(target.rule_key());
            matches = false;
            if (rule && rule->enabled && !rule->pattern.empty()) {
                const auto pattern = eventbus::EventPattern::parse(rule->pattern);
                matches = pattern && pattern->matches(event);
            }
        }
        if (matches) {
            if (plan.actions().size() >= kDeliveriesAtOnce || bytes >= kBytesAtOnce) {
                EventRecord rest = *record;
                rest.after = after;
                plan.put(std::move(rest), "more targets are looked at in the next step");
                return plan;
            }
            bytes += send(turn, Sent{*rule, event, record->text, record->at}, target.target, plan);
        }
        after = target.key();
    }
    plan.erase<EventRecord>(std::string(key), "every rule has seen it");
    return plan;
}

}  // namespace gantry::events
