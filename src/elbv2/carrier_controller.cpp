#include "elbv2/carrier_controller.h"

#include "ec2/eni.h"
#include "elbv2/carrier.h"
#include "elbv2/load_balancer.h"

namespace gantry::elbv2 {

void CarrierController::affected(
    const state::View& view, const state::Change& change, const KeySink& look_at
) const {
    const auto* was = changed<LoadBalancerRecord>(view, change, change.before);
    const auto* is = changed<LoadBalancerRecord>(view, change, change.after);
    if (is != nullptr && (was == nullptr || was->worker != is->worker)) look_at(change.key);

    const auto* carrier = changed<CarrierRecord>(view, change, change.after);
    if (carrier == nullptr) return;
    for (const auto& balancer : view.find<LoadBalancersByWorker>(carrier->worker)) look_at(balancer->key());
    if (!carrier->connected) return;
    // It may take what nobody carries, or somebody who is away.
    for (const auto& balancer : view.find<LoadBalancersByWorker>("")) look_at(balancer->key());
    for (const auto& other : view.list<CarrierRecord>()) {
        if (other->connected) continue;
        for (const auto& balancer : view.find<LoadBalancersByWorker>(other->worker)) look_at(balancer->key());
    }
}

void CarrierController::all(const state::View& view, const KeySink& look_at) const {
    for (const auto& balancer : view.list<LoadBalancerRecord>()) look_at(balancer->key());
}

state::Plan CarrierController::reconcile(
    const state::View& view, std::string_view key, const state::Turn& turn
) const {
    state::Plan plan;
    const auto balancer = view.get<LoadBalancerRecord>(key);
    if (!balancer) return plan;
    if (!balancer->worker.empty()) {
        const auto carrier = view.get<CarrierRecord>(balancer->worker);
        if (carrier && carrier->connected) return plan;
        const auto again = carrier && carrier->lost_at ? *carrier->lost_at + kCarrierLostAfter : turn.real_now;
        if (turn.real_now < again) {
            plan.look_again(again);
            return plan;
        }
    }
    const std::string worker = pick_carrier(view);
    if (worker.empty()) return plan;
    const char* why = balancer->worker.empty() ? "a worker can carry it" : "its worker is lost";
    LoadBalancerRecord moved = *balancer;
    moved.worker = worker;
    plan.put(std::move(moved), why);
    for (const auto& known : view.find<ec2::EniByOwner>(balancer->key())) {
        ec2::EniRecord eni = *known;
        eni.worker = worker;
        plan.put(std::move(eni), why);
    }
    return plan;
}

}  // namespace gantry::elbv2
