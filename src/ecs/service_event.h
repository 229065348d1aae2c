#pragma once

#include <boost/describe.hpp>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/codec.h"
#include "base/instant.h"
#include "ecs/service.h"
#include "state/plan.h"
#include "state/turn.h"
#include "state/view.h"

namespace gantry::ecs {

// A line of a service's history, in ECS's words: "(service web) has reached a steady state."
struct ServiceEventRecord {
    static constexpr state::TableInfo kTable{"ecs.service_event", 1};

    std::string parts;  // ServiceRecord::parts()
    std::int64_t number = 0;
    std::string id;  // UUID
    PolicyInstant at;
    std::string message;

    static std::string key(std::string_view parts, std::int64_t number) {
        return std::string(parts) + padded(number, 10);
    }
    std::string key() const { return key(parts, number); }
};
BOOST_DESCRIBE_STRUCT(ServiceEventRecord, (), (parts, number, id, at, message))

// As many as ECS shows.
inline constexpr std::int64_t kServiceEventsKept = 100;

// Plans the event, the end of the one that is too old now, and what EventBridge is told of it (three
// records). Counts in `service`, which is
// the caller's to put.
void note_event(
    const state::View& view,
    ServiceRecord& service,
    const state::Turn& turn,
    std::string message,
    state::Plan& plan
);

}  // namespace gantry::ecs
