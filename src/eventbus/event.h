#pragma once

#include <algorithm>
#include <boost/describe.hpp>
#include <boost/json/object.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "base/codec.h"
#include "base/instant.h"
#include "eventbus/bus.h"
#include "state/turn.h"
#include "state/view.h"

namespace gantry::eventbus {

// Outbox: an event on its way to the rules of its bus, written by the transaction that made it happen. Who
// routes it erases it when every rule has seen it.
struct EventRecord {
    static constexpr state::TableInfo kTable{"eventbus.event", 1};

    std::string scope;
    std::string bus;
    std::string id;  // UUID
    PolicyInstant at;  // when it came in
    std::string text;  // the event as its targets get it: JSON
    // The key of the last target that was looked at; empty: none.
    std::string after;

    // In the order of their coming: 15 digits of milliseconds.
    std::string key() const {
        const auto digits = std::to_string(at.ms);
        return std::string(15 - std::min<std::size_t>(digits.size(), 15), '0') + digits + "/" + id;
    }
};
BOOST_DESCRIBE_STRUCT(EventRecord, (), (scope, bus, id, at, text, after))

// What an event says besides who made it where.
struct EventFacts {
    std::string source;
    std::string detail_type;
    std::vector<std::string> resources;
    boost::json::object detail;
    PolicyInstant time;
};

// Whether a rule of that bus waits for events: else none need be made.
bool listened_to(const state::View& view, std::string_view scope, std::string_view bus = kDefaultBus);

// The event; the caller's to put.
EventRecord make_event(const state::Turn& turn, std::string scope, std::string bus, EventFacts facts);

// {"version":"0","id":…}: what targets get and patterns see. time: to the second, as EventBridge gives it.
boost::json::object event_json(std::string_view scope, std::string_view id, EventFacts facts);

// "2026-11-23T10:37:00Z"
std::string event_time(PolicyInstant time);

}  // namespace gantry::eventbus
