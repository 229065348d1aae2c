#include "simulation/scaling_life.h"

#include "autoscaling/policy.h"
#include "base/task_group.h"
#include "cloudwatch/alarm.h"
#include "cloudwatch/evaluate_alarms.h"
#include "cloudwatch/judge.h"
#include "cloudwatch/metric_name.h"
#include "cloudwatch/naive_judge.h"
#include "control/loop_data_context.h"
#include "dispatch/autoscaling_handlers.h"
#include "dispatch/cloudwatch_handlers.h"
#include "dispatch/ecs_handlers.h"
#include "dispatch/scheduler_handlers.h"
#include "ec2/subnet.h"
#include "events/delivery.h"
#include "operation/policy_clock.h"
#include "sim/log_store.h"
#include "sim/metric_store.h"
#include "simulation/scaling_checker.h"
#include "simulation/workload.h"

namespace gantry::simulation {

namespace asio = boost::asio;
using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

namespace {

constexpr double kRate = 60;
constexpr int kCooldown = 300;  // seconds
constexpr int kStepMost = 2;
constexpr Duration kPeriod = hours(1);
constexpr std::int64_t kMinute = 60;
const std::vector<std::string> kServices{"alpha", "beta"};

class ScalingLife {
  public:
    explicit ScalingLife(std::uint64_t seed)
        : chance_(seed),
          world_(options()),
          checker_(world_),
          tasks_(world_, checker_, chance_.draw()),
          scaling_(checker_, seconds(kCooldown), kStepMost) {
        world_.on_new_loop = [this, before = world_.on_new_loop](control::Loop& loop) {
            before(loop);
            scaling_.subscribe(loop);
        };
        tasks_.publish_images();
        world_.start();
        group_ = std::make_unique<TaskGroup>(world_.loop().strand());
        tasks_.register_all();
        for (const auto& service : kServices) set_up(service);
        set_up_schedule();
        bend_clock();
    }
    ~ScalingLife() { world_.stop(); }

    void safety(int policy_hours) {
        const int accidents = below(2) == 0 ? 0 : 1 + below(8);
        for (int minute = 0; minute < policy_hours * 60; ++minute) {
            for (const auto& service : kServices) measure(service);
            judge();
            if (below(100) < 12) act(kServices[static_cast<std::size_t>(below(2))]);
            world_.advance(seconds(1));
            if (below(100) < accidents) accident();
        }
    }

    void liveness() {
        world_.no_more_faults();
        for (std::size_t i = 0; i < world_.machines().size(); ++i) world_.start_worker(i);
        for (int i = 0; i < 600 && !world_.view().list<events::TaskDeliveryRecord>().empty(); ++i)
            world_.advance(seconds(5));
        world_.advance(seconds(5));
        if (!world_.view().list<events::TaskDeliveryRecord>().empty()) checker_.violation("a delivery never ends");
        // The newest time may be due this very moment.
        scaling_.end(kPeriod, world_.loop().policy_now() - minutes(5));
        if (judged_ == 0) checker_.violation("no alarm was ever judged");
    }

    Outcome outcome(std::uint64_t seed) {
        Outcome outcome;
        outcome.seed = seed;
        outcome.digest = checker_.digest() ^ world_.loop().digest();
        outcome.last_draw = world_.last_draw();
        outcome.violations = checker_.violations();
        outcome.events = checker_.events();
        outcome.tasks = checker_.tasks_seen();
        outcome.crashes = world_.crashes();
        outcome.commits = world_.store().written();
        return outcome;
    }

  private:
    int below(int end) { return static_cast<int>(chance_.draw() % static_cast<std::uint64_t>(end)); }
    int rate(int most) { return below(2) == 0 ? 0 : 1 + below(most); }

    WorldOptions options() {
        WorldOptions options;
        options.seed = chance_.draw();
        options.workers = 1 + below(3);
        options.machine = {rate(20), rate(20), rate(50), milliseconds(1 + below(2'000))};
        options.link = {rate(30), rate(30), rate(50), milliseconds(1 + below(2'000))};
        options.store = {rate(10), rate(10), rate(10), rate(50), rate(50), milliseconds(1 + below(500))};
        return options;
    }

    // Asked again until it is done; what is repeated is told by its name.
    template <class Response, class Request>
    void insist(
        Result<Response> (*operation)(state::Txn&, const Request&, const Caller&), const std::string& json
    ) {
        const auto done = std::make_shared<bool>(false);
        for (int attempt = 0; attempt < 1'000 && !*done; ++attempt) {
            world_.ask<Response, Request>(operation, json, [done](const Result<Response>& response) {
                *done = *done || response || response.error().errc == Errc::refused;
            });
            world_.advance(milliseconds(500));
        }
        ASSERT(*done, "it can never be set up");
    }
    template <class Response, class Request>
    void ask(Result<Response> (*operation)(state::Txn&, const Request&, const Caller&), const std::string& json) {
        world_.ask<Response, Request>(operation, json, [](const Result<Response>&) {});
    }

    static std::string resource(const std::string& service) {
        return R"({"ServiceNamespace":"ecs","ScalableDimension":"ecs:service:DesiredCount","ResourceId":"service/default/)" +
               service + "\"";
    }
    std::string network(const std::string& member) const {
        std::string text;
        for (const auto& subnet : world_.view().list<ec2::SubnetRecord>(world_.caller().scope()))
            text += (text.empty() ? "\"" : ",\"") + subnet->id + "\"";
        return R"({"awsvpcConfiguration":{")" + member + R"(":[)" + text + "]}}";
    }

    void set_up(const std::string& service) {
        insist(
            ecs::create_service, R"({"serviceName":")" + service +
                                     R"(","taskDefinition":"web","launchType":"FARGATE","availabilityZoneRebalancing":"DISABLED",)"
                                     R"("desiredCount":2,"networkConfiguration":)" + network("subnets") + "}"
        );
        insist(autoscaling::register_scalable_target, resource(service) + R"(,"MinCapacity":1,"MaxCapacity":5})");
        policy(service, "up", R"([{"MetricIntervalLowerBound":0,"MetricIntervalUpperBound":20,"ScalingAdjustment":1},)"
                              R"({"MetricIntervalLowerBound":20,"ScalingAdjustment":2}])");
        policy(service, "down", R"([{"MetricIntervalUpperBound":0,"ScalingAdjustment":-1}])");
        alarm(service, "up", "GreaterThanOrEqualToThreshold", 70, 2, 2, "missing");
        alarm(service, "down", "LessThanOrEqualToThreshold", 30, 3, 2, "notBreaching");
        insist(
            autoscaling::put_scheduled_action,
            resource(service) + R"j(,"ScheduledActionName":")j" + (service == kServices.front() ? "hourly" : "late") +
                R"j(","Schedule":"cron(0 * * * ? *)","Timezone":"Europe/Berlin","ScalableTargetAction":{"MinCapacity":1,"MaxCapacity":4}})j"
        );
    }
    void policy(const std::string& service, const std::string& name, const std::string& steps) {
        insist(
            autoscaling::put_scaling_policy,
            resource(service) + R"(,"PolicyName":")" + name +
                R"(","PolicyType":"StepScaling","StepScalingPolicyConfiguration":{"AdjustmentType":"ChangeInCapacity","Cooldown":)" +
                std::to_string(kCooldown) + R"(,"StepAdjustments":)" + steps + "}}"
        );
    }
    void alarm(
        const std::string& service,
        const std::string& policy,
        const std::string& comparison,
        int threshold,
        int wanted,
        int needed,
        const std::string& missing
    ) {
        std::string action;
        for (const auto& known : world_.view().list<autoscaling::PolicyRecord>())
            if (known->name == policy && known->resource == "service/default/" + service) action = known->arn();
        insist(
            cloudwatch::put_metric_alarm,
            R"({"AlarmName":")" + service + "-" + policy + R"(","Namespace":"App","MetricName":"Load","Statistic":"Average",)"
                R"("Dimensions":[{"Name":"Service","Value":")" + service + R"("}],"Period":60,"ComparisonOperator":")" + comparison +
                R"(","Threshold":)" + std::to_string(threshold) + R"(,"EvaluationPeriods":)" + std::to_string(wanted) +
                R"(,"DatapointsToAlarm":)" + std::to_string(needed) + R"(,"TreatMissingData":")" + missing +
                R"(","AlarmActions":[")" + action + R"("]})"
        );
    }
    void set_up_schedule() {
        insist(
            scheduler::create_schedule,
            R"j({"Name":"jobs","ClientToken":"t","ScheduleExpression":"rate(1 hour)","FlexibleTimeWindow":{"Mode":"OFF"},"Target":{"Arn":)j"
            R"("arn:aws:ecs:)" + world_.caller().region + ":" + world_.caller().account +
                R"(:cluster/default","RoleArn":"arn:aws:iam::123456789012:role/r","EcsParameters":{"LaunchType":"FARGATE","TaskDefinitionArn":)"
                R"("arn:aws:ecs:)" + world_.caller().region + ":" + world_.caller().account +
                R"(:task-definition/job","NetworkConfiguration":)" + network("Subnets") + "}}}"
        );
    }
    void bend_clock() {
        const auto bent = std::make_shared<bool>(false);
        for (int attempt = 0; attempt < 1'000 && !*bent; ++attempt) {
            world_.loop().submit(
                [](state::Txn& txn) -> Result<void> {
                    txn.put(PolicyClockRecord{txn.real_now(), txn.now(), kRate, {}});
                    return {};
                },
                {}, [bent](Result<void> done) { *bent = *bent || done; }
            );
            world_.advance(milliseconds(500));
        }
        ASSERT(*bent, "the clock can never be bent");
    }

    std::int64_t minute_now() { return world_.loop().policy_now().ms / 1'000 / kMinute * kMinute; }

    // One point a minute, or none. It goes up and down over half an hour or so.
    void measure(const std::string& service) {
        auto& load = loads_[service];
        load.trend = below(12) == 0 ? below(41) - 20 : load.trend;
        load.value = std::clamp(load.value + load.trend + below(11) - 5, 0, 100);
        if (load.value == 0 || load.value == 100) load.trend = -load.trend;
        const auto at = minute_now();
        if (load.points.contains(at) || below(10) == 0) return;
        load.points[at] = load.value;
        std::vector<shapes::cloudwatch::Dimension> dimensions(1);
        dimensions[0].name = "Service";
        dimensions[0].value = service;
        const auto name = cloudwatch::metric_name(
            world_.caller().account, world_.caller().region, "App", "Load", std::move(dimensions)
        );
        std::vector<port::MetricSample> samples{
            {name, {at, kMinute, "None", metric::Values::of(static_cast<double>(load.value))}}};
        group_->spawn("a point", append(std::move(samples)));
    }
    asio::awaitable<void> append(std::vector<port::MetricSample> samples) {
        (void)co_await metrics_.append(std::move(samples));
    }

    // Unless the last judgement still waits for the store.
    void judge() {
        if (judging_) return;
        judging_ = true;
        group_->spawn("a judgement", evaluate());
    }
    asio::awaitable<void> evaluate() {
        control::LoopDataContext context(world_.loop(), control::DataStores{logs_, metrics_});
        const auto before = minute_now();
        auto done = co_await cloudwatch::evaluate_alarms(context, false);
        judging_ = false;
        if (done && minute_now() == before) compare(before);
    }

    void compare(std::int64_t minute) {
        for (const auto& alarm : world_.view().list<cloudwatch::AlarmRecord>()) {
            const auto& given = alarm->definition;
            if (alarm->updated.ms >= minute * 1'000) continue;
            const std::string service = given.alarm_name.substr(0, given.alarm_name.find('-'));
            const bool high = given.alarm_name.ends_with("-up");
            const auto& points = loads_[service].points;
            std::string text;
            const auto count = static_cast<std::int64_t>(cloudwatch::judged_range(given));
            for (std::int64_t i = count; i > 0; --i) {
                const auto point = points.find(minute - i * kMinute);
                if (point == points.end()) {
                    text += '-';
                } else {
                    text += (high ? point->second >= 70 : point->second <= 30) ? 'X' : '0';
                }
            }
            const auto wanted = cloudwatch::naive_judge(
                *given.evaluation_periods, given.datapoints_to_alarm.value_or(0), *given.treat_missing_data, text
            );
            ++judged_;
            if (wanted != cloudwatch::state_text(alarm->state)) {
                checker_.violation(
                    given.alarm_name + " is " + cloudwatch::state_text(alarm->state) + ", and of " + text + " should be " + wanted
                );
            }
        }
    }

    void act(const std::string& service) {
        switch (below(6)) {
            case 0:
                return ask(
                    ecs::update_service, R"({"service":")" + service + R"(","desiredCount":)" + std::to_string(below(6)) + "}"
                );
            case 1:
                return ask(ecs::update_service, R"({"service":")" + service + R"(","forceNewDeployment":true})");
            case 2: {
                const int least = below(3);
                return ask(
                    autoscaling::register_scalable_target,
                    resource(service) + R"(,"MinCapacity":)" + std::to_string(least) + R"(,"MaxCapacity":)" +
                        std::to_string(least + below(5)) + "}"
                );
            }
            case 3:
                return ask(
                    autoscaling::register_scalable_target,
                    resource(service) + R"(,"SuspendedState":{"DynamicScalingInSuspended":)" + (below(3) == 0 ? "true" : "false") +
                        R"(,"DynamicScalingOutSuspended":)" + (below(3) == 0 ? "true" : "false") + "}}"
                );
            default:
                return ask(
                    autoscaling::register_scalable_target, resource(service) + R"(,"MinCapacity":1,"MaxCapacity":5})"
                );
        }
    }

    void accident() {
        const auto which = static_cast<std::size_t>(below(static_cast<int>(world_.machines().size())));
        switch (below(4)) {
            case 0:
                return world_.crash_plane();
            case 1:
                return world_.store().die_after(1 + static_cast<std::size_t>(below(5)));
            case 2:
                if (!world_.machines()[which]->agent) return world_.start_worker(which);
                return world_.stop_worker(which);
            default:
                return world_.cut_link(!world_.link_is_cut());
        }
    }

    struct Load {
        int value = 50;
        int trend = 5;
        std::map<std::int64_t, int> points;  // by minute, in seconds
    };

    sim::SeededChance chance_;
    sim::MetricStore metrics_;
    sim::LogStore logs_;
    World world_;
    Checker checker_;
    Workload tasks_;
    ScalingChecker scaling_;
    std::map<std::string, Load> loads_;
    bool judging_ = false;
    std::size_t judged_ = 0;
    std::unique_ptr<TaskGroup> group_;
};

}  // namespace

Outcome simulate_scaling(std::uint64_t seed, int policy_hours) {
    ScalingLife life(seed);
    life.safety(policy_hours);
    life.liveness();
    return life.outcome(seed);
}

}  // namespace gantry::simulation
