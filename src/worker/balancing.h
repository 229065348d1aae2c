#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/event.h"
#include "base/task_group.h"
#include "link/usage.h"
#include "worker/agent_ports.h"
#include "worker/balancer_plan.h"
#include "worker/desired_set.h"
#include "worker/target_outbox.h"
#include "worker/target_prober.h"
#include "worker/task_facts.h"

namespace gantry::worker {

// The load balancers of one worker: what its network policy and its proxy shall do for them, probes of their
// targets, draining, and local targets that die. The agent owns it and applies the policy.
//
// What it does follows the policy in force: a target is probed once its balancer's address exists, and called
// drained only when nothing new can reach it.
class Balancing {
  public:
    // policy_changed: add_to() has something new to say. reported: outbox() has.
    Balancing(
        boost::asio::any_io_executor executor,
        AgentPorts& ports,
        std::function<void()> policy_changed,
        std::function<void()> reported
    );
    ~Balancing();

    void start(std::uint64_t incarnation, Duration report_again_after);
    boost::asio::awaitable<void> stop();

    // False: an object of another kind.
    bool learn(const std::string& kind, const std::string& key, const DesiredObject* object);
    // What is known of a local task, after each look at it. A target that died leaves traffic at once.
    void task_seen(const link::DesiredTask& task, const TaskFacts& facts);
    void task_gone(const std::string& task);

    // Gives the proxy its state, then adds the balancers to the policy that is about to be applied.
    boost::asio::awaitable<void> add_to(port::NetworkState& state);
    // The policy that add_to() completed last is in force.
    void in_force();
    // Whether new flows may come to an address by these groups: they do by what is in force or will by what is
    // known. At first also because of what a former life of this worker left.
    bool sends_to(const std::string& address, const std::vector<std::string>& groups) const;
    // How long after an apply the machine is to be looked at again, if ever.
    std::optional<Duration> look_again() const;

    // balancing_usage.cpp: adds what the balancers in force carried since the call before. What cannot be read is left out.
    boost::asio::awaitable<void> measure(link::Usage& usage);

    TargetOutbox& outbox() { return *outbox_; }
    // For `gantry status`.
    const BalancerObjects& objects() const { return objects_; }
    const std::string& http_trouble() const { return http_trouble_; }

  private:
    struct LocalTask {
        std::string address;
        DeadPorts dead;
        bool runs = false;
    };
    struct Drain {
        port::FlowEnd end;  // protocol: as the kernel names it; empty: both
        bool application = false;
        port::SteadyInstant not_before;
        bool done = false;
    };
    // Flows to a target that shall end now.
    struct Ending {
        std::string group;
        port::FlowEnd end;
        bool application = false;
        int attempts = 0;
    };

    void update_dead(const std::string& address);
    boost::asio::awaitable<void> apply_http();
    void tell_names();
    void find_drains();
    void find_endings(const BalancerObjects& before);
    void end_flows(const link::TargetGroup& group, const link::BalancerTarget& target);
    boost::asio::awaitable<void> watch_drains();
    boost::asio::awaitable<void> look_at_drains();
    boost::asio::awaitable<void> end_all();
    boost::asio::awaitable<Result<>> end_one(Ending ending);

    AgentPorts& ports_;
    std::function<void()> policy_changed_;
    std::function<void()> reported_;
    std::unique_ptr<TargetOutbox> outbox_;

    BalancerObjects objects_;
    std::map<std::string, LocalTask> tasks_;
    // What add_to() has said last, and what is in force.
    BalancerObjects told_;
    BalancerObjects in_force_;
    bool any_in_force_ = false;
    std::optional<BalancerNames> names_;

    std::optional<port::HttpBalancerState> http_applied_;
    port::SteadyInstant http_applied_at_;
    std::vector<port::HttpEntrance> entrances_;
    std::string http_trouble_;

    std::map<TargetKey, Drain> drains_;
    std::deque<Ending> endings_;
    Event drains_wake_;
    Event endings_wake_;

    TargetProber prober_;
    TaskGroup group_;
};

}  // namespace gantry::worker
