#pragma once

#include <boost/asio/awaitable.hpp>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "base/event.h"
#include "base/task_group.h"
#include "control/loop.h"
#include "control/published_objects.h"
#include "link/usage.h"
#include "operation/publisher.h"
#include "operation/report_sink.h"
#include "operation/target_report_sink.h"
#include "port/link.h"

namespace gantry::control {

struct WorkerStatus {
    std::string worker;
    bool connected = false;
    std::size_t unacknowledged = 0;
};

// The control plane's ends of the links to its workers. Tells each worker what it shall hold, after the fence and until it
// says that it holds it; takes reports and acknowledges them once they are durable; says who is lost.
//
// Everything happens on the loop's strand. Made before loop.start() (it subscribes), started after it.
class WorkerSessions {
  public:
    struct Options {
        Duration heartbeat{2'000};
        int heartbeats_missed_max = 5;
        Duration tell_again_after{2'000};
        Duration inventory_every{60'000};
    };

    // offload: where objects become JSON; in simulation the same as the strand.
    WorkerSessions(
        Loop& loop,
        port::LinkAcceptor& acceptor,
        ReportSink& reports,
        std::vector<std::shared_ptr<const Publisher>> publishers,
        boost::asio::any_io_executor offload,
        Options options
    );
    ~WorkerSessions();

    // Before start(). Without a sink, reports about targets are acknowledged and forgotten.
    void report_targets_to(TargetReportSink& sink) { target_reports_ = &sink; }
    // What tasks use, as workers say it; on the strand, not fenced. Nothing of it is repeated.
    using UsageSink = std::function<void(const state::View&, const std::string& worker, const link::Usage&)>;
    void report_usage_to(UsageSink sink) { usage_sink_ = std::move(sink); }
    // How often workers are to measure, from now on. On the strand.
    void measure_every(Duration interval);

    void start();
    boost::asio::awaitable<void> stop();
    std::vector<WorkerStatus> status() const;

  private:
    struct Session;
    struct Built {
        ObjectName name;
        std::optional<Published> published;
        std::optional<boost::json::object> body;
        std::uint64_t generation = 0;
    };
    using SessionPtr = std::shared_ptr<Session>;

    boost::asio::awaitable<void> accept_all();
    boost::asio::awaitable<void> serve(std::shared_ptr<port::Link> link);
    boost::asio::awaitable<void> write_out(SessionPtr session);
    boost::asio::awaitable<void> watch_over();
    boost::asio::awaitable<std::optional<link::Hello>> hear_hello(std::shared_ptr<port::Link> link);
    boost::asio::awaitable<SessionPtr> greet(std::shared_ptr<port::Link> link);

    void take(const SessionPtr& session, link::ToControl message);
    void take_usage(Session& session, const link::Usage& usage);
    void tell_measure(Session& session);
    void take_report(
        const SessionPtr& session, std::function<Result<void>(state::Txn&)> apply, link::ToWorker acknowledgement
    );
    void publish_soon();
    void publish();
    void encode(std::vector<Built> built);
    void tell_all(const std::vector<Built>& built);
    void assign(const ObjectName& name, const std::vector<std::string>& workers);
    void touch_assigned(Session& session);
    void tell(Session& session);
    void send(Session& session, const link::ToWorker& message);
    void end(const SessionPtr& session);
    void lose(const std::string& worker);

    Loop& loop_;
    port::LinkAcceptor& acceptor_;
    ReportSink& reports_;
    TargetReportSink* target_reports_ = nullptr;
    UsageSink usage_sink_;
    Duration measure_every_{20'000};
    std::map<std::string, std::shared_ptr<const Publisher>> publishers_;  // by kind
    boost::asio::any_io_executor offload_;
    Options options_;
    // Links on which nobody said Hello yet, and since when.
    std::list<std::pair<std::shared_ptr<port::Link>, port::SteadyInstant>> strangers_;
    std::map<std::string, SessionPtr> sessions_;
    std::map<std::string, int> introducing_;  // workers whose Hello is not durable yet

    // What must be built again. While it is empty, `assigned_` is whole.
    std::set<ObjectName> touched_;
    // Who is to hold what, as last built.
    std::map<std::string, std::set<ObjectName>> assigned_;
    std::map<ObjectName, std::vector<std::string>> holders_;
    // Workers that are to hold something and have not come yet, and since when.
    std::map<std::string, port::SteadyInstant> awaited_;
    std::uint64_t published_ = 0;  // generation of the newest build that was sent
    bool publishing_ = false;
    bool stopping_ = false;
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
    TaskGroup group_;
};

}  // namespace gantry::control
