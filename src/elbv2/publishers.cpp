#include "elbv2/publishers.h"

#include <set>

#include "elbv2/balancer_object.h"
#include "elbv2/certificates.h"
#include "elbv2/usage.h"

namespace gantry::elbv2 {
namespace {

// Reports change targets often and what is published of them seldom.
bool same_target(const TargetRecord& a, const TargetRecord& b) {
    return a.health == b.health && a.registration == b.registration && a.zone == b.zone;
}

// What groups of a balancer show of it.
bool same_for_groups(const LoadBalancerRecord& a, const LoadBalancerRecord& b) {
    return a.worker == b.worker && a.zones.size() == b.zones.size() &&
           std::equal(a.zones.begin(), a.zones.end(), b.zones.begin(), [](const auto& left, const auto& right) {
               return left.zone == right.zone && left.address == right.address;
           });
}

std::vector<std::string> only(const std::string& worker) {
    return worker.empty() ? std::vector<std::string>{} : std::vector{worker};
}

}  // namespace

void LoadBalancerPublisher::affected(
    const state::View& view, const state::Change& change, const KeySink& look_at
) const {
    for (const auto* side : {&change.before, &change.after}) {
        if (const auto* balancer = changed<LoadBalancerRecord>(view, change, *side)) look_at(balancer->id);
        if (const auto* listener = changed<ListenerRecord>(view, change, *side)) look_at(listener->balancer);
    }
    const std::string certificate = certificate_changed(view, change);
    if (certificate.empty()) return;
    for (const auto& listener : view.find<ListenersByCertificate>(certificate)) look_at(listener->balancer);
}

void LoadBalancerPublisher::all(const state::View& view, const KeySink& look_at) const {
    for (const auto& balancer : view.list<LoadBalancerRecord>()) look_at(balancer->id);
}

std::optional<Published> LoadBalancerPublisher::build(const state::View& view, std::string_view key) const {
    const auto balancer = view.find_one<LoadBalancerById>(key);
    if (!balancer) return {};
    const auto listeners = listeners_of(view, balancer->key());
    std::vector<std::vector<link::BalancerCertificate>> certificates;
    for (const auto& listener : listeners) {
        auto& list = certificates.emplace_back();
        for (const auto& arn : listener->certificates) {
            if (auto found = find_certificate(view, arn)) list.push_back(std::move(*found));
        }
    }
    Published object;
    object.workers = only(balancer->worker);
    object.body = [balancer, listeners, certificates = std::move(certificates)] {
        return encode(balancer_object(*balancer, listeners, certificates)).as_object();
    };
    return object;
}

void TargetGroupPublisher::affected(
    const state::View& view, const state::Change& change, const KeySink& look_at
) const {
    const auto* target_was = changed<TargetRecord>(view, change, change.before);
    const auto* target_is = changed<TargetRecord>(view, change, change.after);
    if (target_was != nullptr || target_is != nullptr) {
        const bool same = target_was != nullptr && target_is != nullptr && same_target(*target_was, *target_is);
        if (!same) look_at(std::string(id_in((target_is != nullptr ? target_is : target_was)->group)));
        return;
    }
    std::set<std::string> groups;
    for (const auto* side : {&change.before, &change.after}) {
        if (const auto* group = changed<TargetGroupRecord>(view, change, *side)) look_at(group->id);
        if (const auto* listener = changed<ListenerRecord>(view, change, *side)) {
            for (const auto& group : groups_of(*listener)) groups.emplace(id_in(group));
        }
    }
    const auto* balancer_was = changed<LoadBalancerRecord>(view, change, change.before);
    const auto* balancer_is = changed<LoadBalancerRecord>(view, change, change.after);
    if (balancer_is != nullptr && (balancer_was == nullptr || !same_for_groups(*balancer_was, *balancer_is))) {
        for (const auto& group : groups_of_balancer(view, change.key)) groups.emplace(id_in(group));
    }
    for (const auto& group : groups) look_at(group);
}

void TargetGroupPublisher::all(const state::View& view, const KeySink& look_at) const {
    for (const auto& group : view.list<TargetGroupRecord>()) look_at(group->id);
}

std::optional<Published> TargetGroupPublisher::build(const state::View& view, std::string_view key) const {
    const auto group = view.find_one<TargetGroupById>(key);
    if (!group) return {};
    const auto balancer = balancer_of(view, group->key());
    if (!balancer) return Published{{}, [] { return boost::json::object{}; }};
    std::set<std::string> zones;
    for (const auto& zone : balancer->zones) zones.insert(zone.zone);
    auto targets = view.find<TargetsByGroup>(group->key());
    std::erase_if(targets, [&](const auto& target) {
        return !target->zone.empty() && target->zone != "all" && !zones.contains(target->zone);
    });
    Published object;
    object.workers = only(balancer->worker);
    object.body = [group, balancer, targets = std::move(targets)] {
        return encode(group_object(*group, *balancer, targets)).as_object();
    };
    return object;
}

std::vector<std::shared_ptr<const Publisher>> publishers() {
    return {std::make_shared<TargetGroupPublisher>(), std::make_shared<LoadBalancerPublisher>()};
}

}  // namespace gantry::elbv2
