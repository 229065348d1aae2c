// The agent over a pretended machine and a pretended control plane, under virtual time.
#pragma once

#include <gtest/gtest.h>

#include "sim/images.h"
#include "sim/link_switch.h"
#include "sim/network.h"
#include "sim/runtime.h"
#include "sim/virtual_clock.h"
#include "sim/worker_disk.h"
#include "worker/agent.h"
#include "worker/pretended_control_test.h"

namespace gantry::worker {

class PretendedOutput : public ContainerOutput {
  public:
    explicit PretendedOutput(asio::any_io_executor executor) : wake(std::move(executor)) {}
    bool ships = true;
    Event wake;
    std::set<std::string> kept;  // not shipped yet
    std::map<std::string, int> opened;
    std::set<std::string> over;
    awaitable<Result<OutputPaths>> open(OutputSpec spec) override {
        if (spec.log.options.contains("no-group"))
            co_return refuse("ResourceNotFoundException", "The specified log group does not exist.");
        ++opened[spec.container_id];
        kept.insert(spec.container_id);
        OutputPaths paths{"/out/" + spec.container_id, "/err/" + spec.container_id};
        co_return paths;
    }
    void ended(std::string container_id) override {
        over.insert(container_id);
        if (ships) kept.erase(container_id);
        wake.set();
    }
    awaitable<Result<>> shipped(std::string container_id) override {
        while (kept.contains(container_id)) CO_TRY_VOID(co_await wake.wait());
        co_return Result<>{};
    }
    awaitable<Result<std::vector<std::string>>> list() override {
        co_return std::vector<std::string>(kept.begin(), kept.end());
    }
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
    PretendedOutput output{context.get_executor()};
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

inline link::DesiredTask a_task(char letter, int containers = 1) {
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

inline link::DesiredTask stopped(link::DesiredTask task) {
    task.desired_status = TaskStatus::STOPPED;
    task.stop_code = "UserInitiated";
    task.stop_reason = "Task stopped by user";
    return task;
}

}  // namespace gantry::worker
