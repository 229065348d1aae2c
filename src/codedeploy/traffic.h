#pragma once

#include <optional>
#include <string>

#include "elbv2/listener.h"

namespace gantry::codedeploy {

// The two target groups of a deployment, as a listener's forwards name them: ARNs.
struct GroupPair {
    std::string blue, green;
};
// Percent of the traffic that each gets; together 100.
struct Split {
    int blue = 0;
    int green = 0;
    friend bool operator==(const Split&, const Split&) = default;
};

// How the listener's forwards to groups of the pair (the default action's and the rules') split the traffic.
// Forwards that name a third group are somebody else's. Absent: there is none, or they differ.
std::optional<Split> split_of(const elbv2::ListenerRecord& listener, const GroupPair& pair);

// The listener with those forwards split anew. The data planes take the whole listener over at once: no
// connection meets a listener without a target. A group with weight 0 is probed, and drains its flows.
elbv2::ListenerRecord with_split(elbv2::ListenerRecord listener, const GroupPair& pair, Split split);
// The same with the one group alone: as network balancers' listeners are left when a deployment is over.
elbv2::ListenerRecord with_only(elbv2::ListenerRecord listener, const GroupPair& pair, const std::string& group);

}  // namespace gantry::codedeploy
