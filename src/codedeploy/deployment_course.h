#pragma once

#include "codedeploy/deployment.h"
#include "state/plan.h"
#include "state/turn.h"
#include "state/view.h"

namespace gantry::codedeploy {

// One step of a deployment that has not ended:
//
//   BeforeInstall            its hook
//   Install                  what older deployments left goes; the listener gets green's group with weight 0, so
//                            that it is probed; green's task set is made, and waited for until it is steady
//   AfterInstall             its hook
//   AllowTestTraffic         the test listener shows green
//   AfterAllowTestTraffic    its hook
//   (ready wait)             Ready until ContinueDeployment, or the time is over
//   BeforeAllowTraffic       its hook
//   AllowTraffic             the weights move: at once, or step by step; at 100 green becomes PRIMARY
//   AfterAllowTraffic        its hook
//   (termination wait), blue's task set goes, Succeeded
//
// A deployment that fails, is stopped or is stopped by an alarm ends there, and if it is to be rolled back, a
// second one takes its place in the group: traffic returns, then green goes. Otherwise all stays as it is; the
// next deployment removes the task set that is left.
//
// Waits and steps are policy time. Green has an hour of it to become healthy, as on AWS; an hour that was jumped
// over fails it only when starts have failed, or ten real minutes are over.
void advance(
    const state::View& view, const state::Turn& turn, const DeploymentRecord& deployment, state::Plan& plan
);

}  // namespace gantry::codedeploy
