#include "simulation/deployment_life.h"

#include <functional>

#include "codedeploy/deployment.h"
#include "ecs/service.h"
#include "operation/controller.h"
#include "simulation/balancer_checker.h"
#include "simulation/balancer_workload.h"
#include "simulation/deployment_workload.h"
#include "simulation/service_checker.h"
#include "simulation/workload.h"

namespace gantry::simulation {

using codedeploy::DeploymentRecord;
using codedeploy::DeploymentStatus;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

// What ended stays as it is. Of durable changes: what the store refuses is undone.
void check_end(Checker& checker, const state::View& view, const state::Change& change) {
    if (!change.after) return;
    const auto* before = gantry::changed<DeploymentRecord>(view, change, change.before);
    const auto* after = gantry::changed<DeploymentRecord>(view, change, change.after);
    if (before == nullptr || after == nullptr) return;
    if (before->ended()) checker.violation(after->id + " changes after its end");
    for (std::size_t i = 0; i < before->events.size(); ++i)
        if (before->events[i].ended() && before->events[i] != after->events[i])
            checker.violation(after->id + ": " + before->events[i].name + " changes after its end");
}

// What a group calls active is, and nothing else of it.
void check_active(Checker& checker, const state::View& view, const state::Change& change) {
    if (!change.after || view.database().find(change.table, change.key) != change.after) return;
    const auto* deployment = gantry::changed<DeploymentRecord>(view, change, change.after);
    if (deployment == nullptr) return;
    const auto group = view.get<codedeploy::DeploymentGroupRecord>(deployment->group_key());
    if (group && (group->active == deployment->id) == deployment->ended())
        checker.violation(deployment->id + " and its group differ about whether it is under way");
}

class Life {
  public:
    Life(std::uint64_t seed, const std::function<WorldOptions(sim::SeededChance&)>& options)
        : chance_(seed),
          world_(options(chance_)),
          checker_(world_),
          tasks_(world_, checker_, chance_.draw()),
          services_checker_(checker_),
          balancers_checker_(world_, checker_) {
        world_.on_new_loop = [this, before = world_.on_new_loop](control::Loop& loop) {
            before(loop);
            loop.on_change([this](const state::View& view, const state::Change& change) {
                services_checker_.changed(view, change);
                check_active(checker_, view, change);
            });
            loop.on_durable([this, &loop](const state::ChangeSet& changes) {
                for (const auto& change : changes) check_end(checker_, loop.view(), change);
            });
            balancers_checker_.subscribe(loop);
        };
        world_.after_step = [this, before = world_.after_step] {
            before();
            balancers_checker_.look();
            if (must_serve_) deployments_->check_served();
        };
        tasks_.publish_images();
        world_.start();
        tasks_.register_all();
        balancers_ = std::make_unique<BalancerWorkload>(world_, checker_, chance_.draw());
        balancers_->make();
        deployments_ = std::make_unique<DeploymentWorkload>(
            world_, checker_, chance_.draw(), balancers_->groups(), tasks_.families()
        );
        deployments_->make();
    }
    ~Life() { world_.stop(); }

    void safety() {
        const int rounds = 10 + below(30);
        const int accidents = rate(20);
        const int pace = 1 + below(20'000);
        for (int round = 0; round < rounds; ++round) {
            deployments_->act();
            balancers_->act();
            world_.advance(milliseconds(1 + below(pace)));
            if (below(100) < accidents) accident();
        }
    }

    // Dies after the commit; what must come of it comes all the same.
    void story(DeploymentStory story, std::size_t commit) {
        until_quiet("the service does not come up", [] {});
        must_serve_ = true;
        const auto before = world_.store().written();
        world_.store().die_after(commit);
        // A client that was not told asks again.
        const std::string hook = story == DeploymentStory::hook_fails ? "failure" : "job";
        while (!deployments_->newest()) {
            deployments_->deploy("checked", hook);
            world_.advance(seconds(1));
        }
        const std::string id = deployments_->newest()->id;
        for (int i = 0; i < 600 && deployments_->under_way(); ++i) {
            if (story == DeploymentStory::stopped) {
                const auto now = deployments_->under_way();
                if (now->green_weight == 100 && !now->stop_requested) deployments_->stop(true);
            }
            world_.advance(seconds(1));
        }
        commits_ = world_.store().written() - before;
        world_.store().die_after(0);
        if (deployments_->under_way()) checker_.violation("it does not end");
        const auto ended = world_.view().get<DeploymentRecord>(world_.caller().scope() + id);
        const auto wanted = story == DeploymentStory::succeeds  ? DeploymentStatus::Succeeded
                            : story == DeploymentStory::stopped ? DeploymentStatus::Stopped
                                                                : DeploymentStatus::Failed;
        if (ended->status != wanted) checker_.violation("it ends otherwise: " + encode_text(*ended));
        if (ended->rollback_id.empty() != (wanted == DeploymentStatus::Succeeded))
            checker_.violation("rolled back or not: " + encode_text(*ended));
        until_quiet("it does not come to rest", [] {});
        must_serve_ = false;
    }

    void liveness() {
        world_.no_more_faults();
        balancers_->mend();
        for (std::size_t i = 0; i < world_.machines().size(); ++i) world_.start_worker(i);
        until_quiet("no deployment succeeds", [this] { deployments_->mend(); });
        const auto last = deployments_->newest();
        if (!last || last->status != DeploymentStatus::Succeeded)
            checker_.violation("the last deployment has not succeeded");
        end();
    }

    void end() {
        const auto gone = [this](const std::string& what, const std::function<void()>& ask,
                                 const std::function<bool()>& done) {
            for (int i = 0; i < 240; ++i) {
                if (i % 6 == 0) ask();
                world_.advance(seconds(5));
                if (done()) return;
            }
            checker_.violation(what);
        };
        gone("the service is not removed", [this] { deployments_->remove(); }, [this] {
            for (const auto& service : world_.view().list<ecs::ServiceRecord>())
                if (service->status != ecs::ServiceStatus::INACTIVE) return false;
            return checker_.unconverged().empty();
        });
        gone("the load balancer is not removed", [this] { balancers_->remove(); }, [this] {
            return balancers_checker_.leftovers().empty() && checker_.leftovers().empty();
        });
        for (const auto& left : balancers_checker_.leftovers()) checker_.violation("left over: " + left);
        for (const auto& left : checker_.leftovers()) checker_.violation("left over: " + left);
    }

    Outcome outcome(std::uint64_t seed) {
        Outcome outcome;
        outcome.seed = seed;
        outcome.digest = checker_.digest() ^ world_.loop().digest();
        outcome.last_draw = world_.last_draw();
        outcome.violations = checker_.violations();
        outcome.events = checker_.events();
        outcome.tasks = checker_.tasks_seen();
        outcome.crashes = world_.crashes();
        outcome.commits = commits_ != 0 ? commits_ : world_.store().written();
        return outcome;
    }

  private:
    int below(int end) { return static_cast<int>(chance_.draw() % static_cast<std::uint64_t>(end)); }
    int rate(int most) { return below(2) == 0 ? 0 : 1 + below(most); }

    void until_quiet(const std::string& what, const std::function<void()>& ask) {
        std::vector<std::string> why;
        for (int i = 0; i < 360; ++i) {
            if (i % 6 == 0) ask();
            world_.advance(seconds(5));
            why = checker_.unconverged();
            for (auto& one : deployments_->unconverged()) why.push_back(std::move(one));
            for (auto& one : balancers_checker_.unconverged()) why.push_back(std::move(one));
            if (why.empty() && i > 0) return;
        }
        for (const auto& one : why) checker_.violation(what + ": " + one);
    }

    void accident() {
        const auto which = static_cast<std::size_t>(below(static_cast<int>(world_.machines().size())));
        switch (below(4)) {
            case 0:
                return world_.crash_plane();
            case 1:
                return world_.store().die_after(1 + static_cast<std::size_t>(below(5)));
            case 2:
                if (!world_.machines()[which]->agent) return world_.start_worker(which);
                return world_.stop_worker(which);
            default:
                return world_.cut_link(!world_.link_is_cut());
        }
    }

    sim::SeededChance chance_;
    World world_;
    Checker checker_;
    Workload tasks_;
    ServiceChecker services_checker_;
    BalancerChecker balancers_checker_;
    std::unique_ptr<BalancerWorkload> balancers_;
    std::unique_ptr<DeploymentWorkload> deployments_;
    bool must_serve_ = false;
    std::size_t commits_ = 0;
};

}  // namespace

Outcome simulate_deployments(std::uint64_t seed) {
    Life life(seed, [](sim::SeededChance& chance) {
        const auto below = [&](int end) { return static_cast<int>(chance.draw() % static_cast<std::uint64_t>(end)); };
        const auto rate = [&](int most) { return below(2) == 0 ? 0 : 1 + below(most); };
        WorldOptions options;
        options.seed = chance.draw();
        options.workers = 1 + below(3);
        options.machine = {rate(30), rate(30), rate(100), milliseconds(1 + below(5'000))};
        options.link = {rate(50), rate(50), rate(100), milliseconds(1 + below(4'000))};
        options.store = {rate(20), rate(20), rate(20), rate(100), rate(100), milliseconds(1 + below(1'000))};
        return options;
    });
    life.safety();
    life.liveness();
    return life.outcome(seed);
}

Outcome simulate_crash_in_a_deployment(DeploymentStory story, std::size_t commit) {
    Life life(7, [](sim::SeededChance&) {
        WorldOptions options;
        options.seed = 7;
        options.workers = 2;
        options.commits_apart = true;
        return options;
    });
    life.story(story, commit);
    life.end();
    return life.outcome(commit);
}

}  // namespace gantry::simulation
