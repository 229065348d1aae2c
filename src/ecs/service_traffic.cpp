#include "ecs/service_traffic.h"

#include <algorithm>
#include <map>

#include "elbv2/service_targets.h"

namespace gantry::ecs {

using scheduler::kWhole;
using shapes::elbv2::TargetGroupTuple;

namespace {

// One listener rule, and between which groups (ARNs) it divides.
struct Route {
    std::string rule;  // ARN
    bool test = false;
    std::string blue, green;
};

const ServiceLoadBalancer* with_rule(const ServiceRevisionRecord* revision, const std::string& rule) {
    if (revision == nullptr) return nullptr;
    for (const auto& balancer : revision->load_balancers)
        if (balancer.production_rule == rule) return &balancer;
    return nullptr;
}

void add(
    const ServiceLoadBalancer& rules, const std::string& blue, const std::string& green, std::vector<Route>& routes
) {
    if (blue == green) return;
    routes.push_back({rules.production_rule, false, blue, green});
    if (!rules.test_rule.empty()) routes.push_back({rules.test_rule, true, blue, green});
}

std::vector<Route> routes_between(const ServiceRevisionRecord* blue, const ServiceRevisionRecord& green) {
    std::vector<Route> routes;
    for (std::size_t i = 0; i < green.load_balancers.size(); ++i) {
        const auto& balancer = green.load_balancers[i];
        if (!balancer.advanced()) continue;
        // What had no rule was fed by the one that is named now, in the same place of the list.
        const auto* before = with_rule(blue, balancer.production_rule);
        if (before == nullptr && blue != nullptr && i < blue->load_balancers.size() &&
            !blue->load_balancers[i].advanced())
            before = &blue->load_balancers[i];
        add(balancer, before == nullptr ? balancer.other_target_group_arn : before->target_group_arn,
            balancer.target_group_arn, routes);
    }
    if (blue == nullptr) return routes;
    // Rules that only blue names lead to what stands in the same place now.
    for (std::size_t i = 0; i < blue->load_balancers.size() && i < green.load_balancers.size(); ++i) {
        const auto& before = blue->load_balancers[i];
        if (!before.advanced() || with_rule(&green, before.production_rule) != nullptr) continue;
        add(before, before.target_group_arn, green.load_balancers[i].target_group_arn, routes);
    }
    return routes;
}

std::vector<Route> routes_of(const state::View& view, const ServiceRecord& service, const scheduler::Course& course) {
    const auto revision = [&](const std::string& id) {
        return id.empty() ? nullptr
                          : view.get<ServiceRevisionRecord>(ServiceRevisionRecord::key(service.parts(), id));
    };
    const auto green = revision(course.green);
    if (!green) return {};
    return routes_between(revision(course.blue).get(), *green);
}

std::optional<elbv2::ListenerRoute> find(
    const state::View& view, const ServiceRecord& service, const std::string& rule
) {
    return elbv2::find_route(
        view, std::string(account_of(service.scope)), std::string(region_of(service.scope)), rule
    );
}

bool exists(const state::View& view, const ServiceRecord& service, const std::string& group_arn) {
    return elbv2::find_service_group(
               view, std::string(account_of(service.scope)), std::string(region_of(service.scope)), group_arn
    )
        .has_value();
}

// What green shall get of it, per mille. Absent: the rule is not touched yet.
std::optional<int> share_of_green(const scheduler::Course& course, const Route& route) {
    if (!course.shifted) return {};
    if (route.test) return course.tested ? kWhole : 0;
    return course.shifted;
}

bool in_place(
    const std::map<std::string, int>& weights, const scheduler::Course& course, const Route& route
) {
    const auto wanted = share_of_green(course, route);
    if (!wanted) return true;
    // Without blue the rule stays what its owner made it, if only green's group is named, and so probed.
    if (course.blue.empty() && *wanted == 0) return route.test || weights.contains(route.green);
    const auto blue = weights.find(route.blue);
    const auto green = weights.find(route.green);
    if (weights.size() != 2 || blue == weights.end() || green == weights.end()) return false;
    const int whole = blue->second + green->second;
    return whole > 0 && green->second * kWhole == *wanted * whole;
}

std::vector<TargetGroupTuple> tuples(const Route& route, int green) {
    const bool percent = green % (kWhole / 100) == 0;
    const int whole = percent ? 100 : kWhole;
    const int share = percent ? green / (kWhole / 100) : green;
    return {{route.blue, whole - share}, {route.green, share}};
}

}  // namespace

void take_turns(ServiceRevisionRecord& revision, const ServiceRevisionRecord* blue, bool shifts) {
    const auto has = [&](const std::string& group) {
        return blue != nullptr &&
               std::any_of(blue->load_balancers.begin(), blue->load_balancers.end(), [&](const auto& balancer) {
                   return balancer.group == group;
               });
    };
    for (auto& balancer : revision.load_balancers) {
        if (!balancer.advanced()) continue;
        if (balancer.swapped) balancer.swap();
        const bool other = shifts ? has(balancer.group) : has(balancer.other_group) && !has(balancer.group);
        if (other) balancer.swap();
    }
}

bool apart(const ServiceRevisionRecord& revision, const ServiceRevisionRecord& blue) {
    return !routes_between(&blue, revision).empty();
}

scheduler::Traffic traffic_of(const state::View& view, const ServiceRecord& service, const scheduler::Course& course) {
    scheduler::Traffic traffic;
    for (const auto& route : routes_of(view, service, course)) {
        (route.test ? traffic.test : traffic.production) = true;
        const auto at = find(view, service, route.rule);
        const auto listener = at ? view.get<elbv2::ListenerRecord>(at->listener) : nullptr;
        const auto weights = listener ? elbv2::weights_of(*listener, *at) : std::nullopt;
        if (!weights) {
            traffic.lost = "The listener rule " + route.rule + " does not exist, or does not forward, any more.";
            traffic.in_place = false;
            continue;
        }
        for (const auto& arn : {route.blue, route.green}) {
            if (!exists(view, service, arn)) traffic.lost = "The target group " + arn + " does not exist any more.";
        }
        if (in_place(*weights, course, route)) continue;
        traffic.in_place = false;
        // The course and the listeners change together. To turn it again would send green traffic that is not probed.
        if (!course.blue.empty() && !course.back)
            traffic.lost = "The listener rule " + route.rule + " was changed during the deployment.";
    }
    return traffic;
}

void shift_traffic(
    const state::View& view, const ServiceRecord& service, const scheduler::Course& course, state::Plan& plan
) {
    std::map<std::string, elbv2::ListenerRecord> changed;
    for (const auto& route : routes_of(view, service, course)) {
        const auto at = find(view, service, route.rule);
        const auto known = at ? view.get<elbv2::ListenerRecord>(at->listener) : nullptr;
        const auto weights = known ? elbv2::weights_of(*known, *at) : std::nullopt;
        if (!weights || in_place(*weights, course, route)) continue;
        if (!exists(view, service, route.blue) || !exists(view, service, route.green)) continue;
        auto& listener = changed.try_emplace(at->listener, *known).first->second;
        elbv2::set_weights(listener, *at, tuples(route, *share_of_green(course, route)));
    }
    for (auto& [_, listener] : changed) plan.put(std::move(listener), "the deployment shifts its traffic");
}

}  // namespace gantry::ecs
