#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <csignal>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "port/runtime.h"

// What every port::Runtime does: run on the pretended one and on real containers.
//
//   struct Mine {
//       template <class T> T wait(boost::asio::awaitable<T> work);  // drives it to its end
//       port::Runtime& runtime();
//       port::ContainerSpec endless(std::string id);                // of the task "task-ID"; runs until it is killed
//       port::ContainerSpec ending(std::string id);                 // the same, ends by itself with exit code 3
//       void restart();                                             // a new process of the same installation
//   };
//   INSTANTIATE_TYPED_TEST_SUITE_P(Mine, RuntimeContract, Mine);
// One world serves all tests of the suite; each leaves nothing behind.
namespace gantry::port {

template <class World>
class RuntimeContract : public ::testing::Test {
  protected:
    static void SetUpTestSuite() { world = std::make_unique<World>(); }
    static void TearDownTestSuite() { world.reset(); }

    static Runtime& runtime() { return world->runtime(); }
    template <class T>
    static T wait(boost::asio::awaitable<T> work) {
        return world->wait(std::move(work));
    }

    static Result<> up(const ContainerSpec& spec) {
        TRY_VOID(prepare(spec));
        TRY(const auto created, wait(runtime().create(spec)));
        return wait(runtime().start(spec.id));
    }
    static Result<> prepare(const ContainerSpec& spec) {
        TaskSpec task;
        task.id = spec.task;
        return wait(runtime().prepare_task(task));
    }
    // As the worker does it: look, then wait for changes, then look again.
    static ContainerStatus exited(const std::string& id) {
        for (;;) {
            auto status = wait(runtime().status(id));
            EXPECT_TRUE(status) << status.error().message;
            if (!status || status->state == ContainerState::exited) return status.value_or(ContainerStatus{});
            const auto changes = wait(runtime().wait_changes());
            EXPECT_TRUE(changes) << changes.error().message;
            if (!changes) return {};
        }
    }
    static ContainerState state_of(const std::string& id) {
        const auto status = wait(runtime().status(id));
        EXPECT_TRUE(status) << status.error().message;
        return status ? status->state : ContainerState::paused;
    }
    // None after success.
    template <class T>
    static std::optional<Errc> trouble_of(boost::asio::awaitable<Result<T>> work) {
        const auto result = wait(std::move(work));
        if (result) return std::nullopt;
        return result.error().errc;
    }
    static void clear(const ContainerSpec& spec) {
        EXPECT_TRUE(wait(runtime().remove(spec.id)));
        const auto removed = wait(runtime().remove_task(spec.task));
        EXPECT_TRUE(removed) << removed.error().message;
    }

    inline static std::unique_ptr<World> world;
};

TYPED_TEST_SUITE_P(RuntimeContract);

TYPED_TEST_P(RuntimeContract, AContainerIsCreatedRunsAndExits) {
    const auto spec = this->world->ending("life");
    ASSERT_TRUE(this->prepare(spec));
    ASSERT_TRUE(this->wait(this->runtime().create(spec)));
    auto status = this->wait(this->runtime().status("life"));
    ASSERT_TRUE(status);
    EXPECT_EQ(status->state, ContainerState::created);
    EXPECT_EQ(status->task, spec.task);
    EXPECT_EQ(status->pid, 0);
    EXPECT_FALSE(status->started_at);
    ASSERT_TRUE(this->wait(this->runtime().start("life")));
    const auto ended = this->exited("life");
    EXPECT_EQ(ended.exit_code, 3);
    EXPECT_FALSE(ended.oom_killed);
    ASSERT_TRUE(ended.started_at && ended.exited_at);
    EXPECT_LE(*ended.started_at, *ended.exited_at);
    this->clear(spec);
}

TYPED_TEST_P(RuntimeContract, EveryCallMayComeTwice) {
    const auto spec = this->world->endless("twice");
    ASSERT_TRUE(this->up(spec));
    const auto started = this->wait(this->runtime().status("twice"))->started_at;
    EXPECT_TRUE(this->up(spec)) << "it is there and runs already";
    EXPECT_EQ(this->wait(this->runtime().status("twice"))->started_at, started) << "and was not started anew";
    EXPECT_TRUE(this->wait(this->runtime().kill("twice", SIGKILL, false)));
    EXPECT_EQ(this->exited("twice").exit_code, 137);
    EXPECT_TRUE(this->wait(this->runtime().kill("twice", SIGKILL, false))) << "it has exited already";
    EXPECT_TRUE(this->wait(this->runtime().start("twice")));
    EXPECT_EQ(this->state_of("twice"), ContainerState::exited) << "a start is for created containers";
    this->clear(spec);
    this->clear(spec);
}

TYPED_TEST_P(RuntimeContract, WhatIsNotThereIsNotFound) {
    auto spec = this->world->endless("nowhere");
    EXPECT_EQ(this->trouble_of(this->runtime().create(spec)), Errc::not_found) << "its task was not prepared";
    EXPECT_EQ(this->trouble_of(this->runtime().start("nowhere")), Errc::not_found);
    EXPECT_EQ(this->trouble_of(this->runtime().kill("nowhere", SIGTERM, false)), Errc::not_found);
    EXPECT_EQ(this->trouble_of(this->runtime().reset("nowhere")), Errc::not_found);
    EXPECT_EQ(this->trouble_of(this->runtime().status("nowhere")), Errc::not_found);
    EXPECT_EQ(this->trouble_of(this->runtime().stats("nowhere")), Errc::not_found);
    EXPECT_EQ(this->trouble_of(this->runtime().task_stats("nowhere")), Errc::not_found);
    EXPECT_EQ(this->trouble_of(this->runtime().storage("nowhere")), Errc::not_found);
    EXPECT_FALSE(this->wait(this->runtime().exec("nowhere", ExecSpec{.argv = {"true"}})));
    EXPECT_TRUE(this->wait(this->runtime().list())->empty()) << "the create without a task left nothing";
}

TYPED_TEST_P(RuntimeContract, ATaskGoesWhenItsContainersAreGone) {
    const auto spec = this->world->endless("keeps");
    ASSERT_TRUE(this->up(spec));
    EXPECT_EQ(this->trouble_of(this->runtime().remove_task(spec.task)), Errc::conflict);
    EXPECT_EQ(this->state_of("keeps"), ContainerState::running);
    const auto use = this->wait(this->runtime().storage(spec.task));
    ASSERT_TRUE(use) << use.error().message;
    EXPECT_GT(use->total_bytes, use->used_bytes);
    EXPECT_TRUE(this->wait(this->runtime().remove("keeps"))) << "also what still runs";
    const auto tasks = this->wait(this->runtime().list_tasks());
    ASSERT_TRUE(tasks);
    EXPECT_NE(std::find(tasks->begin(), tasks->end(), spec.task), tasks->end());
    EXPECT_TRUE(this->wait(this->runtime().remove_task(spec.task)));
    EXPECT_TRUE(this->wait(this->runtime().list_tasks())->empty());
    EXPECT_TRUE(this->wait(this->runtime().remove_task(spec.task)));
}

TYPED_TEST_P(RuntimeContract, AnExitedContainerCanBeResetAndStartedAgain) {
    const auto spec = this->world->ending("again");
    ASSERT_TRUE(this->up(spec));
    const auto first = this->exited("again");
    ASSERT_TRUE(this->wait(this->runtime().reset("again")));
    EXPECT_EQ(this->state_of("again"), ContainerState::created);
    EXPECT_TRUE(this->wait(this->runtime().reset("again"))) << "it is created already";
    ASSERT_TRUE(this->wait(this->runtime().start("again")));
    const auto second = this->exited("again");
    EXPECT_EQ(second.exit_code, 3);
    EXPECT_LE(*first.exited_at, *second.started_at);
    this->clear(spec);

    const auto endless = this->world->endless("busy");
    ASSERT_TRUE(this->up(endless));
    EXPECT_EQ(this->trouble_of(this->runtime().reset("busy")), Errc::conflict);
    EXPECT_EQ(this->state_of("busy"), ContainerState::running);
    this->clear(endless);
}

TYPED_TEST_P(RuntimeContract, ANewProcessFindsEverything) {
    auto runs = this->world->endless("runs");
    runs.labels = {{"generation", "7"}};
    const auto ends = this->world->ending("ends");
    const auto waits = this->world->endless("waits");
    ASSERT_TRUE(this->up(runs));
    ASSERT_TRUE(this->up(ends));
    ASSERT_TRUE(this->prepare(waits));
    ASSERT_TRUE(this->wait(this->runtime().create(waits)));
    this->exited("ends");
    this->world->restart();
    auto all = this->wait(this->runtime().list());
    ASSERT_TRUE(all) << all.error().message;
    std::sort(all->begin(), all->end(), [](const auto& a, const auto& b) { return a.id < b.id; });
    ASSERT_EQ(all->size(), 3u);
    EXPECT_EQ((*all)[0].id, "ends");
    EXPECT_EQ((*all)[0].state, ContainerState::exited);
    EXPECT_EQ((*all)[0].exit_code, 3);
    EXPECT_EQ((*all)[1].state, ContainerState::running);
    EXPECT_EQ((*all)[1].labels, runs.labels);
    EXPECT_EQ((*all)[1].task, runs.task);
    EXPECT_EQ((*all)[2].state, ContainerState::created);
    // What ends from now on is told to the new process.
    ASSERT_TRUE(this->wait(this->runtime().kill("runs", SIGKILL, true)));
    EXPECT_EQ(this->exited("runs").exit_code, 137);
    for (const auto& spec : {runs, ends, waits}) this->clear(spec);
}

TYPED_TEST_P(RuntimeContract, CommandsAndCountersOfARunningContainer) {
    const auto spec = this->world->endless("busy");
    ASSERT_TRUE(this->up(spec));
    const auto ran = this->wait(this->runtime().exec("busy", ExecSpec{.argv = {"true"}}));
    ASSERT_TRUE(ran) << ran.error().message;
    EXPECT_EQ(ran->exit_code, 0);
    EXPECT_FALSE(ran->timed_out);
    const auto stats = this->wait(this->runtime().stats("busy"));
    ASSERT_TRUE(stats) << stats.error().message;
    EXPECT_GT(stats->memory_bytes, 0u);
    EXPECT_GE(stats->pids, 1u);
    EXPECT_TRUE(this->wait(this->runtime().task_stats(spec.task)));
    Limits limits;
    limits.memory_bytes = 64 << 20;
    ASSERT_TRUE(this->wait(this->runtime().update_limits("busy", limits)));
    EXPECT_EQ(this->wait(this->runtime().stats("busy"))->memory_limit_bytes, 64u << 20);
    this->clear(spec);
}

REGISTER_TYPED_TEST_SUITE_P(
    RuntimeContract,
    AContainerIsCreatedRunsAndExits,
    EveryCallMayComeTwice,
    WhatIsNotThereIsNotFound,
    ATaskGoesWhenItsContainersAreGone,
    AnExitedContainerCanBeResetAndStartedAgain,
    ANewProcessFindsEverything,
    CommandsAndCountersOfARunningContainer
);

}  // namespace gantry::port
