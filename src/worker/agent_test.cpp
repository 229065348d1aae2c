// The agent over a pretended machine and a pretended control plane, under virtual time.
#include "worker/agent.h"

#include <gtest/gtest.h>

#include <csignal>

#include "sim/images.h"
#include "sim/link_switch.h"
#include "sim/network.h"
#include "sim/runtime.h"
#include "sim/virtual_clock.h"
#include "sim/worker_disk.h"
#include "worker/next_step.h"
#include "worker/stop_code.h"

namespace gantry::worker {
namespace {

namespace asio = boost::asio;
using asio::awaitable;
using link::TaskStatus;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

class PretendedOutput : public ContainerOutput {
  public:
    std::map<std::string, int> opened;
    std::set<std::string> over;
    awaitable<Result<OutputPaths>> open(OutputSpec spec) override {
        if (spec.log.options.contains("no-group"))
            co_return refuse("ResourceNotFoundException", "The specified log group does not exist.");
        ++opened[spec.container_id];
        OutputPaths paths{"/out/" + spec.container_id, "/err/" + spec.container_id};
        co_return paths;
    }
    void ended(std::string container_id) override { over.insert(container_id); }
};

// The least that a control plane must do; it checks that what it hears makes sense.
class PretendedControl {
  public:
    PretendedControl(asio::any_io_executor executor, port::LinkAcceptor& acceptor, port::Clock& clock)
        : acceptor_(acceptor), clock_(clock), group_(executor) {
        group_.spawn("accept", accept_all());
    }

    void want(const std::string& kind, const std::string& key, boost::json::object body) {
        wanted_[{kind, key}] = {++commit_, std::move(body), false};
        tell();
    }
    void want(const link::DesiredTask& task) { want("task", task.id, encode(task).as_object()); }
    void drop(const std::string& kind, const std::string& key) {
        wanted_.erase({kind, key});
        dropped_[{kind, key}] = ++commit_;
        tell();
    }
    void repeat() {
        tell();
        send_inventory();
    }
    awaitable<void> stop() { co_await group_.stop(); }

    const link::ObservedTask* seen(const std::string& task) const {
        const auto found = reports_.find(task);
        return found == reports_.end() ? nullptr : &found->second.observed;
    }
    TaskStatus status(const std::string& task) const {
        return seen(task) ? seen(task)->status : TaskStatus::PROVISIONING;
    }
    bool settled() const {
        for (const auto& [key, one] : wanted_)
            if (!one.held) return false;
        return dropped_.empty();
    }
    int hellos = 0;
    int heartbeats = 0;
    link::Hello hello;
    std::map<std::string, link::TargetReport> targets;  // by registration
    bool acknowledges = true;

  private:
    struct Wanted {
        std::uint64_t generation = 0;
        boost::json::object body;
        bool held = false;
    };
    using Key = std::pair<std::string, std::string>;

    awaitable<void> accept_all() {
        for (;;) {
            auto accepted = co_await acceptor_.accept();
            if (!accepted) co_return;
            link_ = std::shared_ptr<port::Link>(std::move(*accepted));
            group_.spawn("session", session(link_));
        }
    }

    awaitable<void> session(std::shared_ptr<port::Link> link) {
        for (;;) {
            const auto bytes = co_await link->receive();
            if (!bytes) co_return;
            const auto message = link::decode_to_control(*bytes);
            if (!message) {
                ADD_FAILURE() << message.error().message;
                continue;
            }
            if (link == link_) std::visit([this](const auto& body) { hear(body); }, *message);
        }
    }

    void hear(const link::Hello& said) {
        ++hellos;
        hello = said;
        EXPECT_GE(said.incarnation, incarnation_);
        incarnation_ = said.incarnation;
        send(link::Welcome{1, incarnation_, 1'000});
        for (auto& [key, one] : wanted_) one.held = held(said.inventory, key, one.generation);
        tell();
        send_inventory();
    }
    void hear(const link::Heartbeat&) { ++heartbeats; }
    void hear(const link::Holding& holding) {
        for (const auto& object : holding.objects) {
            const Key key{object.kind, object.key};
            const auto found = wanted_.find(key);
            if (object.held && found != wanted_.end() && found->second.generation == object.generation)
                found->second.held = true;
            if (!object.held) dropped_.erase(key);
        }
    }
    void hear(const link::Resync& resync) {
        for (auto& [key, one] : wanted_) one.held = held(resync.inventory, key, one.generation);
        tell();
    }
    void hear(const link::TaskReport& report) {
        auto& last = reports_[report.task];
        const bool newer =
            std::pair{report.incarnation, report.sequence} > std::pair{last.incarnation, last.sequence};
        if (newer) {
            EXPECT_GE(report.observed.status, last.observed.status) << report.task;
            last = report;
        }
        if (acknowledges) send(link::ReportAck{report.incarnation, report.task, report.sequence});
    }
    void hear(const link::TargetReport& report) {
        auto& last = targets[report.registration];
        if (std::pair{report.incarnation, report.sequence} > std::pair{last.incarnation, last.sequence})
            last = report;
        if (acknowledges)
            send(link::TargetReportAck{report.incarnation, report.registration, report.sequence});
    }

    static bool held(const link::Generations& inventory, const Key& key, std::uint64_t generation) {
        const auto kind = inventory.find(key.first);
        if (kind == inventory.end()) return false;
        const auto found = kind->second.find(key.second);
        return found != kind->second.end() && found->second >= generation;
    }
    void tell() {
        for (const auto& [key, one] : wanted_)
            if (!one.held) send(link::Want{incarnation_, key.first, key.second, one.generation, one.body});
        for (const auto& [key, generation] : dropped_)
            send(link::Drop{incarnation_, key.first, key.second, generation});
    }
    void send_inventory() {
        link::Inventory inventory{incarnation_, commit_, {}};
        for (const auto& [key, one] : wanted_) inventory.objects[key.first][key.second] = one.generation;
        send(inventory);
    }
    void send(link::ToWorker message) {
        if (link_) group_.spawn("send", send_one(link_, link::encode_message(message)));
    }
    awaitable<void> send_one(std::shared_ptr<port::Link> link, std::string bytes) {
        (void)co_await link->send(std::move(bytes));
    }

    port::LinkAcceptor& acceptor_;
    port::Clock& clock_;
    std::uint64_t commit_ = 0;
    std::uint64_t incarnation_ = 0;
    std::map<Key, Wanted> wanted_;
    std::map<Key, std::uint64_t> dropped_;
    std::map<std::string, link::TaskReport> reports_;
    std::shared_ptr<port::Link> link_;
    TaskGroup group_;
};

struct World {
    asio::io_context context;
    sim::VirtualClock clock{context};
    sim::Faults faults;
    sim::Faults perfect{clock, 1};
    sim::Runtime runtime{context.get_executor(), faults};
    sim::Images images{faults};
    sim::Network network{faults};
    sim::WorkerDisk disk{faults};
    sim::LinkSwitch wire{context.get_executor(), perfect};
    PretendedOutput output;
    PretendedControl control{context.get_executor(), wire, clock};
    std::unique_ptr<Agent> agent;

    explicit World(std::uint64_t seed = 1) : faults(clock, seed), perfect(clock, seed + 1) {
        network.on_detach = [this](const std::string& eni) {
            EXPECT_EQ(runtime.running_of(eni.substr(4)), std::vector<std::string>{});
        };
        images.publish("nginx");
        start();
    }
    ~World() {
        stop();
        wait(wire.stop());
        wait(control.stop());
        clock.settle();
    }

    void wait(awaitable<void> work) {
        bool done = false;
        TaskGroup group(context.get_executor());
        group.spawn("wait", mark(std::move(work), done));
        for (int i = 0; i < 1'000 && !done; ++i) clock.advance(milliseconds(10));
        EXPECT_TRUE(done);
        clock.settle();
    }
    static awaitable<void> mark(awaitable<void> work, bool& done) {
        co_await std::move(work);
        done = true;
    }

    void start() {
        AgentPorts ports{clock, runtime, images, network, disk, wire, output};
        AgentOptions options;
        options.worker_id = "w-1";
        options.surroundings.endpoints = {{"AWS_ENDPOINT_URL_S3", "http://10.0.0.1:4566"}};
        agent = std::make_unique<Agent>(context.get_executor(), ports, options);
        wait(begin());
        advance(milliseconds(10));
    }
    awaitable<void> begin() {
        const auto started = co_await agent->start();
        EXPECT_TRUE(started);
    }
    void stop() {
        if (!agent) return;
        wait(agent->stop());
        agent.reset();
    }
    void advance(Duration duration) { clock.advance(duration); }
    // Until it holds; the time that it took.
    template <class Condition>
    Duration until(Condition condition, Duration patience = minutes(10)) {
        const auto begin = clock.now();
        while (!condition() && clock.now() - begin < patience) {
            clock.advance(milliseconds(100));
            if ((clock.now() - begin).count() % 5'000 == 0) control.repeat();
        }
        EXPECT_TRUE(condition());
        return clock.now() - begin;
    }
    void until_status(const std::string& task, TaskStatus status) {
        until([&] { return control.status(task) >= status; });
        EXPECT_EQ(control.status(task), status);
    }
};

link::DesiredTask a_task(char letter, int containers = 1) {
    link::DesiredTask task;
    task.id = std::string(32, letter);
    task.arn = "arn:aws:ecs:us-east-1:123456789012:task/default/" + task.id;
    task.launch_type = "FARGATE";
    task.region = "us-east-1";
    task.eni = {"eni-" + task.id, std::string("172.31.0.") + std::to_string(letter), "02:00:00:00:00:01"};
    for (int i = 0; i < containers; ++i) {
        auto& container = task.containers.emplace_back();
        container.name = "c" + std::to_string(i);
        container.image = "nginx";
    }
    return task;
}

link::DesiredTask stopped(link::DesiredTask task) {
    task.desired_status = TaskStatus::STOPPED;
    task.stop_code = "UserInitiated";
    task.stop_reason = "Task stopped by user";
    return task;
}

TEST(Agent, RunsATaskReportsItAndStopsIt) {
    World world;
    const auto task = a_task('a');
    world.control.want(task);
    world.until_status(task.id, TaskStatus::RUNNING);
    const auto* seen = world.control.seen(task.id);
    EXPECT_EQ(seen->containers.at(0).status, link::ContainerStatus::RUNNING);
    EXPECT_EQ(seen->containers.at(0).image_digest, "sha256:nginx");
    EXPECT_GE(*seen->pull_stopped_at - *seen->pull_started_at, milliseconds(500));
    EXPECT_EQ(world.network.attached().size(), 1u);
    const auto* spec = world.runtime.spec_of(container_id(task, "c0"));
    ASSERT_NE(spec, nullptr);
    EXPECT_EQ(spec->network_namespace, "/run/gantry/netns/eni-" + task.id);
    EXPECT_EQ(spec->stdout_path, "/out/" + spec->id);
    EXPECT_FALSE(world.disk.files().empty());

    world.control.want(stopped(task));
    world.until_status(task.id, TaskStatus::STOPPED);
    seen = world.control.seen(task.id);
    EXPECT_EQ(seen->containers.at(0).exit_code, 128 + SIGTERM);
    EXPECT_EQ(seen->stop_reason, "Task stopped by user");
    EXPECT_TRUE(seen->network_released);
    EXPECT_EQ(world.runtime.containers(), 0u);
    EXPECT_TRUE(world.runtime.tasks().empty());
    EXPECT_TRUE(world.network.attached().empty());

    world.control.drop("task", task.id);
    world.until([&] { return world.agent->tasks().empty() && world.control.settled(); });
    EXPECT_EQ(world.disk.texts().size(), 1u);  // its identity
    EXPECT_TRUE(world.disk.files().empty());
    EXPECT_EQ(world.output.over.size(), 1u);
    world.advance(seconds(5));
    EXPECT_GT(world.control.heartbeats, 0);
}

TEST(Agent, PullsOnceForManyAndUsesWhatIsHere) {
    World world;
    world.control.want(a_task('a'));
    world.until_status(a_task('a').id, TaskStatus::RUNNING);
    world.control.want(a_task('b'));
    world.until_status(a_task('b').id, TaskStatus::RUNNING);
    EXPECT_EQ(world.images.pulls_of("nginx"), 1);
}

TEST(Agent, ReportsAMissingImageInEcsWords) {
    World world;
    auto task = a_task('a');
    task.containers[0].image = "nonesuch";
    world.control.want(task);
    world.until_status(task.id, TaskStatus::STOPPED);
    const auto* seen = world.control.seen(task.id);
    EXPECT_EQ(seen->stop_code, failed_to_start_code);
    EXPECT_EQ(seen->stop_reason, "CannotPullContainerError: nonesuch: repository does not exist");
    EXPECT_EQ(seen->containers.at(0).reason, seen->stop_reason);
    EXPECT_FALSE(seen->containers.at(0).exit_code);
    EXPECT_EQ(seen->containers.at(0).status, link::ContainerStatus::STOPPED);
}

TEST(Agent, ReportsAMissingLogGroup) {
    World world;
    auto task = a_task('a');
    task.containers[0].log.options["no-group"] = "";
    world.control.want(task);
    world.until_status(task.id, TaskStatus::STOPPED);
    EXPECT_EQ(
        world.control.seen(task.id)->stop_reason,
        "ResourceInitializationError: The specified log group does not exist."
    );
}

TEST(Agent, SaysWhyAContainerCouldNotStart) {
    World world;
    sim::Program broken;
    broken.start_error = Error{Errc::refused, "CannotStartContainerError", "nope: no such file"};
    world.runtime.set_program("nginx", broken);
    const auto task = a_task('a');
    world.control.want(task);
    world.until_status(task.id, TaskStatus::STOPPED);
    EXPECT_EQ(world.control.seen(task.id)->stop_reason, "CannotStartContainerError: nope: no such file");
}

TEST(Agent, StubbornContainersAreKilledAfterStopTimeout) {
    World world;
    sim::Program stubborn;
    stubborn.ignores_signals = true;
    world.runtime.set_program("nginx", stubborn);
    auto task = a_task('a');
    task.containers[0].stop_timeout_s = 7;
    world.control.want(task);
    world.until_status(task.id, TaskStatus::RUNNING);
    world.control.want(stopped(task));
    const auto took = world.until([&] { return world.control.status(task.id) == TaskStatus::STOPPED; });
    EXPECT_GE(took, seconds(7));
    EXPECT_LT(took, seconds(9));
    EXPECT_EQ(world.control.seen(task.id)->containers.at(0).exit_code, 137);
}

TEST(Agent, UnhealthyContainersAreReported) {
    World world;
    sim::Program sick;
    sick.healthy = false;
    world.runtime.set_program("nginx", sick);
    auto task = a_task('a');
    task.containers[0].health_check = link::HealthCheck{{"CMD-SHELL", "exit 1"}, 10, 5, 2, {}};
    world.control.want(task);
    world.until_status(task.id, TaskStatus::RUNNING);
    EXPECT_EQ(world.control.seen(task.id)->health, link::HealthStatus::UNKNOWN);
    const auto took =
        world.until([&] { return world.control.seen(task.id)->health == link::HealthStatus::UNHEALTHY; });
    EXPECT_GE(took, seconds(19));
    EXPECT_LT(took, seconds(22));
    EXPECT_EQ(world.control.status(task.id), TaskStatus::RUNNING);
}

TEST(Agent, AdoptsWhatRunsAfterARestart) {
    World world;
    const auto task = a_task('a', 2);
    world.control.want(task);
    world.until_status(task.id, TaskStatus::RUNNING);
    const auto before = world.control.hello.incarnation;
    world.stop();
    world.advance(minutes(5));
    world.start();
    world.until([&] { return world.control.hellos == 2; });
    world.advance(minutes(1));
    EXPECT_GT(world.control.hello.incarnation, before);
    EXPECT_EQ(world.control.status(task.id), TaskStatus::RUNNING);
    for (const char* name : {"c0", "c1"}) {
        EXPECT_EQ(world.runtime.starts_of(container_id(task, name)), 1);
        EXPECT_EQ(world.output.opened[container_id(task, name)], 2);
    }
    EXPECT_TRUE(world.runtime.signals.empty());
}

TEST(Agent, ReportsTheExitCodeOfAContainerThatDiedMeanwhile) {
    World world;
    const auto task = a_task('a', 2);
    world.control.want(task);
    world.until_status(task.id, TaskStatus::RUNNING);
    world.stop();
    world.advance(seconds(30));
    world.runtime.end(container_id(task, "c1"), 42);
    const auto died_at = world.clock.now();
    world.advance(minutes(1));
    world.start();
    world.until_status(task.id, TaskStatus::STOPPED);
    const auto* seen = world.control.seen(task.id);
    EXPECT_EQ(seen->containers.at(1).exit_code, 42);
    EXPECT_EQ(seen->containers.at(1).finished_at, died_at);
    EXPECT_EQ(seen->stop_code, essential_exited_code);
}

TEST(Agent, TasksOfALostMachineStop) {
    World world;
    const auto task = a_task('a');
    world.control.want(task);
    world.until_status(task.id, TaskStatus::RUNNING);
    world.stop();
    world.runtime.lose_everything();
    world.network.lose_everything();
    world.start();
    world.until_status(task.id, TaskStatus::STOPPED);
    EXPECT_FALSE(world.control.seen(task.id)->containers.at(0).exit_code);
    EXPECT_TRUE(world.network.attached().empty());
}

TEST(Agent, TasksRunOnWhileTheControlPlaneIsAway) {
    World world;
    const auto task = a_task('a');
    world.control.want(task);
    world.until_status(task.id, TaskStatus::RUNNING);
    world.wire.cut(true);
    world.advance(minutes(2));
    EXPECT_FALSE(world.agent->connected());
    world.runtime.end(container_id(task, "c0"), 3);
    world.advance(minutes(1));
    world.wire.cut(false);
    world.until_status(task.id, TaskStatus::STOPPED);
    EXPECT_EQ(world.control.seen(task.id)->containers.at(0).exit_code, 3);
}

TEST(Agent, RepeatsReportsUntilTheyAreAcknowledged) {
    World world;
    world.control.acknowledges = false;
    world.control.want(a_task('a'));
    world.until_status(a_task('a').id, TaskStatus::RUNNING);
    world.advance(seconds(10));
    EXPECT_EQ(world.agent->unacknowledged_reports(), 1u);
    world.control.acknowledges = true;
    world.advance(seconds(5));
    EXPECT_EQ(world.agent->unacknowledged_reports(), 0u);
}

TEST(Agent, RemovesLeftoversThatNobodyOwns) {
    World world;
    const auto task = a_task('a');
    world.control.want(task);
    world.until_status(task.id, TaskStatus::RUNNING);
    world.stop();
    world.disk.lose_everything();
    world.control.drop("task", task.id);
    world.start();
    world.until([&] { return world.runtime.containers() == 0 && world.network.attached().empty(); });
    EXPECT_TRUE(world.runtime.tasks().empty());
}

TEST(Agent, ALostDiskIsFilledAgainAndTasksGoOn) {
    World world;
    const auto task = a_task('a');
    world.control.want(task);
    world.until_status(task.id, TaskStatus::RUNNING);
    world.stop();
    world.disk.lose_everything();
    world.start();
    world.until([&] {
        return world.agent->tasks().size() == 1 && world.agent->tasks().begin()->second->facts().started_at;
    });
    world.advance(minutes(1));
    EXPECT_EQ(world.runtime.starts_of(container_id(task, "c0")), 1);
    EXPECT_EQ(world.runtime.running().size(), 1u);
}

TEST(Agent, AppliesTheNetworkPolicyBeforeContainersStart) {
    World world;
    world.control.want("vpc", "vpc-1", encode(link::Vpc{"vpc-1", {"172.31.0.0/16"}}).as_object());
    world.control.want(
        "security_group", "sg-1",
        encode(link::SecurityGroup{"sg-1", {{"tcp", 80, 80, "0.0.0.0/0", ""}}, {}}).as_object()
    );
    const auto task = a_task('a');
    const link::Eni eni{task.eni.id, task.eni.address, "vpc-1", {"sg-1"}, false};
    world.control.want("eni", eni.id, encode(eni).as_object());
    world.control.want(task);
    world.until([&] { return world.runtime.running().size() == 1; });
    ASSERT_EQ(world.network.policy().enis.size(), 1u);
    EXPECT_EQ(world.network.policy().enis[0].groups, std::vector<std::string>{"sg-1"});
    world.control.drop("eni", eni.id);
    world.until([&] { return world.network.policy().enis.empty(); });
}

TEST(Agent, AFullDiskStopsNothing) {
    World world;
    const auto task = a_task('a');
    world.control.want(task);
    world.until_status(task.id, TaskStatus::RUNNING);
    world.disk.full = true;
    world.control.want(a_task('b'));
    world.advance(seconds(20));
    EXPECT_EQ(world.control.status(task.id), TaskStatus::RUNNING);
    world.disk.full = false;
    world.until_status(a_task('b').id, TaskStatus::RUNNING);
}

}  // namespace
}  // namespace gantry::worker
