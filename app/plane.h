#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "adapter/logstore/store.h"
#include "adapter/metricstore/store.h"
#include "adapter/os/chance.h"
#include "adapter/os/clock.h"
#include "adapter/sqlite/store.h"
#include "base/task_group.h"
#include "control/api.h"
#include "control/loop.h"
#include "control/loop_data_context.h"
#include "control/metric_feed.h"
#include "control/policy_timer.h"
#include "control/strand.h"
#include "control/worker_sessions.h"
#include "ecs/report_sink.h"
#include "elbv2/report_sink.h"
#include "installation.h"
#include "logs/sink.h"
#include "state/schema.h"

namespace gantry::app {

// The control plane of one installation: every domain folder on one loop, over its store.
class Plane {
  public:
    struct Options {
        Installation installation;
        bool overcommit = true;
        bool codedeploy_synthetic_deployment = false;  // as ecs/presentation.h says
        control::ApiOptions api;
    };
    struct Executors {
        control::Strand& strand;
        boost::asio::any_io_executor offload;  // any threads: encoding
    };
    // Opens the stores; `invalid` when they are of a newer build.
    static Result<std::unique_ptr<Plane>> open(Executors executors, port::LinkAcceptor& workers, Options options);
    ~Plane();

    // On the strand.
    boost::asio::awaitable<Result<>> start();
    boost::asio::awaitable<void> stop();

    control::Api& api() { return *api_; }
    control::Loop& loop() { return *loop_; }
    port::LogSink& log_sink() { return *log_sink_; }
    std::vector<control::WorkerStatus> workers() const { return sessions_->status(); }  // on the strand

  private:
    Plane(Executors executors, port::LinkAcceptor& workers, Options options,
          std::unique_ptr<adapter::sqlite::Store> store, std::unique_ptr<adapter::logstore::Store> logs,
          std::unique_ptr<adapter::metricstore::Store> metrics);
    boost::asio::awaitable<void> sweep_logs();
    boost::asio::awaitable<void> age_metrics();
    boost::asio::awaitable<void> judge_alarms();
    void measure_tasks();
    boost::asio::awaitable<void> count_hosts();
    boost::asio::awaitable<void> count_tasks();
    boost::asio::awaitable<void> deliver_events();

    const bool synthetic_deployment_;
    state::Schema schema_;
    adapter::os::Clock clock_;
    adapter::os::Chance chance_;
    adapter::os::Chance api_chance_;
    std::unique_ptr<adapter::sqlite::Store> store_;
    std::unique_ptr<adapter::logstore::Store> log_store_;
    std::unique_ptr<adapter::metricstore::Store> metric_store_;
    ecs::TaskReportSink reports_;
    elbv2::TargetReports target_reports_;
    std::unique_ptr<control::Loop> loop_;
    std::unique_ptr<control::LoopDataContext> data_;
    control::LatestMetrics latest_metrics_;
    std::unique_ptr<control::MetricFeed> metric_feed_;
    std::unique_ptr<control::PolicyTimer> alarm_timer_;
    std::unique_ptr<control::PolicyTimer> host_timer_;
    std::unique_ptr<control::PolicyTimer> task_timer_;
    std::unique_ptr<logs::Sink> log_sink_;
    std::unique_ptr<control::WorkerSessions> sessions_;
    std::map<std::string, std::int64_t> measured_at_;  // the minute that a worker's last usage was counted for
    std::unique_ptr<control::Api> api_;
    Event sweep_wake_;
    Event events_wake_;
    TaskGroup group_;
};

}  // namespace gantry::app
