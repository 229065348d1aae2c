#pragma once

#include "operation/controller.h"

namespace gantry::elbv2 {

// What becomes of a target. Keys are TargetRecord's.
//
//   its worker reported a probe         → judged by the group's thresholds
//   no flow is left while draining      → it is gone
//   its group is deleted                → it goes too
//   its delay is over while draining,
//   or nobody sends it anything then    → it is gone
//   the group's thresholds changed      → judged again
//   nobody sends it anything            → what was seen is forgotten; it begins anew, as another registration,
//                                         when a listener forwards to the group (again)
class TargetController : public Controller {
  public:
    std::string_view name() const override { return "elbv2.target"; }
    void affected(const state::View& view, const state::Change& change, const KeySink& look_at)
        const override;
    void all(const state::View& view, const KeySink& look_at) const override;
    state::Plan reconcile(const state::View& view, std::string_view key, const state::Turn& turn)
        const override;
};

}  // namespace gantry::elbv2
