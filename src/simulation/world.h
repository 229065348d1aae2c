#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/json/parse.hpp>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/assertion.h"
#include "control/loop.h"
#include "control/worker_sessions.h"
#include "ecs/report_sink.h"
#include "elbv2/report_sink.h"
#include "shapes/json.h"
#include "sim/link_switch.h"
#include "sim/seeded_chance.h"
#include "sim/virtual_clock.h"
#include "simulation/crashing_store.h"
#include "simulation/machine.h"

namespace gantry::simulation {

struct WorldOptions {
    std::uint64_t seed = 1;
    int workers = 1;
    sim::FaultRates machine;
    sim::LinkRates link;
    StoreRates store;
    // No group commit: each transaction is one of its own.
    bool commits_apart = false;
};

// A whole installation: the control plane as app/ composes it, over a store in memory, and workers with the
// real agent over pretended machines. One thread, virtual time.
//
// advance() is where everything happens. When the control plane's process has died on the way (the store says
// so) it is started anew at once.
class World {
  public:
    explicit World(WorldOptions options);
    ~World();
    World(const World&) = delete;
    World& operator=(const World&) = delete;

    // Set these before start().
    std::function<void(control::Loop&)> on_new_loop;  // subscribe here
    std::function<void()> after_step;
    std::function<void(std::string)> tell;  // what the world does by itself

    void start();
    // Everything ends, containers excepted; before those go who subscribed.
    void stop();
    void advance(Duration duration);
    void no_more_faults();

    // The process of the control plane ends, as by kill -9, and a new one starts.
    void crash_plane();
    void stop_worker(std::size_t which);
    void start_worker(std::size_t which);
    void cut_link(bool cut);

    // One API call, as from a client of the test account. `then` is called once: with the response when it
    // was durable, or with what the client is told.
    template <class Response, class Request>
    void ask(
        Result<Response> (*operation)(state::Txn&, const Request&, const Caller&),
        std::string_view json,
        std::function<void(const Result<Response>&)> then
    ) {
        const auto request = shapes::from_json<Request>(boost::json::parse(boost::json::string_view(json)));
        ASSERT(request, "a workload that asks nonsense");
        auto response = std::make_shared<Response>();
        loop().submit(
            [operation, request = *request, response, caller = caller_](state::Txn& txn) -> Result<void> {
                TRY(*response, operation(txn, request, caller));
                return {};
            },
            [caller = caller_](const state::View&, const state::Turn&) -> Result<Caller> { return caller; },
            [response, then](Result<void> done) {
                then(done ? Result<Response>(std::move(*response)) : tl::unexpected<Error>(done.error()));
            }
        );
    }

    control::Loop& loop() { return plane_->loop; }
    state::View view() const { return plane_->loop.view(); }
    const std::vector<std::unique_ptr<Machine>>& machines() const { return machines_; }
    sim::VirtualClock& clock() { return clock_; }
    CrashingStore& store() { return store_; }
    const Caller& caller() const { return caller_; }
    bool link_is_cut() const { return cut_; }
    std::size_t crashes() const { return crashes_; }
    // Of the control plane's chance: differs as soon as anything was drawn differently.
    std::uint64_t last_draw() { return chance_.draw(); }
    // Whether a container runs, on whichever machine, behind the address.
    bool answers(const std::string& address) const;
    // Every controller, asked about everything: what they would do. Empty when all has converged.
    std::vector<std::string> plans();

  private:
    // One process of the control plane.
    struct Plane {
        explicit Plane(World& world);
        sim::LinkSwitch wire;
        control::Loop loop;
        control::WorkerSessions sessions;
    };
    // What an agent knows as the control plane, whichever process that is.
    struct Socket : port::LinkConnector {
        explicit Socket(World& on) : world(on) {}
        World& world;
        port::Link::Reply<std::unique_ptr<port::Link>> connect() override;
    };

    // Runs it to its end; time passes.
    void finish(const std::string& what, boost::asio::awaitable<void> work);
    void start_plane();
    void end_plane();
    void step_until(port::SteadyInstant end);
    void say(const std::string& what) {
        if (tell) tell(what);
    }

    boost::asio::io_context context_{1};
    sim::VirtualClock clock_{context_};
    WorldOptions options_;
    sim::SeededChance chance_;
    sim::Faults link_faults_;
    sim::MemoryStore records_;
    CrashingStore store_;
    state::Schema schema_;
    ecs::TaskReportSink reports_{true};
    elbv2::TargetReports target_reports_;
    Caller caller_;
    std::vector<std::shared_ptr<const Controller>> controllers_;
    Socket socket_{*this};
    std::unique_ptr<Plane> plane_;
    std::vector<std::unique_ptr<Machine>> machines_;
    bool cut_ = false;
    std::size_t crashes_ = 0;
};

}  // namespace gantry::simulation
