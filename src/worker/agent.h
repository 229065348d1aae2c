#pragma once

#include <deque>
#include <map>
#include <memory>
#include <set>
#include <string>

#include "base/event.h"
#include "base/task_group.h"
#include "worker/agent_ports.h"
#include "worker/agent_task.h"
#include "worker/desired_set.h"
#include "worker/network_policy.h"
#include "worker/report_outbox.h"
#include "worker/usage_meter.h"

namespace gantry::worker {

class Balancing;

// The node agent of one machine: keeps what the control plane wants on its disk, makes it so, reports what
// is.
//
// All calls happen on the executor, which runs one thing at a time. start() returns when what ran before is
// found again; from then on everything runs by itself until stop(). stop() ends no container: the next
// agent on the same disk goes on where this one was.
class Agent {
  public:
    Agent(boost::asio::any_io_executor executor, AgentPorts ports, AgentOptions options);
    ~Agent();
    Agent(const Agent&) = delete;
    Agent& operator=(const Agent&) = delete;

    // Errors: what the disk says; nothing was started then.
    boost::asio::awaitable<Result<>> start();
    boost::asio::awaitable<void> stop();

    // For the metadata server and for `gantry status`.
    const std::map<std::string, std::shared_ptr<AgentTask>>& tasks() const { return tasks_; }
    const AgentTask* task_by_address(const std::string& address) const;
    const port::Applied& network_applied() const { return applied_; }
    // Changes whose reports the control plane has not acknowledged yet.
    std::size_t unacknowledged_reports() const { return outbox_->unacknowledged(); }
    const Balancing& balancing() const { return *balancing_; }
    bool connected() const { return link_ != nullptr; }
    AgentPorts& ports() { return ports_; }

  private:
    // agent_session.cpp: talking to the control plane.
    boost::asio::awaitable<void> keep_connected();
    boost::asio::awaitable<void> receive_all();
    boost::asio::awaitable<void> write_out();
    boost::asio::awaitable<void> beat();
    boost::asio::awaitable<void> send_reports();
    boost::asio::awaitable<void> take(link::ToWorker message);
    boost::asio::awaitable<void> take_want(link::Want want);
    boost::asio::awaitable<void> take_drop(link::Drop drop);
    boost::asio::awaitable<void> take_inventory(link::Inventory inventory);
    void send(const link::ToControl& message);
    void hold(const std::string& kind, const std::string& key, std::uint64_t generation, bool held);
    void task_changed(const std::string& task);

    // agent_usage.cpp: what tasks use and balancers carry.
    boost::asio::awaitable<void> measure_usage();
    boost::asio::awaitable<void> measure_once();
    void measure_as_told(const link::Measure& measure);

    // agent_objects.cpp: what the objects mean.
    void begin_task(const std::string& id, const DesiredObject& object, TaskFacts* facts);
    boost::asio::awaitable<void> forget_task(std::string id);
    static std::string kept_name(const std::string& kind, const std::string& key) {
        return "want:" + kind + ":" + key;
    }
    void policy_changed();
    void learn_network(const std::string& kind, const std::string& key, const DesiredObject* object);

    // agent.cpp: the machine.
    boost::asio::awaitable<void> watch_runtime();
    boost::asio::awaitable<void> keep_policy();
    boost::asio::awaitable<void> wait_for_policy();
    boost::asio::awaitable<void> wait_out_of_traffic(const AgentTask& task);
    boost::asio::awaitable<void> remove_leftovers();
    boost::asio::awaitable<void> remove_leftover_tasks();
    boost::asio::awaitable<void> remove_leftover_files();
    boost::asio::awaitable<void> remove_leftover_interfaces();

    AgentPorts ports_;
    AgentOptions options_;
    std::uint64_t incarnation_ = 0;
    DesiredSet desired_;
    NetworkObjects network_;
    port::Applied applied_;
    std::uint64_t network_version_ = 0;
    std::uint64_t network_applied_ = 0;
    std::unique_ptr<ReportOutbox> outbox_;
    std::unique_ptr<Balancing> balancing_;
    std::map<std::string, std::shared_ptr<AgentTask>> tasks_;
    // Tasks of which the runtime had containers when the agent started.
    std::set<std::string> found_tasks_;

    std::shared_ptr<port::Link> link_;
    port::SteadyInstant heard_at_;  // on this link; at first: when it was made
    bool answered_ = false;
    std::deque<std::string> outgoing_;
    Duration heartbeat_interval_{2'000};
    Event outgoing_wake_;
    Event reports_wake_;
    Event network_wake_;
    Event leftovers_wake_;

    UsageMeter usage_;
    Duration measure_every_{20'000};
    Event measure_wake_;

    TaskGroup group_;
    AgentShared shared_;
};

}  // namespace gantry::worker
