#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "elbv2/listener.h"
#include "state/view.h"

// Where a rule of a listener, or the listener itself, sends its traffic: what deployments turn from one target
// group to another by weights.
namespace gantry::elbv2 {

struct ListenerRoute {
    std::string listener;     // record key
    std::string rule;         // the rule's id; empty: the default action
    bool application = false;  // behind an application load balancer
};

// By the ARN of a rule (the default one included) or of a listener. Absent: neither exists in this account and region.
std::optional<ListenerRoute> find_route(
    const state::View& view, const std::string& account, const std::string& region, const std::string& arn
);

// The weights of the target groups, by ARN, that it forwards to. Absent: it does not forward, or its rule is gone.
std::optional<std::map<std::string, int>> weights_of(const ListenerRecord& listener, const ListenerRoute& route);

// Its forward action goes to these groups alone from now on; stickiness stays as it is. The data planes take the whole
// listener over at once: no connection meets a listener without a target. A group with weight 0 is probed, and drains
// its flows. Changes nothing where weights_of() is absent.
void set_weights(
    ListenerRecord& listener, const ListenerRoute& route, std::vector<shapes::elbv2::TargetGroupTuple> groups
);

// The same of one action, which forwards.
void forward_to(shapes::elbv2::Action& action, std::vector<shapes::elbv2::TargetGroupTuple> groups);

}  // namespace gantry::elbv2
