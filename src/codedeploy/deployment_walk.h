#pragma once

#include <string>

#include "codedeploy/deployment.h"
#include "codedeploy/traffic.h"
#include "ecs/task_set.h"
#include "state/plan.h"
#include "state/turn.h"
#include "state/view.h"

namespace gantry::codedeploy {

// What a step of a deployment works with; the verbs of deployment_course.h.
class Walk {
  public:
    Walk(const state::View& view, const state::Turn& turn, const DeploymentRecord& deployment, state::Plan& plan)
        : view_(view), turn_(turn), deployment_(deployment), plan_(plan) {}

    void go();

  private:
    // waiting: for what happens outside, or for the next look at what this one planned. over: it has ended.
    enum class Outcome { done, waiting, over };

    bool world_is_there();
    bool listener_is_ours();
    Outcome stopped_by_alarm();

    // Forward.
    void go_forward();
    Outcome work(LifecycleEvent& event);
    Outcome install();
    Outcome make_green();
    Outcome await_green();
    Outcome allow_test_traffic();
    Outcome await_ready();
    Outcome allow_traffic();
    Outcome run_hook(LifecycleEvent& event);
    void finish_blue();

    // Back.
    void go_back();
    bool return_traffic();

    // Ends.
    void leave_only(const std::string& group);
    void succeed();
    Outcome end(DeploymentStatus status, std::string code, std::string message, bool roll_back);
    Outcome fail(std::string code, std::string message);
    void make_rollback();
    void leave_group(const std::string& next, bool succeeded);
    bool rolls_back_on(const char* event) const;

    LifecycleEvent* current();
    state::Pinned<elbv2::ListenerRecord> listener(const std::string& key) const {
        return view_.get<elbv2::ListenerRecord>(key);
    }
    GroupPair pair() const;
    std::string group_arn(const std::string& key) const;
    std::string group_name(const std::string& key) const;
    void put(elbv2::ListenerRecord record, const char* why) {
        plan_.put(std::move(record), why);
        effect_ = true;
    }
    // The deployment changed; it is put once, at the end of the step.
    void note(const char* why) {
        changed_ = true;
        why_ = why;
    }

    const state::View& view_;
    const state::Turn& turn_;
    DeploymentRecord deployment_;
    state::Plan& plan_;
    state::Pinned<ecs::ServiceRecord> service_;
    bool effect_ = false;  // something outside was planned: the view is behind
    bool changed_ = false;
    const char* why_ = "";
};

}  // namespace gantry::codedeploy
