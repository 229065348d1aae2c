#include "simulation/world.h"

#include <algorithm>

#include "acm/certificate.h"
#include "autoscaling/schema.h"
#include "base/task_group.h"
#include "cloudwatch/schema.h"
#include "codedeploy/controllers.h"
#include "codedeploy/schema.h"
#include "ec2/schema.h"
#include "ec2/seed.h"
#include "ecs/controllers.h"
#include "ecs/publishers.h"
#include "ecs/tables.h"
#include "elbv2/controllers.h"
#include "elbv2/publishers.h"
#include "elbv2/schema.h"
#include "eventbus/schema.h"
#include "events/schema.h"
#include "iam/schema.h"
#include "iam/seed.h"
#include "logs/records.h"
#include "logs/removal.h"
#include "scheduler/schema.h"
#include "sts/session.h"
#include "sts/session_expiry.h"

namespace gantry::simulation {

namespace asio = boost::asio;
using asio::awaitable;

namespace {

// Nothing that must end takes longer.
constexpr Duration kPatience = std::chrono::minutes(30);

std::vector<std::shared_ptr<const Publisher>> all_publishers() {
    auto all = elbv2::publishers();
    for (auto& publisher : ecs::publishers()) all.push_back(std::move(publisher));
    return all;
}

awaitable<void> mark(awaitable<void> work, std::shared_ptr<bool> done) {
    co_await std::move(work);
    *done = true;
}

awaitable<void> keep(awaitable<Result<void>> work, std::shared_ptr<Result<void>> result) {
    *result = co_await std::move(work);
}

}  // namespace

World::Plane::Plane(World& world)
    : wire(world.context_.get_executor(), world.link_faults_),
      loop(
          {world.context_.get_executor(), world.context_.get_executor(), world.clock_, world.store_,
           world.chance_, world.schema_}
      ),
      sessions(loop, wire, world.reports_, all_publishers(), world.context_.get_executor(), {}) {
    sessions.report_targets_to(world.target_reports_);
    wire.rates = world.options_.link;
    wire.cut(world.cut_);
    for (const auto& controller : world.controllers_) loop.add_controller(controller);
    loop.add_seeder({"iam.account", control::Seeder::Per::account, iam::seed});
    loop.add_seeder({"ec2.default_vpc", control::Seeder::Per::account_and_region, ec2::seed});
    if (world.on_new_loop) world.on_new_loop(loop);
}

port::Link::Reply<std::unique_ptr<port::Link>> World::Socket::connect() {
    if (!world.plane_) co_return trouble(Errc::unavailable, "nobody listens");
    co_return co_await world.plane_->wire.connect();
}

World::World(WorldOptions options)
    : options_(options),
      chance_(options.seed),
      link_faults_(clock_, options.seed + 1),
      records_(context_.get_executor()),
      store_(records_, clock_, options.seed + 2) {
    if (options.commits_apart) records_.set_limits({.records_max = 1});
    control::declare_tables(schema_);
    iam::declare(schema_);
    acm::declare(schema_);
    sts::declare(schema_);
    ec2::declare(schema_);
    logs::declare(schema_);
    elbv2::declare(schema_);
    eventbus::declare(schema_);
    ecs::declare_tables(schema_);
    cloudwatch::declare(schema_);
    codedeploy::declare(schema_);
    events::declare(schema_);
    scheduler::declare(schema_);
    autoscaling::declare(schema_);
    controllers_.push_back(std::make_shared<sts::SessionExpiry>());
    controllers_.push_back(std::make_shared<logs::RemovalController>());
    for (auto& controller : events::controllers()) controllers_.push_back(std::move(controller));
    for (auto& controller : scheduler::controllers()) controllers_.push_back(std::move(controller));
    for (auto& controller : autoscaling::controllers()) controllers_.push_back(std::move(controller));
    for (auto& controller : elbv2::controllers()) controllers_.push_back(std::move(controller));
    for (auto& controller : ecs::controllers()) controllers_.push_back(std::move(controller));
    for (auto& controller : codedeploy::controllers()) controllers_.push_back(std::move(controller));
    caller_.account = "123456789012";
    caller_.region = "ap-northeast-1";
    caller_.arn = "arn:aws:iam::123456789012:root";
    for (int i = 0; i < options.workers; ++i) {
        machines_.push_back(std::make_unique<Machine>(
            context_.get_executor(), clock_, options.seed + 10 + static_cast<std::uint64_t>(i),
            "worker-" + std::to_string(i)
        ));
        machines_.back()->prober.elsewhere = [this](const std::string& address) { return answers(address); };
    }
}

World::~World() { stop(); }

void World::stop() {
    no_more_faults();
    for (std::size_t i = 0; i < machines_.size(); ++i) stop_worker(i);
    end_plane();
    clock_.settle();
}

void World::start() {
    store_.rates = options_.store;
    start_plane();
    for (std::size_t i = 0; i < machines_.size(); ++i) {
        machines_[i]->faults.rates = options_.machine;
        start_worker(i);
    }
}

void World::no_more_faults() {
    options_.machine = {};
    options_.link = {};
    options_.store = {};
    store_.rates = {};
    store_.die_after(0);
    if (plane_) plane_->wire.rates = {};
    for (auto& machine : machines_) machine->faults.rates = {};
    cut_link(false);
}

void World::finish(const std::string& what, awaitable<void> work) {
    const auto done = std::make_shared<bool>(false);
    TaskGroup group(context_.get_executor());
    group.spawn(what, mark(std::move(work), done));
    clock_.settle();
    const auto end = clock_.steady_now() + kPatience;
    while (!*done && clock_.step(end)) {
    }
    ASSERT(*done, ("it does not end: " + what).c_str());
    clock_.settle();
}

void World::start_plane() {
    for (int attempt = 0;; ++attempt) {
        store_.revive();
        plane_ = std::make_unique<Plane>(*this);
        const auto started = std::make_shared<Result<void>>();
        finish("start of the control plane", keep(plane_->loop.start(), started));
        if (*started) break;
        ASSERT(retryable(started->error().errc), started->error().message.c_str());
        ASSERT(attempt < 100, "the store can never be loaded");
        end_plane();
    }
    plane_->sessions.start();
    clock_.settle();
}

void World::end_plane() {
    if (!plane_) return;
    store_.die();
    plane_->wire.cut(true);
    finish("end of the workers' sessions", plane_->sessions.stop());
    finish("end of the loop", plane_->loop.stop());
    finish("end of the wire", plane_->wire.stop());
    clock_.settle();
    plane_.reset();
}

void World::crash_plane() {
    ++crashes_;
    say("the control plane crashes");
    end_plane();
    start_plane();
}

void World::stop_worker(std::size_t which) {
    auto& machine = *machines_[which];
    if (!machine.agent) return;
    say(machine.name + " stops");
    finish("end of " + machine.name, machine.agent->stop());
    machine.agent.reset();
}

void World::start_worker(std::size_t which) {
    auto& machine = *machines_[which];
    if (machine.agent) return;
    say(machine.name + " starts");
    for (int attempt = 0;; ++attempt) {
        worker::AgentPorts ports{clock_,       machine.runtime, machine.images, machine.network,
                                 machine.disk, socket_,         machine.output, &machine.prober,
                                 &machine.http_balancer};
        worker::AgentOptions options;
        options.worker_id = machine.name;
        options.capacity = {4'096, 16'384, 1, "X86_64", {}};
        machine.agent = std::make_unique<worker::Agent>(context_.get_executor(), ports, options);
        const auto started = std::make_shared<Result<void>>();
        finish("start of " + machine.name, keep(machine.agent->start(), started));
        if (*started) return;
        ASSERT(attempt < 1'000, "the worker can never start");
        finish("end of " + machine.name, machine.agent->stop());
        machine.agent.reset();
        clock_.advance(std::chrono::seconds(1));
    }
}

void World::cut_link(bool cut) {
    if (cut_ != cut) say(cut ? "the link is cut" : "the link is whole");
    cut_ = cut;
    if (plane_) plane_->wire.cut(cut);
}

void World::step_until(port::SteadyInstant end) {
    while (clock_.step(end)) {
        if (store_.dead()) crash_plane();
        if (after_step) after_step();
    }
}

void World::advance(Duration duration) {
    const auto end = clock_.steady_now() + duration;
    clock_.settle();
    if (store_.dead()) crash_plane();
    if (after_step) after_step();
    step_until(end);
    if (clock_.steady_now() < end) clock_.advance(end - clock_.steady_now());
}

bool World::answers(const std::string& address) const {
    return std::ranges::any_of(machines_, [&](const auto& machine) { return machine->prober.here(address); });
}

std::vector<std::string> World::plans() {
    std::vector<std::string> all;
    sim::SeededChance chance(1);  // asking must not change what comes after
    const state::Turn turn{loop().policy_now(), loop().real_now(), chance};
    for (const auto& controller : controllers_) {
        controller->all(view(), [&](const std::string& key) {
            const auto plan = controller->reconcile(view(), key, turn);
            for (const auto& action : plan.actions())
                all.push_back(std::string(controller->name()) + " " + key + ": " + action.reason);
        });
    }
    return all;
}

}  // namespace gantry::simulation
