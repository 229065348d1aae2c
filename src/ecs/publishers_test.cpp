#include "ecs/publishers.h"

#include "ec2/eni.h"
#include "ecs/state_fixture.h"
#include "ecs/task_lifecycle.h"

namespace gantry::ecs::testing {
namespace {

using Held = std::map<std::string, std::map<std::string, std::set<std::string>>>;  // worker → kind → keys

// What a publisher that looks only where it was told to has given out is what a look at everything gives.
class PublishersTest : public EcsTest {
  protected:
    Held everything() {
        Held held;
        for (const auto& publisher : publishers_) {
            publisher->all(view(), [&](std::string key) { put(held, *publisher, key); });
        }
        return held;
    }
    // Runs the controllers as the loop does and follows the changes.
    void follow() {
        for (int round = 0; round < 50; ++round) {
            bool acted = false;
            for (const auto& controller : controllers()) {
                std::set<std::string> keys;
                controller->all(view(), [&](std::string key) { keys.insert(std::move(key)); });
                for (const auto& key : keys) {
                    const auto plan = controller->reconcile(view(), key, turn);
                    if (plan.actions().empty()) continue;
                    acted = true;
                    change([&](state::Txn& txn) { txn.apply(plan); });
                }
            }
            if (!acted) return;
        }
    }
    template <class Fn>
    void change(Fn fn) {
        state::Txn txn(database, turn);
        fn(txn);
        const auto changes = txn.finish();
        for (const auto& publisher : publishers_) {
            std::set<std::string> keys;
            for (const auto& one : changes)
                publisher->affected(view(), one, [&](std::string key) { keys.insert(std::move(key)); });
            for (const auto& key : keys) {
                for (auto& [_, kinds] : followed) {
                    kinds[std::string(publisher->kind())].erase(key);
                }
                put(followed, *publisher, key);
            }
        }
        // Empty kinds and workers are the same as none.
        for (auto worker = followed.begin(); worker != followed.end();) {
            std::erase_if(worker->second, [](const auto& kind) { return kind.second.empty(); });
            worker = worker->second.empty() ? followed.erase(worker) : std::next(worker);
        }
    }
    void put(Held& held, const Publisher& publisher, const std::string& key) {
        const auto object = publisher.build(view(), key);
        if (!object) return;
        for (const auto& worker : object->workers) held[worker][std::string(publisher.kind())].insert(key);
        EXPECT_FALSE(object->body().empty());
    }
    state::View view() { return state::View(database); }

    Held followed;

  private:
    std::vector<std::unique_ptr<Publisher>> publishers_ = publishers();
};

TEST_F(PublishersTest, FollowingChangesGivesWhatLookingAtEverythingGives) {
    prepare();
    add_worker(2048, 8192, true, "worker-1");
    add_worker(2048, 9192, true, "worker-2");
    EXPECT_TRUE(everything().empty());
    std::vector<std::string> ids;
    const auto request =
        shapes::from_json<shapes::ecs::RunTaskRequest>(boost::json::parse(run_json())).value();
    for (int i = 0; i < 4; ++i) {
        change([&](state::Txn& txn) {
            const auto response = run_task(txn, request, caller);
            ASSERT_TRUE(response);
            const auto& arn = *response->tasks->front().task_arn;
            ids.push_back(arn.substr(arn.rfind('/') + 1));
        });
        follow();
        ASSERT_EQ(followed, everything());
    }
    // Both workers have tasks in the default group, whose rules name itself: each knows all members.
    EXPECT_EQ(followed.at("worker-1").at("eni").size(), 4u);
    EXPECT_EQ(followed.at("worker-2").at("eni").size(), 4u);
    EXPECT_EQ(followed.at("worker-1").at("vpc").size(), 1u);
    EXPECT_EQ(followed.at("worker-1").at("task").size() + followed.at("worker-2").at("task").size(), 4u);

    // Without that rule each knows its own.
    change([&](state::Txn& txn) {
        auto group = *txn.list<ec2::SecurityGroupRecord>(caller.scope()).front();
        std::erase_if(group.rules, [](const auto& rule) { return !rule.group.empty(); });
        txn.put(group);
    });
    EXPECT_EQ(followed, everything());
    EXPECT_EQ(followed.at("worker-1").at("eni").size() + followed.at("worker-2").at("eni").size(), 4u);

    for (const auto& id : ids) {
        change([&](state::Txn& txn) {
            link::TaskReport report;
            report.task = id;
            report.incarnation = report.sequence = 1;
            report.observed.status = link::TaskStatus::STOPPED;
            report.observed.network_released = true;
            apply_task_report(txn, task(id)->worker, report);
        });
        follow();
        ASSERT_EQ(followed, everything());
    }
    EXPECT_TRUE(followed.empty());
}

}  // namespace
}  // namespace gantry::ecs::testing
