#include "plane.h"

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "acm/certificate.h"
#include "autoscaling/schema.h"
#include "base/log.h"
#include "cloudwatch/evaluate_alarms.h"
#include "cloudwatch/history_expiry.h"
#include "cloudwatch/schema.h"
#include "codedeploy/controllers.h"
#include "codedeploy/schema.h"
#include "dispatch/acm.h"
#include "dispatch/autoscaling.h"
#include "dispatch/cloudwatch.h"
#include "dispatch/codedeploy.h"
#include "dispatch/ec2.h"
#include "dispatch/ecs.h"
#include "dispatch/elbv2.h"
#include "dispatch/eventbus.h"
#include "dispatch/iam.h"
#include "dispatch/logs.h"
#include "dispatch/scheduler.h"
#include "dispatch/sts.h"
#include "ec2/schema.h"
#include "ec2/seed.h"
#include "ecs/cluster.h"
#include "ecs/container_insights.h"
#include "ecs/controllers.h"
#include "ecs/presentation.h"
#include "ecs/publishers.h"
#include "ecs/service.h"
#include "ecs/service_stability.h"
#include "ecs/service_usage.h"
#include "ecs/tables.h"
#include "elbv2/controllers.h"
#include "elbv2/host_counts.h"
#include "elbv2/publishers.h"
#include "elbv2/schema.h"
#include "elbv2/traffic.h"
#include "eventbus/schema.h"
#include "events/delivery.h"
#include "events/log_delivery.h"
#include "events/schema.h"
#include "iam/schema.h"
#include "iam/seed.h"
#include "logs/records.h"
#include "logs/removal.h"
#include "logs/sweep.h"
#include "operation/policy_clock.h"
#include "scheduler/schema.h"
#include "sts/session.h"
#include "sts/session_expiry.h"

namespace gantry::app {

namespace asio = boost::asio;
using namespace asio::experimental::awaitable_operators;

namespace {

operation::Handlers all_handlers() {
    operation::Handlers all;
    for (auto part : {acm::operations(), autoscaling::operations(), cloudwatch::operations(), codedeploy::operations(), ec2::operations(), ecs::operations(), elbv2::operations(), eventbus::operations(), scheduler::operations(), iam::operations(),
                      logs::operations(), sts::operations()}) {
        all.insert(all.end(), part.begin(), part.end());
    }
    return all;
}

template <class T>
std::vector<std::shared_ptr<const T>> shared(std::vector<std::unique_ptr<T>> owned) {
    std::vector<std::shared_ptr<const T>> all;
    for (auto& one : owned) all.push_back(std::move(one));
    return all;
}

std::vector<std::shared_ptr<const Publisher>> all_publishers() {
    auto all = elbv2::publishers();
    for (auto& one : shared(ecs::publishers())) all.push_back(std::move(one));
    return all;
}

}  // namespace

Result<std::unique_ptr<Plane>> Plane::open(Executors executors, port::LinkAcceptor& workers, Options options) {
    TRY(auto store, adapter::sqlite::Store::open(options.installation.store_path()));
    adapter::logstore::Options log_options;
    log_options.folder = options.installation.logs_dir();
    TRY(auto logs, adapter::logstore::Store::open(log_options));
    adapter::metricstore::Options metric_options;
    metric_options.folder = options.installation.metrics_dir();
    TRY(auto metrics, adapter::metricstore::Store::open(metric_options));
    return std::unique_ptr<Plane>(new Plane(
        std::move(executors), workers, std::move(options), std::move(store), std::move(logs), std::move(metrics)
    ));
}

Plane::Plane(
    Executors executors,
    port::LinkAcceptor& workers,
    Options options,
    std::unique_ptr<adapter::sqlite::Store> store,
    std::unique_ptr<adapter::logstore::Store> logs,
    std::unique_ptr<adapter::metricstore::Store> metrics
)
    : synthetic_deployment_(options.codedeploy_synthetic_deployment),
      store_(std::move(store)),
      log_store_(std::move(logs)),
      metric_store_(std::move(metrics)),
      reports_(options.overcommit),
      sweep_wake_(executors.strand.executor()),
      events_wake_(executors.strand.executor()),
      group_(executors.strand.executor()) {
    control::declare_tables(schema_);
    iam::declare(schema_);
    acm::declare(schema_);
    cloudwatch::declare(schema_);
    sts::declare(schema_);
    ec2::declare(schema_);
    logs::declare(schema_);
    eventbus::declare(schema_);
    elbv2::declare(schema_);
    ecs::declare_tables(schema_);
    events::declare(schema_);
    scheduler::declare(schema_);
    codedeploy::declare(schema_);
    autoscaling::declare(schema_);

    loop_ = std::make_unique<control::Loop>(
        control::LoopParts{
            executors.strand.executor(), executors.offload, clock_, *store_, chance_, schema_, &executors.strand
        }
    );
    loop_->add_controller(std::make_shared<sts::SessionExpiry>());
    loop_->add_controller(std::make_shared<cloudwatch::HistoryExpiry>());
    loop_->add_controller(std::make_shared<logs::RemovalController>());
    for (auto& controller : autoscaling::controllers()) loop_->add_controller(controller);
    for (auto& controller : events::controllers()) loop_->add_controller(controller);
    for (auto& controller : scheduler::controllers()) loop_->add_controller(controller);
    for (auto& controller : elbv2::controllers()) loop_->add_controller(controller);
    for (auto& controller : shared(ecs::controllers())) loop_->add_controller(controller);
    for (auto& controller : codedeploy::controllers()) loop_->add_controller(controller);
    loop_->add_seeder({"iam.account", control::Seeder::Per::account, iam::seed});
    loop_->add_seeder({"ec2.default_vpc", control::Seeder::Per::account_and_region, ec2::seed});
    loop_->on_durable([this](const state::ChangeSet& changes) {
        for (const auto& change : changes) {
            if (change.table == schema_.table_of<logs::LogRemovalRecord>() && change.after) sweep_wake_.set();
            if (change.table == schema_.table_of<events::LogDeliveryRecord>() && change.after) events_wake_.set();
        }
    });
    alarm_timer_ = std::make_unique<control::PolicyTimer>(*loop_);
    task_timer_ = std::make_unique<control::PolicyTimer>(*loop_);
    host_timer_ = std::make_unique<control::PolicyTimer>(*loop_);

    const control::DataStores stores{*log_store_, *metric_store_};
    data_ = std::make_unique<control::LoopDataContext>(*loop_, stores);
    log_sink_ = std::make_unique<logs::Sink>(*data_);
    sessions_ = std::make_unique<control::WorkerSessions>(
        *loop_, workers, reports_, all_publishers(), executors.offload, control::WorkerSessions::Options{}
    );
    sessions_->report_targets_to(target_reports_);
    metric_feed_ = std::make_unique<control::MetricFeed>(executors.strand.executor(), *metric_store_, &latest_metrics_);
    options.api.latest_metrics = &latest_metrics_;
    measure_tasks();
    options.api.explain = [](const state::View& view) {
        constexpr std::size_t kServicesTold = 20;
        boost::json::array services;
        for (const auto& line : ecs::unstable_services(view, kServicesTold)) services.emplace_back(line);
        return boost::json::object{{"services", std::move(services)}};
    };
    api_ = std::make_unique<control::Api>(*loop_, all_handlers(), stores, api_chance_, std::move(options.api));
}

Plane::~Plane() = default;

asio::awaitable<Result<>> Plane::start() {
    CO_TRY_VOID(co_await loop_->start());
    control::Loop::Work present = [this](state::Txn& txn) -> Result<void> {
        ecs::PresentationRecord wanted;
        wanted.codedeploy_synthetic_deployment = synthetic_deployment_;
        ecs::set_presentation(txn, wanted);
        return {};
    };
    CO_TRY_VOID(co_await loop_->transact(std::move(present)));
    sessions_->start();
    group_.spawn("log sweep", sweep_logs());
    group_.spawn("metric ageing", age_metrics());
    metric_feed_->start();
    group_.spawn("alarm evaluation", judge_alarms());
    group_.spawn("host counts", count_hosts());
    group_.spawn("task counts", count_tasks());
    group_.spawn("events to log groups", deliver_events());
    co_return Result<>{};
}

asio::awaitable<void> Plane::stop() {
    co_await group_.stop();
    co_await sessions_->stop();
    co_await metric_feed_->stop();
    co_await loop_->stop();
}

// Every ten minutes of real time, by policy time: it also moves what waits in memory into chunks.
asio::awaitable<void> Plane::age_metrics() {
    while (true) {
        if (auto slept = co_await clock_.sleep_for(std::chrono::minutes(10)); !slept) co_return;
        auto aged = co_await metric_store_->age(loop_->policy_now().ms / 1'000);
        if (!aged && aged.error().errc == Errc::cancelled) co_return;
        if (!aged) log::warn("metric ageing failed", {{"error", aged.error()}});
    }
}

// What workers say of tasks and balancers becomes metric points of the minute in which it is heard. How often they are asked goes with
// the policy clock's rate.
void Plane::measure_tasks() {
    sessions_->report_usage_to([this](const state::View& view, const std::string& worker, const link::Usage& usage) {
        constexpr std::int64_t minute = 60;
        const auto at_s = metric::round_down(loop_->policy_now().ms / 1'000, minute);
        const bool first_of_minute = std::exchange(measured_at_[worker], at_s) != at_s;
        std::vector<port::MetricSample> samples;
        const auto add = [&](auto measured) {
            for (auto& one : measured)
                samples.push_back({std::move(one.name), {at_s, minute, std::move(one.unit), std::move(one.values)}});
        };
        add(ecs::service_usage(view, usage));
        const auto clock = view.get<PolicyClockRecord>("clock");
        add(ecs::insights_usage(view, usage, clock ? clock->rate : 1));
        add(elbv2::balancer_traffic(view, usage, first_of_minute));
        metric_feed_->add(std::move(samples));
    });
    const auto look = [this](const PolicyClockRecord* clock) {
        sessions_->measure_every(control::measure_interval(clock == nullptr ? 1 : clock->rate));
    };
    loop_->on_loaded([look](const state::View& view) { look(view.get<PolicyClockRecord>("clock").get()); });
    loop_->on_durable([this, look](const state::ChangeSet& changes) {
        for (const auto& change : changes) {
            if (change.table == schema_.table_of<PolicyClockRecord>())
                look(static_cast<const PolicyClockRecord*>(change.after.get()));
        }
    });
}

// Three times in a minute of policy time, one balancer a turn.
asio::awaitable<void> Plane::count_hosts() {
    constexpr std::int64_t minute = 60;
    constexpr std::int64_t third_ms = 20'000;
    while (true) {
        const PolicyInstant next{metric::round_down(loop_->policy_now().ms, third_ms) + third_ms};
        if (auto waited = co_await host_timer_->wait_until(next); !waited) co_return;
        std::string after;
        while (true) {
            const auto page = loop_->view().page<elbv2::LoadBalancerRecord>("", after, 1);
            if (page.records.empty()) break;
            after = page.records.front()->key();
            const auto at_s = metric::round_down(loop_->policy_now().ms / 1'000, minute);
            std::vector<port::MetricSample> samples;
            for (auto& count : elbv2::host_counts(loop_->view(), *page.records.front()))
                samples.push_back({std::move(count.name), {at_s, minute, "Count", std::move(count.values)}});
            metric_feed_->add(std::move(samples));
            co_await asio::post(loop_->strand(), asio::use_awaitable);
        }
    }
}

// Once in a minute of policy time, some of them a turn.
asio::awaitable<void> Plane::count_tasks() {
    constexpr std::int64_t minute = 60;
    constexpr std::size_t at_once = 50;
    while (true) {
        const PolicyInstant next{metric::round_down(loop_->policy_now().ms, minute * 1'000) + minute * 1'000};
        if (auto waited = co_await task_timer_->wait_until(next); !waited) co_return;
        const auto add = [&](std::vector<ecs::ServiceUsage> counts) {
            std::vector<port::MetricSample> samples;
            for (auto& one : counts)
                samples.push_back({std::move(one.name), {next.ms / 1'000, minute, std::move(one.unit), std::move(one.values)}});
            metric_feed_->add(std::move(samples));
        };
        std::string after;
        while (true) {
            const auto page = loop_->view().page<ecs::ClusterRecord>("", after, at_once);
            if (page.records.empty()) break;
            after = page.records.back()->key();
            for (const auto& cluster : page.records) add(ecs::insights_cluster_counts(loop_->view(), cluster->key()));
            co_await asio::post(loop_->strand(), asio::use_awaitable);
        }
        after.clear();
        while (true) {
            const auto page = loop_->view().page<ecs::ServiceRecord>("", after, at_once);
            if (page.records.empty()) break;
            after = page.records.back()->key();
            for (const auto& service : page.records) add(ecs::insights_service_counts(loop_->view(), service->key()));
            co_await asio::post(loop_->strand(), asio::use_awaitable);
        }
    }
}

// Every minute of policy time; every ten seconds those that are judged so often.
asio::awaitable<void> Plane::judge_alarms() {
    bool quick = false;
    auto minute = cloudwatch::next_evaluation(loop_->policy_now(), false);
    while (true) {
        auto next = minute;
        if (quick) next = std::min(next, cloudwatch::next_evaluation(loop_->policy_now(), true));
        if (auto waited = co_await alarm_timer_->wait_until(next); !waited) co_return;
        const auto now = loop_->policy_now();
        const bool all = now >= minute;
        if (all) minute = cloudwatch::next_evaluation(now, false);
        auto done = co_await cloudwatch::evaluate_alarms(*data_, !all);
        if (!done && done.error().errc == Errc::cancelled) co_return;
        if (!done) log::warn("alarms could not be evaluated", {{"error", done.error()}});
        quick = done && *done;
    }
}

// Whenever a group or stream was deleted, and once an hour of real time for what is past its retention (a bent policy
// clock is looked at then).
asio::awaitable<void> Plane::sweep_logs() {
    while (true) {
        if (auto swept = co_await logs::sweep(*data_); !swept) {
            if (swept.error().errc == Errc::cancelled) co_return;
            log::warn("log events past their retention stay", {{"why", swept.error()}});
        }
        const auto woken = co_await (sweep_wake_.wait() || clock_.sleep_for(std::chrono::hours(1)));
        const bool cancelled = woken.index() == 0 ? !std::get<0>(woken) : !std::get<1>(woken);
        if (cancelled) co_return;
    }
}

// Whenever a rule sends an event to a log group; what trouble has left is tried again soon.
asio::awaitable<void> Plane::deliver_events() {
    while (true) {
        Duration pause = std::chrono::hours(1);
        if (auto delivered = co_await events::deliver_logs(*data_, *log_sink_); !delivered) {
            if (delivered.error().errc == Errc::cancelled) co_return;
            log::warn("events for log groups wait", {{"why", delivered.error()}});
            pause = std::chrono::seconds(5);
        }
        const auto woken = co_await (events_wake_.wait() || clock_.sleep_for(pause));
        const bool cancelled = woken.index() == 0 ? !std::get<0>(woken) : !std::get<1>(woken);
        if (cancelled) co_return;
    }
}

}  // namespace gantry::app
