#include "simulation/simulate.h"

#include <unistd.h>

#include <atomic>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <functional>

#include "operation/policy_clock.h"
#include "simulation/checker.h"
#include "simulation/workload.h"
#include "simulation/world.h"

namespace gantry::simulation {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

namespace {

// For the signal handler: formatted beforehand.
char replay_line[128] = "";

void say_replay(int) {
    (void)!::write(STDERR_FILENO, replay_line, std::strlen(replay_line));
    std::signal(SIGABRT, SIG_DFL);
}

// Swarm testing: most runs have a few kinds of fault only, so that each meets all that the others let live.
struct Swarm {
    explicit Swarm(std::uint64_t seed) : chance(seed) {}
    sim::SeededChance chance;

    int below(int end) { return static_cast<int>(chance.draw() % static_cast<std::uint64_t>(end)); }
    int rate(int most) { return below(2) == 0 ? 0 : 1 + below(most); }

    WorldOptions world() {
        WorldOptions options;
        options.seed = chance.draw();
        options.workers = 1 + below(3);
        options.machine = {rate(60), rate(60), rate(200), milliseconds(1 + below(5'000))};
        options.link = {rate(100), rate(100), rate(200), milliseconds(1 + below(6'000))};
        options.store = {rate(50), rate(30), rate(30), rate(300), rate(300), milliseconds(1 + below(2'000))};
        return options;
    }
};

class Run {
  public:
    explicit Run(const WorldOptions& options, std::uint64_t workload_seed)
        : world_(options), checker_(world_), workload_(world_, checker_, workload_seed) {
        workload_.publish_images();
        world_.start();
        workload_.register_all();
    }

    ~Run() { world_.stop(); }

    World& world() { return world_; }
    Checker& checker() { return checker_; }
    Workload& workload() { return workload_; }

    void safety(Swarm& swarm, bool losses) {
        const int rounds = 10 + swarm.below(60);
        const int accidents = swarm.rate(30);
        const int pace = 1 + swarm.below(4'000);
        for (int round = 0; round < rounds; ++round) {
            workload_.act();
            world_.advance(milliseconds(1 + swarm.below(pace)));
            if (swarm.below(100) < accidents) accident(swarm, losses);
        }
    }

    // Until all is as it is wanted, or patience is at its end.
    void converge(const std::string& what) {
        std::vector<std::string> why;
        for (int i = 0; i < 120; ++i) {
            world_.advance(seconds(5));
            why = checker_.unconverged();
            if (why.empty()) return;
        }
        for (const auto& one : why) checker_.violation(what + ": " + one);
        for (const auto& machine : world_.machines())
            if (machine->agent)
                for (const auto& [id, task] : machine->agent->tasks())
                    checker_.event(machine->name + " " + id + " " + encode_text(task->facts()));
    }

    void liveness() {
        world_.no_more_faults();
        for (std::size_t i = 0; i < world_.machines().size(); ++i) world_.start_worker(i);
        converge("does not converge");
        reload();
        workload_.stop_all();
        converge("does not stop");
        for (const auto& left : checker_.leftovers()) checker_.violation("left over: " + left);
        reload();
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
        outcome.kinds = checker_.kinds();
        return outcome;
    }

  private:
    // In a rest: what is loaded must be what was there.
    void reload() {
        const auto status = world_.loop().status();
        if (status.seen == status.durable) checker_.expect_on_load(world_.loop().digest());
        world_.crash_plane();
        world_.advance(seconds(15));
    }

    void accident(Swarm& swarm, bool losses) {
        const auto which = static_cast<std::size_t>(swarm.below(static_cast<int>(world_.machines().size())));
        auto& machine = *world_.machines()[which];
        switch (swarm.below(losses ? 7 : 5)) {
            case 0:
                return world_.crash_plane();
            case 1:
                checker_.event("the control plane will die");
                return world_.store().die_after(1 + static_cast<std::size_t>(swarm.below(5)));
            case 2:
                if (!machine.agent) return world_.start_worker(which);
                return world_.stop_worker(which);
            case 3:
                world_.stop_worker(which);
                return world_.start_worker(which);
            case 4:
                return world_.cut_link(!world_.link_is_cut());
            case 5:
                world_.stop_worker(which);
                checker_.event(machine.name + " loses its disk");
                machine.disk.lose_everything();
                checker_.lost_something(machine);
                return world_.start_worker(which);
            default:
                world_.stop_worker(which);
                checker_.event(machine.name + " is rebooted");
                machine.reboot();
                checker_.lost_something(machine);
                return world_.start_worker(which);
        }
    }

    World world_;
    Checker checker_;
    Workload workload_;
};

}  // namespace

void announce_aborts() { std::signal(SIGABRT, say_replay); }

Outcome simulate(std::uint64_t seed, bool losses) {
    std::snprintf(
        replay_line, sizeof replay_line, "aborted; again: gantry-sim --from %llu --seeds 1%s\n",
        static_cast<unsigned long long>(seed), losses ? " --losses" : ""
    );
    Swarm swarm(seed);
    const auto options = swarm.world();
    Run run(options, swarm.chance.draw());
    run.safety(swarm, losses);
    run.liveness();
    return run.outcome(seed);
}

namespace {

Outcome crash_in(const std::string& name, std::size_t commit, const std::function<void(Run&)>& story) {
    std::snprintf(
        replay_line, sizeof replay_line, "aborted with the control plane dying after commit %zu of %s\n",
        commit, name.c_str()
    );
    WorldOptions options;
    options.seed = 7;
    options.commits_apart = true;
    Run run(options, 7);
    run.world().store().die_after(commit);
    run.checker().note_kinds_anew();
    const auto before = run.world().store().written();
    story(run);
    const auto commits = run.world().store().written() - before;
    run.liveness();
    auto outcome = run.outcome(commit);
    outcome.commits = commits;
    return outcome;
}

}  // namespace

Outcome simulate_crash_after_commit(const std::string& family, std::size_t commit) {
    return crash_in(family, commit, [&](Run& run) {
        run.workload().run(family, 1);
        run.world().advance(minutes(2));
        run.workload().stop_all();
        run.world().advance(minutes(1));
    });
}

Outcome simulate_crash_in_a_long_story(std::size_t commit) {
    return crash_in("a long story", commit, [](Run& run) {
        run.workload().run("web", 2, "token");
        run.world().advance(minutes(1));
        run.world().stop_worker(0);
        run.world().advance(minutes(6));
        run.world().start_worker(0);
        run.world().advance(minutes(1));
        run.workload().stop_all();
        // A day passes by policy time: everything is forgotten.
        run.world().loop().submit(
            [](state::Txn& txn) -> Result<void> {
                txn.put(PolicyClockRecord{txn.real_now(), txn.now() + std::chrono::hours(25), 1, {}});
                return {};
            },
            {}, [](Result<void>) {}
        );
        run.world().advance(minutes(2));
    });
}

}  // namespace gantry::simulation
