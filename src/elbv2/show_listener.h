#pragma once

#include "elbv2/listener.h"

namespace gantry::elbv2 {

// As DescribeListeners has it: the default certificate only.
shapes::elbv2::Listener show(const ListenerRecord& listener);
// The rule at that place, or the default rule (FoundRule::kDefault).
shapes::elbv2::Rule show_rule(const ListenerRecord& listener, std::size_t at);

}  // namespace gantry::elbv2
