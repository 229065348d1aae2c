#pragma once

#include <gtest/gtest.h>

#include <map>
#include <set>
#include <type_traits>

#include "acm/certificate.h"
#include "ec2/eni.h"
#include "ec2/schema.h"
#include "ec2/seed.h"
#include "ec2/state_fixture.h"
#include "ec2/subnet.h"
#include "ec2/vpc.h"
#include "elbv2/carrier.h"
#include "elbv2/controllers.h"
#include "elbv2/publishers.h"
#include "elbv2/report_sink.h"
#include "elbv2/schema.h"
#include "elbv2/target_group.h"
#include "elbv2/usage.h"
#include "iam/schema.h"
#include "operation/caller.h"
#include "state/txn.h"

namespace gantry::elbv2::testing {

// An account's region with its default VPC and one worker, whose operations, controllers and publishers run as
// control runs them: a refusal undoes its writes, a change makes controllers and publishers look again.
struct Client {
    Client() {
        iam::declare(schema);
        acm::declare(schema);
        ec2::declare(schema);
        declare(schema);
        database.emplace(schema);
        caller.account = "123456789012";
        caller.region = "ap-northeast-1";
        commit([&](state::Txn& txn) {
            ec2::seed(txn, caller);
            carrier_joined(txn, "w1");
        });
        std::map<std::string, std::string> by_zone;
        for (const auto& subnet : view().list<ec2::SubnetRecord>()) by_zone[subnet->zone] = subnet->id;
        for (const auto& [_, id] : by_zone) subnets.push_back(id);
        vpc = view().list<ec2::VpcRecord>().front();
    }

    state::View view() const { return state::View(*database); }
    state::Turn turn() { return {now, real_now, dice}; }

    template <class Request, class Response>
    using Operation = Result<Response> (*)(state::Txn&, const Request&, const Caller&);

    template <class Request, class Response>
    Result<Response> call(
        Operation<Request, Response> operation, const std::type_identity_t<Request>& request
    ) {
        const auto at = turn();
        state::Txn txn(*database, at);
        auto result = operation(txn, request, caller);
        if (result) {
            follow(txn.finish());
        } else {
            txn.undo();
        }
        return result;
    }
    template <class Request, class Response>
    Response ok(Operation<Request, Response> operation, const std::type_identity_t<Request>& request) {
        auto result = call(operation, request);
        EXPECT_TRUE(result) << result.error().code << ": " << result.error().message;
        return result ? *std::move(result) : Response{};
    }
    // "Code: message" of the refusal.
    template <class Request, class Response>
    std::string refused(
        Operation<Request, Response> operation, const std::type_identity_t<Request>& request
    ) {
        const auto result = call(operation, request);
        EXPECT_FALSE(result);
        return result ? "accepted" : result.error().code + ": " + result.error().message;
    }

    template <class Fn>
    void commit(Fn fn) {
        const auto at = turn();
        state::Txn txn(*database, at);
        fn(txn);
        follow(txn.finish());
    }
    // A plan of somebody above, as one transaction.
    template <class Fn>
    void plan(Fn fn) {
        state::Plan made;
        fn(made);
        commit([&](state::Txn& txn) { txn.apply(made); });
    }
    // What the worker saw of the target that has this address.
    void report(const std::string& address, const link::ObservedTarget& seen, const std::string& by = "w1") {
        for (const auto& target : view().list<TargetRecord>()) {
            if (target->address != address) continue;
            link::TargetReport said;
            said.group = std::string(id_in(target->group));
            said.registration = target->registration;
            said.incarnation = 1;
            said.sequence = ++sequence;
            said.observed = seen;
            commit([&](state::Txn& txn) { EXPECT_TRUE(sink.apply(txn, by, said)); });
            return;
        }
        ADD_FAILURE() << "no target " << address;
    }
    // Time passes, and controllers look at everything.
    void wait(Duration duration) {
        now = now + duration;
        real_now = real_now + duration;
        for (const auto& controller : all_controllers)
            controller->all(view(), [&](const std::string& key) { look(*controller, key); });
    }
    // What `kind/key` the worker holds, as JSON.
    using Held = std::map<std::string, std::map<std::string, std::string>>;
    Held fresh() const {
        Held all;
        for (const auto& publisher : all_publishers)
            publisher->all(view(), [&](const std::string& key) { publish(*publisher, key, all); });
        return all;
    }
    // Events alone keep workers at what a fresh look gives, and nobody has anything to do.
    void expect_converged() {
        EXPECT_EQ(without_idle(held), without_idle(fresh()));
        const auto at = turn();
        for (const auto& controller : all_controllers) {
            controller->all(view(), [&](const std::string& key) {
                const auto plan = controller->reconcile(view(), key, at);
                for (const auto& action : plan.actions())
                    ADD_FAILURE() << controller->name() << " " << key << ": " << action.reason;
            });
        }
    }
    template <class T>
    T object(const std::string& worker, const std::string& kind, const std::string& id) {
        const auto& text = held[worker][kind + "/" + id];
        EXPECT_NE(text, "") << kind << "/" << id;
        const auto read = decode_text<T>(text);
        EXPECT_TRUE(read);
        return read ? *read : T{};
    }

    state::Schema schema;
    ec2::testing::Dice dice;
    PolicyInstant now{1'700'000'000'000};
    RealInstant real_now{1'700'000'000'000};
    std::optional<state::Database> database;
    Caller caller;
    std::vector<std::string> subnets;  // of the default VPC, by zone
    state::Pinned<ec2::VpcRecord> vpc;
    TargetReports sink;
    Held held;
    std::uint64_t sequence = 0;

  private:
    void publish(const Publisher& publisher, const std::string& key, Held& to) const {
        const std::string name = std::string(publisher.kind()) + "/" + key;
        for (auto& [_, objects] : to) objects.erase(name);
        const auto built = publisher.build(view(), key);
        if (!built) return;
        for (const auto& worker : built->workers) to[worker][name] = boost::json::serialize(built->body());
    }
    void follow(const state::ChangeSet& changes) {
        std::vector<std::pair<const Controller*, std::string>> due;
        for (const auto& change : changes) {
            for (const auto& publisher : all_publishers) {
                publisher->affected(view(), change, [&](const std::string& key) {
                    publish(*publisher, key, held);
                });
            }
            for (const auto& controller : all_controllers) {
                controller->affected(view(), change, [&](const std::string& key) {
                    due.emplace_back(controller.get(), key);
                });
            }
        }
        for (const auto& [controller, key] : due) look(*controller, key);
    }
    void look(const Controller& controller, const std::string& key) {
        const auto at = turn();
        const auto plan = controller.reconcile(view(), key, at);
        if (plan.actions().empty()) return;
        state::Txn txn(*database, at);
        txn.apply(plan);
        follow(txn.finish());
    }
    static Held without_idle(Held all) {
        std::erase_if(all, [](const auto& worker) { return worker.second.empty(); });
        return all;
    }

    std::vector<std::shared_ptr<const Publisher>> all_publishers = publishers();
    std::vector<std::shared_ptr<const Controller>> all_controllers = controllers();
};

}  // namespace gantry::elbv2::testing
