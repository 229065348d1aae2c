#pragma once

#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "dispatch/ecs_handlers.h"
#include "dispatch/eventbus_handlers.h"
#include "cloudwatch/schema.h"
#include "ec2/schema.h"
#include "ec2/seed.h"
#include "ec2/subnet.h"
#include "ecs/tables.h"
#include "ecs/task.h"
#include "ecs/worker.h"
#include "elbv2/schema.h"
#include "eventbus/event.h"
#include "eventbus/schema.h"
#include "events/delivery.h"
#include "events/rule_schedule.h"
#include "events/schema.h"
#include "iam/schema.h"
#include "logs/records.h"
#include "shapes/json.h"
#include "state/txn.h"

namespace gantry::events::testing {

class Dice : public state::Chance {
  public:
    std::uint64_t draw() override { return last_ = last_ * 6364136223846793005ULL + 1442695040888963407ULL; }

  private:
    std::uint64_t last_ = 7;
};

// A cluster c, a task definition f, and the controllers of this folder run until nothing is left to do.
class EventsTest : public ::testing::Test {
  protected:
    EventsTest() : database(declared(schema)) {
        caller.account = "123456789012";
        caller.region = "us-east-1";
        write([&](state::Txn& txn) { ec2::seed(txn, caller); });
        ask(ecs::create_cluster, R"({"clusterName":"c"})");
        ask(ecs::register_task_definition,
            R"({"family":"f","networkMode":"awsvpc","requiresCompatibilities":["FARGATE"],"cpu":"256","memory":"512",
                "containerDefinitions":[{"name":"main","image":"busybox"}]})");
        subnet = view().list<ec2::SubnetRecord>().front()->id;
    }

    template <class Fn>
    void write(Fn fn) {
        state::Txn txn(database, turn);
        fn(txn);
        txn.finish();
    }

    template <class Response, class Request>
    Result<Response> ask(
        Result<Response> (*operation)(state::Txn&, const Request&, const Caller&), const std::string& json = "{}"
    ) {
        const auto request = shapes::from_json<Request>(boost::json::parse(json));
        EXPECT_TRUE(request) << (request ? "" : request.error().message);
        state::Txn txn(database, turn);
        auto result = operation(txn, *request, caller);
        EXPECT_TRUE(result) << (result ? "" : result.error().message);
        if (result) {
            txn.finish();
        } else {
            txn.undo();
        }
        return result;
    }

    // Every controller on every key, until no plan has an action.
    void settle() {
        for (bool more = true; more;) {
            more = false;
            for (const auto& controller : controllers()) {
                std::vector<std::string> keys;
                controller->all(view(), [&](std::string key) { keys.push_back(std::move(key)); });
                for (const auto& key : keys) {
                    const auto plan = controller->reconcile(view(), key, turn);
                    EXPECT_LE(plan.actions().size(), state::Txn::kRecordsMax);
                    if (plan.actions().empty()) continue;
                    for (const auto& action : plan.actions()) reasons.push_back(action.reason);
                    more = true;
                    write([&](state::Txn& txn) { txn.apply(plan); });
                }
            }
        }
    }
    void pass(Duration time) {
        turn.now = turn.now + time;
        turn.real_now = turn.real_now + time;
    }

    // A rule r with an ECS target of that many tasks; more: members of its target.
    void target_tasks(int count, const std::string& more = "") {
        ask(eventbus::put_targets,
            R"({"Rule":"r","Targets":[{"Id":"t","Arn":"arn:aws:ecs:us-east-1:123456789012:cluster/c","RoleArn":"arn:r",)"
            R"("EcsParameters":{"TaskDefinitionArn":"arn:aws:ecs:us-east-1:123456789012:task-definition/f","TaskCount":)" +
                std::to_string(count) +
                R"(,"LaunchType":"FARGATE","Tags":[{"Key":"k","Value":"v"}],"NetworkConfiguration":{"awsvpcConfiguration":)"
                R"({"Subnets":[")" + subnet + R"("]}}})" + more + "}]}");
    }

    std::vector<state::Pinned<ecs::TaskRecord>> tasks() const { return view().list<ecs::TaskRecord>(); }
    state::View view() const { return state::View(database); }

    static const state::Schema& declared(state::Schema& schema) {
        iam::declare(schema);
        ec2::declare(schema);
        logs::declare(schema);
        elbv2::declare(schema);
        eventbus::declare(schema);
        cloudwatch::declare(schema);
        ecs::declare_tables(schema);
        events::declare(schema);
        return schema;
    }

    Dice dice;
    // 2023-11-14T22:13:20Z
    state::Turn turn{PolicyInstant{1'700'000'000'000}, RealInstant{1'700'000'000'000}, dice};
    state::Schema schema;
    state::Database database;
    Caller caller;
    std::string subnet;
    std::vector<std::string> reasons;
};

}  // namespace gantry::events::testing
