#pragma once

#include <boost/describe.hpp>
#include <string>

#include "base/codec.h"
#include "state/schema.h"
#include "state/txn.h"

namespace gantry::ecs {

// How the operator of this installation wants answers, where ECS's own way troubles clients. One record, there
// only when something is not as on ECS.
struct PresentationRecord {
    static constexpr state::TableInfo kTable{"ecs.presentation", 1};

    // A service under CODE_DEPLOY shows its PRIMARY task set as its only deployment too: `aws ecs wait
    // services-stable` and terraform's wait_for_steady_state want exactly one, and ECS shows none.
    bool codedeploy_synthetic_deployment = false;

    std::string key() const { return "installation"; }
    friend bool operator==(const PresentationRecord&, const PresentationRecord&) = default;
};
BOOST_DESCRIBE_STRUCT(PresentationRecord, (), (codedeploy_synthetic_deployment))

PresentationRecord presentation(const state::View& view);

// Writes nothing when it is so already.
void set_presentation(state::Txn& txn, const PresentationRecord& wanted);

}  // namespace gantry::ecs
