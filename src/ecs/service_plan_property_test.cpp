#include <cstdlib>

#include "ecs/service_rolling.h"
#include "ecs/service_spread.h"
#include "ecs/service_world_test.h"

namespace gantry::ecs::scheduler::testing {
namespace {

using std::chrono::seconds;

// More by hand: GANTRY_PLANNER_LIVES=100000.
int lives() {
    const char* given = std::getenv("GANTRY_PLANNER_LIVES");
    return given != nullptr ? std::atoi(given) : 10'000;
}

template <class T>
T any(ServiceWorld& world, std::initializer_list<T> of) {
    return *(of.begin() + world.draw(static_cast<int>(of.size())));
}

void configure(ServiceWorld& world) {
    auto& service = world.service;
    service.desired = world.draw(13);
    service.minimum_percent = any(world, {0, 25, 33, 50, 66, 75, 100, 100});
    service.maximum_percent = any(world, {100, 110, 125, 150, 200, 200});
    service.breaks_circuit = world.chance(50);
    service.rolls_back = service.breaks_circuit && world.chance(60);
    service.grace = seconds(any(world, {0, 0, 10, 60}));
    service.rebalances = world.chance(40);
    service.changes_max = any(world, {1, 3, 10, 40});
    world.checked = world.chance(70);
    world.placement.zones = {"a", "b", "c"};
    world.placement.zones.resize(1 + world.draw(3));
    if (world.chance(50))
        world.placement.providers = {{"FARGATE", world.draw(3), world.draw(3)}, {"FARGATE_SPOT", 0, 1}};
}

Fate any_fate(ServiceWorld& world) {
    if (world.chance(50)) return {};
    return {any(world, {0, 30, 100}), any(world, {0, 30, 100})};
}

void disturb(ServiceWorld& world) {
    auto& service = world.service;
    const int what = world.draw(100);
    if (what < 6) {
        if (!world.task_set) world.deploy(any_fate(world));
    } else if (what < 12) {
        service.desired = world.draw(13);
    } else if (what < 15 && !world.task_set) {
        service.minimum_percent = any(world, {0, 50, 100});
    } else if (what < 17) {
        service.no_room = !service.no_room;
    } else if (what < 19) {
        service.rollback_requested = world.primary().rollout == Rollout::in_progress;
    } else if (!service.tasks.empty()) {
        auto& task = service.tasks[world.draw(static_cast<int>(service.tasks.size()))];
        if (what < 40) {
            world.die(task.id);
        } else if (what < 60 && task.running && world.checked) {
            world.set_health(task, world.chance(50));
        } else if (what < 65) {
            task.is_protected = !task.is_protected;
            task.protected_until = world.now.policy + seconds(600);
        }
    }
}

int wanted(const Service& service) {
    return static_cast<int>(std::count_if(service.tasks.begin(), service.tasks.end(), [](const Task& task) {
        return !task.stopping;
    }));
}

// GANTRY_PLANNER_SEED=N shows what happens in that life.
void show(const ServiceWorld& world, const ServicePlan& plan) {
    static const bool verbose = std::getenv("GANTRY_PLANNER_SEED") != nullptr;
    if (!verbose) return;
    const auto& service = world.service;
    const auto census = world.census();
    std::printf(
        "%lld: desired %d (%d..%d)%s ", static_cast<long long>(world.now.real.ms / 1000 % 100'000),
        service.desired, least_healthy(service), most_tasks(service), service.no_room ? " no room" : ""
    );
    for (const auto& deployment : service.deployments) {
        const auto& group = census.deployments.at(deployment.id);
        std::printf(
            " | %s%s %s%d: %d starting (%d unplaced) %d serving %d failing %d leaving", deployment.id.c_str(),
            deployment.primary ? "*" : "", deployment.proven ? "proven " : "",
            static_cast<int>(deployment.rollout), group.starting, group.unplaced, group.serving,
            group.failing, group.leaving
        );
    }
    std::printf("\n");
    for (const auto& start : plan.starts)
        std::printf("    start %s %s\n", start.deployment.c_str(), start.zone.c_str());
    for (const auto& stop : plan.stops)
        std::printf("    stop %s: %s\n", stop.task.c_str(), stop.reason.c_str());
    for (const auto& event : plan.events) std::printf("    %s\n", event.c_str());
}

// One step of the planner, with what must hold of every one.
void step(ServiceWorld& world, const ServicePlan& plan) {
    show(world, plan);
    const auto& service = world.service;
    const int before = wanted(service);
    const int serving_before = world.census().all.serving;
    std::map<std::string, const Task*> by_id;
    for (const auto& task : service.tasks) by_id[task.id] = &task;
    for (const auto& stop : plan.stops) {
        ASSERT_TRUE(by_id.contains(stop.task) && !by_id[stop.task]->stopping);
        ASSERT_TRUE(service.deleted || !by_id[stop.task]->is_protected) << "a protected task is stopped";
        ASSERT_FALSE(stop.reason.empty());
    }
    for (const auto& start : plan.starts) {
        const bool known =
            std::any_of(plan.deployments.begin(), plan.deployments.end(), [&](const auto& deployment) {
                return deployment.id == start.deployment && deployment.rollout != Rollout::failed;
            });
        ASSERT_TRUE(known) << "a start for a deployment that is over";
        ASSERT_TRUE(world.placement.zones.empty() || !start.zone.empty());
    }
    const auto told =
        std::count_if(plan.stops.begin(), plan.stops.end(), [](const Stop& stop) { return stop.hung; });
    const int changes = static_cast<int>(plan.starts.size() + plan.stops.size() + told);
    ASSERT_LE(changes, std::max(service.changes_max, 2)) << "it may not fit a transaction";
    world.apply(plan);
    const int after = wanted(service);
    if (!plan.starts.empty()) {
        ASSERT_LE(after, most_tasks(service)) << "above maximumPercent";
    }
    ASSERT_LE(after, std::max(before, most_tasks(service)));
    ASSERT_GE(world.census().all.serving, std::min(serving_before, least_healthy(service)))
        << "below minimumHealthyPercent";
    const int primaries = static_cast<int>(std::count_if(
        service.deployments.begin(), service.deployments.end(), [](const auto& d) { return d.primary; }
    ));
    ASSERT_EQ(primaries, 1);
}

void turbulent(ServiceWorld& world) {
    for (int i = 0, steps = 20 + world.draw(100); i < steps; ++i) {
        if (world.chance(40)) disturb(world);
        if (world.chance(60)) world.progress(50);
        if (world.chance(50)) world.pass(seconds(world.draw(60)));
        const auto plan = world.plan();
        ASSERT_NO_FATAL_FAILURE(step(world, plan));
    }
}

// Nothing goes wrong any more.
void calm_down(ServiceWorld& world) {
    auto& service = world.service;
    for (auto& [id, fate] : world.fates) fate = {};
    service.no_room = false;
    service.rollback_requested = false;
    for (auto& task : service.tasks) task.is_protected = false;
}

// With no room between the two percentages a rolling update cannot go on, on AWS either.
bool stuck(const Service& service) {
    return service.desired > 0 && most_tasks(service) <= service.desired &&
           least_healthy(service) >= service.desired;
}

void expect_converged(ServiceWorld& world) {
    auto& service = world.service;
    const auto census = world.census();
    if (service.deleted) {
        ASSERT_TRUE(world.gone);
        ASSERT_TRUE(service.tasks.empty());
        return;
    }
    const auto& primary = world.primary();
    if (primary.rollout == Rollout::failed || stuck(service)) return;
    ASSERT_EQ(primary.rollout, Rollout::completed);
    ASSERT_EQ(service.deployments.size(), 1u);
    ASSERT_EQ(census.deployments.at(primary.id).serving, service.desired);
    ASSERT_EQ(census.all.size(), service.desired);
    ASSERT_TRUE(service.told.steady);
    if (service.rebalances && most_tasks(service) > service.desired) {
        const auto& at = service.placements.at(primary.id);
        Spread spread(at.zones, at.providers);
        for (const auto& task : service.tasks) spread.add(task.zone, task.provider);
        ASSERT_LE(spread.imbalance(), 1);
    }
}

void live(std::uint32_t seed, bool task_set) {
    ServiceWorld world(seed);
    configure(world);
    if (task_set)
        world.keep_task_set(any_fate(world));
    else
        world.deploy(any_fate(world));
    ASSERT_NO_FATAL_FAILURE(turbulent(world));
    calm_down(world);
    world.service.deleted = world.chance(10);
    if (task_set && world.service.deleted) world.service.desired = 0;
    world.starts = 0;
    const int tasks = static_cast<int>(world.service.tasks.size());
    int quiet = 0;
    for (int i = 0; i < 3'000 && quiet < 3 && !world.gone; ++i) {
        const auto plan = world.plan();
        const bool idle = plan.idle(world.service);
        ASSERT_NO_FATAL_FAILURE(step(world, plan));
        const auto again = world.plan();
        if (idle) {
            ASSERT_TRUE(again.idle(world.service)) << "a state that is converged gives a plan";
            world.progress(100);
            if (plan.real_again) world.pass(*plan.real_again - world.now.real);
            const bool still = !plan.real_again && world.plan().idle(world.service);
            quiet = still ? quiet + 1 : 0;
        }
    }
    ASSERT_TRUE(quiet == 3 || world.gone) << "it never comes to rest";
    ASSERT_NO_FATAL_FAILURE(expect_converged(world));
    // Each missing, each failing and each moved task is started once; two rows of them at most where the last
    // completed revision stood in.
    ASSERT_LE(world.starts, 3 * world.service.desired + tasks) << "tasks come and go for nothing";
}

void live_all(bool task_set) {
    const char* only = std::getenv("GANTRY_PLANNER_SEED");
    const std::uint32_t first = only != nullptr ? static_cast<std::uint32_t>(std::atoi(only)) : 1;
    const std::uint32_t last = only != nullptr ? first : static_cast<std::uint32_t>(lives());
    for (std::uint32_t seed = first; seed <= last; ++seed) {
        live(seed, task_set);
        if (::testing::Test::HasFatalFailure())
            FAIL() << "seed " << seed << ": repeat with GANTRY_PLANNER_SEED";
    }
}

TEST(ServicePlanProperty, HoldsInEveryLife) { live_all(false); }
TEST(ServicePlanProperty, HoldsInEveryLifeOfATaskSet) { live_all(true); }

}  // namespace
}  // namespace gantry::ecs::scheduler::testing
