#include "worker/dead_ports.h"

#include <gtest/gtest.h>

namespace gantry::worker {
namespace {

struct TwoContainers : testing::Test {
    link::DesiredTask task;
    TaskFacts facts;

    TwoContainers() {
        for (const int port : {80, 9000}) {
            auto& container = task.containers.emplace_back();
            container.name = "c" + std::to_string(port);
            container.port_mappings.push_back({port, port, "tcp", ""});
        }
        facts = first_facts(task);
    }
    void run(int which) {
        facts.containers[std::size_t(which)].started_at = RealInstant{1};
        facts.containers[std::size_t(which)].phase = ContainerPhase::running;
    }
    void end(int which) { facts.containers[std::size_t(which)].phase = ContainerPhase::exited; }
    DeadPorts dead() const { return dead_ports(task, facts); }
};

TEST_F(TwoContainers, APortDiesWithItsContainer) {
    EXPECT_EQ(dead(), DeadPorts{});
    run(0);
    run(1);
    EXPECT_EQ(dead(), DeadPorts{});
    end(0);
    EXPECT_EQ(dead(), DeadPorts{80});
    run(0);  // restarted by its policy
    EXPECT_EQ(dead(), DeadPorts{});
}

TEST_F(TwoContainers, EverythingDiesWithTheLastContainerOrTheNetwork) {
    run(0);
    end(0);
    EXPECT_EQ(dead(), DeadPorts{0});
    run(1);
    EXPECT_EQ(dead(), DeadPorts{80});
    facts.network_released = true;
    EXPECT_EQ(dead(), DeadPorts{0});
}

}  // namespace
}  // namespace gantry::worker
