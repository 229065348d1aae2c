#pragma once

#include <algorithm>
#include <set>

#include "cloudwatch/alarm.h"
#include "dispatch/elbv2_handlers.h"
#include "ec2/vpc.h"
#include "ecs/deployment.h"
#include "ecs/service.h"
#include "ecs/service_deployment.h"
#include "ecs/service_event.h"
#include "ecs/service_revision.h"
#include "ecs/state_fixture.h"
#include "ecs/task_indexes.h"
#include "elbv2/carrier.h"
#include "elbv2/controllers.h"
#include "elbv2/listener_route.h"
#include "elbv2/service_targets.h"
#include "elbv2/target.h"

namespace gantry::ecs::testing {

namespace json = boost::json;
using std::chrono::minutes;
using std::chrono::seconds;

// A service "web" behind a load balancer of either kind, made by the operations as users make it, and a worker that
// does as it is told: tasks start and stop, targets become healthy and drain.
class ShiftTest : public EcsTest {
  protected:
    ShiftTest() {
        for (auto& one : elbv2::controllers()) all_.push_back(one);
        for (auto& one : ecs::controllers()) all_.push_back(std::move(one));
        add_worker(4096, 16384);
        write([&](state::Txn& txn) { elbv2::carrier_joined(txn, "worker-1"); });
    }

    state::View view() { return state::View(database); }
    template <class Response, class Request>
    Response ok(
        Result<Response> (*operation)(state::Txn&, const Request&, const Caller&), const std::string& text
    ) {
        auto result = ask(operation, text);
        EXPECT_TRUE(result) << (result ? "" : result.error().code + ": " + result.error().message) << "\n" << text;
        return result ? *std::move(result) : Response{};
    }

    // Target groups blue and green; a production listener and one for tests: their rules, or themselves.
    void make_stack(bool application) {
        ok(create_cluster, "{}");
        for (const char* family : {"web", "web", "web", "hook"}) ok(register_task_definition, definition(family));
        std::string subnets;
        for (const auto& one : view().list<ec2::SubnetRecord>())
            subnets += (subnets.empty() ? "\"" : ",\"") + one->id + "\"";
        const auto balancer = ok(
            elbv2::create_load_balancer,
            R"({"Name":"lb","Type":")" + std::string(application ? "application" : "network") + R"(","Subnets":[)" +
                subnets + "]}"
        );
        const std::string arn = *balancer.load_balancers->front().load_balancer_arn;
        blue = target_group("blue", application);
        green = target_group("green", application);
        production = route(arn, 80, application);
        test = route(arn, 8080, application);
    }
    std::string target_group(const std::string& name, bool application) {
        const std::string vpc = view().list<ec2::VpcRecord>().front()->id;
        const std::string arn =
            *ok(elbv2::create_target_group,
                R"({"Name":")" + name + R"(","Port":80,"TargetType":"ip","VpcId":")" + vpc + R"(","Protocol":")" +
                    (application ? "HTTP" : "TCP") + R"("})")
                 .target_groups->front()
                 .target_group_arn;
        ok(elbv2::modify_target_group_attributes,
           R"({"TargetGroupArn":")" + arn +
               R"(","Attributes":[{"Key":"deregistration_delay.timeout_seconds","Value":"20"}]})");
        return arn;
    }
    std::string route(const std::string& balancer, int port, bool application) {
        const std::string forward = R"([{"Type":"forward","TargetGroupArn":")" + blue + R"("}])";
        const std::string listener =
            *ok(elbv2::create_listener,
                R"({"LoadBalancerArn":")" + balancer + R"(","Port":)" + std::to_string(port) + R"(,"Protocol":")" +
                    (application ? "HTTP" : "TCP") + R"(","DefaultActions":)" +
                    (application ? R"([{"Type":"fixed-response","FixedResponseConfig":{"StatusCode":"404"}}])" : forward) + "}")
                 .listeners->front()
                 .listener_arn;
        if (!application) return listener;
        return *ok(elbv2::create_rule,
                   R"({"ListenerArn":")" + listener + R"(","Priority":1,"Conditions":[{"Field":"path-pattern","Values":["/*"]}],"Actions":)" +
                       forward + "}")
                    .rules->front()
                    .rule_arn;
    }
    static std::string definition(const std::string& family) {
        return R"({"family":")" + family + R"(","networkMode":"awsvpc","requiresCompatibilities":["FARGATE"],"cpu":"256",
            "memory":"512","containerDefinitions":[{"name":"web","image":"nginx","essential":true,
            "portMappings":[{"containerPort":80}]}]})";
    }
    // As members of a request. `rules`: of advancedConfiguration; empty: none.
    std::string balancers(const std::string& more = "") const {
        return R"("loadBalancers":[{"targetGroupArn":")" + blue +
               R"(","containerName":"web","containerPort":80,"advancedConfiguration":{"alternateTargetGroupArn":")" + green +
               R"(","productionListenerRule":")" + production + R"(","testListenerRule":")" + test +
               R"(","roleArn":"arn:aws:iam::123456789012:role/ecs")" + more + "}}]";
    }
    std::string create_json(const std::string& configuration, const std::string& balancing) {
        return R"({"serviceName":"web","taskDefinition":"web:1","desiredCount":2,"launchType":"FARGATE",
                  "networkConfiguration":{"awsvpcConfiguration":{"subnets":[")" +
               subnet() + R"("]}},"deploymentConfiguration":)" + configuration + (balancing.empty() ? "" : "," + balancing) +
               "}";
    }
    void make_service(const std::string& configuration = R"({"strategy":"BLUE_GREEN","bakeTimeInMinutes":5})") {
        ok(create_service, create_json(configuration, balancers()));
        rest(minutes(7));
        ASSERT_EQ(way()->status, ServiceDeploymentStatus::SUCCESSFUL);
        serves = true;
    }
    // "web:2" and so on; `more`: members of UpdateService.
    void update(const std::string& definition, const std::string& more = "") {
        ok(update_service, R"({"service":"web","taskDefinition":")" + definition + "\"" + (more.empty() ? "" : "," + more) + "}");
    }

    // Each key once; true if anything was planned.
    bool look() {
        bool acted = false;
        for (const auto& controller : all_) {
            std::set<std::string> keys;
            controller->all(view(), [&](std::string key) { keys.insert(std::move(key)); });
            for (const auto& key : keys) {
                const auto plan = controller->reconcile(view(), key, turn);
                acted = acted || !plan.actions().empty();
                write([&](state::Txn& txn) { txn.apply(plan); });
                always();
            }
        }
        return acted;
    }
    // What holds at every moment: whatever share of production traffic has somewhere healthy to go.
    void always() {
        if (!serves) return;
        for (const auto& [arn, weight] : weights(production)) {
            if (weight == 0) continue;
            const auto group = elbv2::find_service_group(view(), caller.account, caller.region, arn);
            const auto targets = view().find<elbv2::TargetsByGroup>(group->key);
            EXPECT_TRUE(std::any_of(targets.begin(), targets.end(), [](const auto& target) {
                return target->health == elbv2::TargetHealth::healthy;
            })) << "traffic goes to " << arn << ", where nothing is healthy";
        }
    }

    bool work() {
        bool worked = false;
        for (const auto& task : view().list<TaskRecord>()) {
            if (task->worker.empty() || task->stopped()) continue;
            link::ObservedTask seen;
            if (worker_spec(view(), *task).desired_status == link::TaskStatus::STOPPED) {
                seen.status = link::TaskStatus::STOPPED;
            } else if (bad.contains(task->family + ":" + std::to_string(task->revision))) {
                seen.status = link::TaskStatus::STOPPED;
                seen.stop_code = "TaskFailedToStart";
                seen.stop_reason = "CannotPullContainerError";
            } else if (task->family == "hook") {
                if (hook_exit < 0) continue;
                seen.status = link::TaskStatus::STOPPED;
                seen.stop_code = "EssentialContainerExited";
                seen.stop_reason = "Essential container in task exited";
                auto& container = seen.containers.emplace_back();
                container.name = "web";
                container.status = link::ContainerStatus::STOPPED;
                container.exit_code = hook_exit;
            } else if (task->last_status < link::TaskStatus::ACTIVATING) {
                seen.status = link::TaskStatus::RUNNING;
            } else {
                continue;
            }
            seen.network_released = seen.status == link::TaskStatus::STOPPED;
            report(task->id, task->report_sequence + 1, std::move(seen));
            worked = true;
        }
        for (const auto& target : view().list<elbv2::TargetRecord>()) {
            if (target->health != elbv2::TargetHealth::initial || sick) continue;
            const auto seen = elbv2::service_target(view(), target->group, target->owner);
            if (!seen || seen->unused) continue;
            write([&](state::Txn& txn) {
                elbv2::TargetRecord healthy = *target;
                healthy.health = elbv2::TargetHealth::healthy;
                healthy.observed.outcome = link::ProbeOutcome::success;
                txn.put(std::move(healthy));
            });
            worked = true;
        }
        return worked;
    }
    // Until nothing happens any more while at most `time` passes (policy time and real time alike).
    void rest(Duration time = seconds(30)) {
        const auto until = turn.now + time;
        for (int quiet = 0; turn.now < until || quiet < 2;) {
            bool acted = false;
            for (int round = 0; look(); ++round) {
                acted = true;
                note_stage();
                ASSERT_LT(round, 200) << "the controllers do not come to rest";
            }
            acted = work() || acted;
            quiet = acted ? 0 : quiet + 1;
            // Draining ends by real time alone.
            if (turn.now < until)
                pass(seconds(10));
            else
                turn.real_now = turn.real_now + seconds(60);
        }
    }
    void note_stage() {
        const std::string now = stage();
        if (!now.empty() && (stages.empty() || stages.back() != now)) stages.push_back(now);
    }

    std::string key() const { return ServiceRecord::key(caller.scope(), "default", "web"); }
    state::Pinned<ServiceRecord> service() { return view().get<ServiceRecord>(key()); }
    state::Pinned<ServiceDeploymentRecord> way() {
        return view().get<ServiceDeploymentRecord>(
            ServiceDeploymentRecord::key(service()->parts(), service()->last_service_deployment)
        );
    }
    shapes::ecs::ServiceDeployment described() {
        return ok(describe_service_deployments, R"({"serviceDeploymentArns":[")" + way()->arn() + R"("]})")
            .service_deployments->front();
    }
    std::string stage() { return described().lifecycle_stage.value_or(""); }
    std::string status() { return *described().status; }
    std::string definition_of_primary() {
        const auto revision = view().get<ServiceRevisionRecord>(
            ServiceRevisionRecord::key(service()->parts(), service()->primary)
        );
        return revision->family + ":" + std::to_string(revision->revision);
    }
    std::map<std::string, int> weights(const std::string& rule) {
        const auto at = elbv2::find_route(view(), caller.account, caller.region, rule);
        if (!at) return {};
        return elbv2::weights_of(*view().get<elbv2::ListenerRecord>(at->listener), *at).value_or(std::map<std::string, int>());
    }
    // Of green's group, in percent of what both get.
    int share(const std::string& rule, const std::string& group) {
        const auto all = weights(rule);
        int whole = 0;
        for (const auto& [_, weight] : all) whole += weight;
        return whole == 0 || !all.contains(group) ? 0 : 100 * all.at(group) / whole;
    }
    std::size_t running(const std::string& of = "") {
        std::size_t count = 0;
        for (const auto& task : view().find<TasksByService>(key()))
            count += task->last_status == link::TaskStatus::RUNNING && (of.empty() || of == "web:" + std::to_string(task->revision));
        return count;
    }
    bool told(const std::string& text) {
        const auto all = view().list<ServiceEventRecord>(service()->parts());
        return std::any_of(all.begin(), all.end(), [&](const auto& event) {
            return event->message.find(text) != std::string::npos;
        });
    }
    void alarm(const std::string& name, cloudwatch::AlarmState state) {
        cloudwatch::AlarmRecord record;
        record.account = caller.account;
        record.region = caller.region;
        record.definition.alarm_name = name;
        record.state = state;
        write([&](state::Txn& txn) { txn.put(record); });
    }
    std::string refused(const std::string& configuration, const std::string& balancing) {
        const auto result = ask(create_service, create_json(configuration, balancing));
        return result ? "accepted" : result.error().code + ": " + result.error().message;
    }

    std::string blue, green, production, test;
    std::set<std::string> bad;  // "web:2" does not start
    std::vector<std::string> stages;
    bool serves = false;  // production traffic must have somewhere to go from now on
    bool sick = false;    // no new target becomes healthy
    int hook_exit = 0;    // -1: hooks' tasks run on

  private:
    std::vector<std::shared_ptr<const Controller>> all_;
};

}  // namespace gantry::ecs::testing
