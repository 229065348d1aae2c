#include "worker/volume_mounts.h"

#include <gtest/gtest.h>

#include "worker/dependency.h"

namespace gantry::worker {
namespace {

using Verdict = DependencyState::Verdict;

struct Sharing : testing::Test {
    link::DesiredTask task;
    TaskFacts facts;

    Sharing() {
        task.id = "0123456789abcdef0123456789abcdef";
        for (const char* name : {"data", "middle", "app"}) task.containers.emplace_back().name = name;
        task.containers[1].volumes_from = {{"data", true}};
        task.containers[2].volumes_from = {{"middle", false}};
        facts = first_facts(task);
    }
    // "/place <- source", with " ro" behind what is read-only.
    std::vector<std::string> seen_by(std::size_t container) const {
        std::vector<std::string> out;
        for (const auto& mount : volume_mounts(task, facts, task.containers[container]))
            out.push_back(mount.target + " <- " + mount.source + (mount.read_only ? " ro" : ""));
        return out;
    }
    std::string image_volume(std::size_t container, int i) const {
        return "image-" + facts.containers[container].id + "-" + std::to_string(i);
    }
};

TEST_F(Sharing, GivesWhatTheImageDeclaresAndWhatItHasFromOthers) {
    facts.containers[0].image_volumes = {"/var/lib", "/"};
    task.containers[1].mount_points = {{"v", "/own", false}};
    EXPECT_EQ(seen_by(0), std::vector{"/var/lib <- " + image_volume(0, 0)});
    // Read-only for the one in the middle is read-only for who takes from it.
    const std::vector<std::string> passed{"/own <- v", "/var/lib <- " + image_volume(0, 0) + " ro"};
    EXPECT_EQ(seen_by(1), passed);
    EXPECT_EQ(seen_by(2), passed);
}

TEST_F(Sharing, OwnMountsWinAndThenTheLaterOfTwoSources) {
    task.containers[0].mount_points = {{"a", "/x", false}, {"a", "/y", false}};
    task.containers[1].volumes_from.clear();
    task.containers[1].mount_points = {{"b", "/x/", false}};
    task.containers[1].readonly_root_filesystem = true;
    task.containers[2].volumes_from = {{"data", false}, {"middle", false}};
    task.containers[2].mount_points = {{"c", "/y", true}};
    EXPECT_EQ(seen_by(2), (std::vector<std::string>{"/y <- c ro", "/x/ <- b"}));
}

TEST_F(Sharing, VolumesOfTheOwnImageStayTheRuntimesMatter) {
    facts.containers[2].image_volumes = {"/cache"};
    EXPECT_EQ(seen_by(2), std::vector<std::string>{});
}

TEST_F(Sharing, AContainerIsCreatedAfterThoseItTakesFrom) {
    const auto verdict = [&](std::size_t i) {
        return dependency_state(task, facts, task.containers[i], RealInstant{}).verdict;
    };
    EXPECT_EQ(verdict(0), Verdict::ready);
    EXPECT_EQ(verdict(1), Verdict::waiting);
    facts.containers[0].phase = ContainerPhase::created;
    EXPECT_EQ(verdict(1), Verdict::ready);
    EXPECT_EQ(verdict(2), Verdict::waiting);
    facts.containers[1].phase = ContainerPhase::exited;
    EXPECT_EQ(verdict(2), Verdict::impossible);
    facts.containers[1].created_at = RealInstant{1};
    EXPECT_EQ(verdict(2), Verdict::ready);
}

}  // namespace
}  // namespace gantry::worker
