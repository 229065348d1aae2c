#pragma once

#include "operation/controller.h"

namespace gantry::codedeploy {

// Walks each deployment through its course (deployment_course.h). Keys are deployments' record keys. A look does
// at most one thing to services and listeners, together with the note of it in the deployment: killed at any
// moment, it goes on where it was.
class DeploymentController : public Controller {
  public:
    std::string_view name() const override { return "codedeploy.deployment"; }
    void affected(const state::View& view, const state::Change& change, const KeySink& look_at)
        const override;
    void all(const state::View& view, const KeySink& look_at) const override;
    state::Plan reconcile(const state::View& view, std::string_view key, const state::Turn& turn)
        const override;
};

}  // namespace gantry::codedeploy
