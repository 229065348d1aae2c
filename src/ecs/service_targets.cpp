#include "ecs/service_targets.h"

#include <map>
#include <set>

#include "ecs/event.h"
#include "ecs/service_event.h"
#include "ecs/service_words.h"
#include "ecs/task_set.h"
#include "elbv2/service_targets.h"

namespace gantry::ecs {

using link::TaskStatus;

namespace {

// Records that one step may write for tasks; events and the service come on top.
constexpr int kRecordsMax = 60;
constexpr std::int64_t kEventsLookedAt = 20;

class Mover {
  public:
    // `task_sets`: events name the task set that they are of.
    Mover(const state::View& view, const state::Turn& turn, bool task_sets, state::Plan& plan)
        : view_(view), turn_(turn), task_sets_(task_sets), plan_(plan) {}

    void look_at(const state::Pinned<TaskRecord>& task) {
        if (left_ <= 0) return;
        if (!task->stopping()) {
            if (task->last_status == TaskStatus::ACTIVATING) enter(*task);
        } else if (!task->target_groups.empty()) {
            leave(*task);
        }
    }

    void tell(ServiceRecord& service) {
        bool told = false;
        for (const auto& [set, news] : news_) {
            const auto note = [&, &of = set](const std::string& event) {
                note_event(view_, service, turn_, words::told(service.name, of, event), plan_);
                told = true;
            };
            for (const auto& [group, targets] : news.entered) note(words::registered(targets, group));
            for (const auto& group : news.missing) {
                if (!told_lately(service, words::told(service.name, set, words::not_registered(group))))
                    note(words::not_registered(group));
            }
            if (news.draining > 0) note(words::draining(news.draining));
            for (const auto& [group, targets] : news.left) note(words::deregistered(targets, group));
            if (!news.stopped.empty()) note(words::stopped(news.stopped));
        }
        if (told) plan_.put(service, "its events are counted");
    }

  private:
    // What events tell of.
    struct News {
        std::map<std::string, std::size_t> entered, left;  // by target group ARN
        std::set<std::string> missing;
        std::size_t draining = 0;
        std::vector<std::string> stopped;
    };

    News& news_of(const TaskRecord& task) {
        if (!task_sets_) return news_[{}];
        return news_[task.service_revision.substr(task.service_revision.rfind('/') + 1)];
    }

    // A failure that lasts is told once, not at each look.
    bool told_lately(const ServiceRecord& service, const std::string& event) const {
        for (auto number = service.last_event; number > 0 && number > service.last_event - kEventsLookedAt; --number) {
            const auto known =
                view_.get<ServiceEventRecord>(ServiceEventRecord::key(service.parts(), number));
            if (known && known->message == event) return true;
        }
        return false;
    }

    void enter(TaskRecord task) {
        const auto revision = view_.get<ServiceRevisionRecord>(task.service_revision);
        if (revision) {
            // Without its registration it does not serve, so it is not RUNNING.
            bool complete = true;
            for (const auto& balancer : revision->load_balancers) {
                if (elbv2::group_exists(view_, balancer.group)) continue;
                news_of(task).missing.insert(balancer.target_group_arn);
                complete = false;
            }
            if (!complete) return;
            for (const auto& balancer : revision->load_balancers) {
                elbv2::register_target(
                    view_, turn_, balancer.group, task.interface.address, balancer.port,
                    task.availability_zone, task.key(), plan_
                );
                ++news_of(task).entered[balancer.target_group_arn];
                task.target_groups.push_back(balancer.group);
            }
        }
        task.last_status = TaskStatus::RUNNING;
        task.running_since = turn_.real_now;
        write(std::move(task), "registered with its load balancers");
    }

    void leave(TaskRecord task) {
        const bool dead = task.last_status >= TaskStatus::STOPPING || task.stop_code == "TerminationNotice";
        if (dead || task.hung) {
            elbv2::drop_targets(view_, task.key(), plan_);
            deregister(task);
            task.target_groups.clear();
            if (!dead) signal(task);
            return write(std::move(task), "what is dead or hangs waits for no connection");
        }
        if (task.last_status < TaskStatus::DEACTIVATING) {
            elbv2::drain_targets(view_, turn_, task.key(), plan_);
            deregister(task);
            ++news_of(task).draining;
            task.last_status = TaskStatus::DEACTIVATING;
            return write(std::move(task), "deregistered before it is stopped");
        }
        if (!view_.find<elbv2::TargetsByOwner>(task.key()).empty()) return;
        task.target_groups.clear();
        signal(task);
        write(std::move(task), "its load balancers have let go of it");
    }

    void deregister(const TaskRecord& task) {
        if (task.last_status == TaskStatus::DEACTIVATING) return;  // told before
        const auto revision = view_.get<ServiceRevisionRecord>(task.service_revision);
        if (!revision) return;
        for (const auto& balancer : revision->load_balancers) ++news_of(task).left[balancer.target_group_arn];
    }

    void signal(TaskRecord& task) {
        task.last_status = TaskStatus::STOPPING;
        news_of(task).stopped.push_back(task.id);
    }

    void write(TaskRecord task, const char* why) {
        left_ -= 2 + static_cast<int>(std::max(task.target_groups.size(), std::size_t{1}));
        note_change(view_, turn_, task, plan_);
        plan_.put(std::move(task), why);
    }

    const state::View& view_;
    const state::Turn& turn_;
    const bool task_sets_;
    state::Plan& plan_;
    int left_ = kRecordsMax;
    std::map<std::string, News> news_;  // by task set; without them, all under ""
};

}  // namespace

void move_targets(
    const state::View& view,
    const state::Turn& turn,
    const std::vector<state::Pinned<TaskRecord>>& tasks,
    ServiceRecord* service,
    state::Plan& plan
) {
    Mover mover(view, turn, service != nullptr && uses_task_sets(*service), plan);
    for (const auto& task : tasks) mover.look_at(task);
    if (service != nullptr) mover.tell(*service);
}

}  // namespace gantry::ecs
