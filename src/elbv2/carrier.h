#pragma once

#include <boost/describe.hpp>
#include <optional>
#include <string>
#include <vector>

#include "base/instant.h"
#include "state/schema.h"
#include "state/txn.h"

namespace gantry::elbv2 {

// A worker as far as balancers are concerned: it may carry their traffic. Whoever knows workers (ecs) leaves
// these records.
struct CarrierRecord {
    static constexpr state::TableInfo kTable{"elbv2.carrier", 1};

    std::string worker;
    bool connected = false;
    std::optional<RealInstant> lost_at;  // set while it is not connected

    std::string key() const { return worker; }
};
BOOST_DESCRIBE_STRUCT(CarrierRecord, (), (worker, connected, lost_at))

// A carrier that stays away longer than this loses its balancers to another one. Restarting one, or the
// control plane, takes seconds, and its traffic goes on meanwhile.
inline constexpr Duration kCarrierLostAfter = std::chrono::seconds(30);

// The worker introduced itself, or is gone. Both are idempotent.
void carrier_joined(state::Txn& txn, const std::string& worker);
void carrier_lost(state::Txn& txn, const std::string& worker);

// The connected carrier with the fewest balancers; empty when there is none.
std::string pick_carrier(const state::View& view);

}  // namespace gantry::elbv2
