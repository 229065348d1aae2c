#include "simulation/service_life.h"

#include <functional>

#include "ecs/service.h"
#include "simulation/balancer_checker.h"
#include "simulation/balancer_workload.h"
#include "simulation/service_checker.h"
#include "simulation/service_workload.h"
#include "simulation/workload.h"

namespace gantry::simulation {

using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

class Life {
  public:
    explicit Life(std::uint64_t seed)
        : chance_(seed),
          world_(options()),
          checker_(world_),
          tasks_(world_, checker_, chance_.draw()),
          services_checker_(checker_),
          balancers_checker_(world_, checker_) {
        // The services' checker sees each change, in every life of the control plane.
        world_.on_new_loop = [this, before = world_.on_new_loop](control::Loop& loop) {
            before(loop);
            loop.on_change([this](const state::View& view, const state::Change& change) {
                services_checker_.changed(view, change);
            });
            balancers_checker_.subscribe(loop);
        };
        world_.after_step = [this, before = world_.after_step] {
            before();
            balancers_checker_.look();
        };
        tasks_.publish_images();
        world_.start();
        tasks_.register_all();
        services_ = std::make_unique<ServiceWorkload>(world_, checker_, chance_.draw(), tasks_.families());
        if (below(4) == 0) return;
        balancers_ = std::make_unique<BalancerWorkload>(world_, checker_, chance_.draw());
        balancers_->make();
        services_->stand_behind(balancers_->groups());
    }
    ~Life() { world_.stop(); }

    void safety() {
        const int rounds = 10 + below(40);
        const int accidents = rate(20);
        const int pace = 1 + below(8'000);
        for (int round = 0; round < rounds; ++round) {
            services_->act();
            if (balancers_) balancers_->act();
            world_.advance(milliseconds(1 + below(pace)));
            if (below(100) < accidents) accident();
        }
    }

    void liveness() {
        world_.no_more_faults();
        if (balancers_) balancers_->mend();
        for (std::size_t i = 0; i < world_.machines().size(); ++i) world_.start_worker(i);
        until_quiet("services do not converge", [this] { services_->mend(); });
        reload();
        until_quiet("services do not stay", [] {});
        until_quiet("services are not removed", [this] { services_->remove_all(); });
        if (balancers_)
            until_quiet("load balancers are not removed", [this] { balancers_->remove(); });
        for (const auto& left : balancers_checker_.leftovers()) checker_.violation("left over: " + left);
        for (const auto& left : checker_.leftovers()) checker_.violation("left over: " + left);
        for (const auto& service : world_.view().list<ecs::ServiceRecord>())
            if (service->status != ecs::ServiceStatus::INACTIVE)
                checker_.violation("left over: service " + service->name);
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
        outcome.commits = world_.store().written();
        return outcome;
    }

  private:
    int below(int end) { return static_cast<int>(chance_.draw() % static_cast<std::uint64_t>(end)); }
    int rate(int most) { return below(2) == 0 ? 0 : 1 + below(most); }

    WorldOptions options() {
        WorldOptions options;
        options.seed = chance_.draw();
        options.workers = 1 + below(3);
        options.machine = {rate(30), rate(30), rate(100), milliseconds(1 + below(5'000))};
        options.link = {rate(50), rate(50), rate(100), milliseconds(1 + below(4'000))};
        options.store = {rate(20), rate(20), rate(20), rate(100), rate(100), milliseconds(1 + below(1'000))};
        return options;
    }

    void until_quiet(const std::string& what, const std::function<void()>& ask) {
        std::vector<std::string> why;
        for (int i = 0; i < 240; ++i) {
            if (i % 6 == 0) ask();
            world_.advance(seconds(5));
            why = checker_.unconverged();
            for (auto& one : services_->unconverged()) why.push_back(std::move(one));
            for (auto& one : balancers_checker_.unconverged()) why.push_back(std::move(one));
            if (why.empty() && i > 0) return;
        }
        for (const auto& one : why) checker_.violation(what + ": " + one);
    }

    void reload() {
        const auto status = world_.loop().status();
        if (status.seen == status.durable) checker_.expect_on_load(world_.loop().digest());
        world_.crash_plane();
        world_.advance(seconds(15));
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
    std::unique_ptr<ServiceWorkload> services_;
    std::unique_ptr<BalancerWorkload> balancers_;
};

}  // namespace

Outcome simulate_services(std::uint64_t seed) {
    Life life(seed);
    life.safety();
    life.liveness();
    return life.outcome(seed);
}

}  // namespace gantry::simulation
