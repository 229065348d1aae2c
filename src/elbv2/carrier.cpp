#include "elbv2/carrier.h"

#include "elbv2/load_balancer.h"

namespace gantry::elbv2 {

void carrier_joined(state::Txn& txn, const std::string& worker) {
    const auto known = txn.get<CarrierRecord>(worker);
    if (known && known->connected) return;
    txn.put(CarrierRecord{worker, true, {}});
}

void carrier_lost(state::Txn& txn, const std::string& worker) {
    const auto known = txn.get<CarrierRecord>(worker);
    if (!known || !known->connected) return;
    txn.put(CarrierRecord{worker, false, txn.real_now()});
}

std::string pick_carrier(const state::View& view) {
    std::string best;
    std::size_t fewest = 0;
    for (const auto& carrier : view.list<CarrierRecord>()) {
        if (!carrier->connected) continue;
        const auto carried = view.count<LoadBalancersByWorker>(carrier->worker);
        if (!best.empty() && carried >= fewest) continue;
        best = carrier->worker;
        fewest = carried;
    }
    return best;
}

}  // namespace gantry::elbv2
