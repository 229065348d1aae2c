#pragma once

#include <functional>
#include <memory>
#include <set>
#include <string>

#include "base/event.h"
#include "base/task_group.h"
#include "link/desired_task.h"
#include "worker/agent_ports.h"
#include "worker/step.h"
#include "worker/task_facts.h"
#include "worker/turnstile.h"

namespace gantry::worker {

// What the agent's tasks share.
struct AgentShared {
    boost::asio::any_io_executor executor;
    AgentPorts& ports;
    AgentOptions& options;
    TaskGroup& group;
    Turnstile starts;
    Turnstile pulls;
    // The facts of a task changed and are on the disk.
    std::function<void(const std::string& task)> changed;
    // A task was looked at; its facts need not be on the disk yet.
    std::function<void(const class AgentTask& task)> seen;
    // Waits until the network policy that is known now is in force.
    std::function<boost::asio::awaitable<void>()> policy_applied;
    // Waits until no load balancer here sends new flows to the task.
    std::function<boost::asio::awaitable<void>(const AgentTask& task)> out_of_traffic;
};

// Runs one task: asks next_step, does what it says, tells the facts what happened, over and over. All calls
// happen on the agent's executor. Lives as long as somebody holds it; run() and background steps do.
class AgentTask : public std::enable_shared_from_this<AgentTask> {
  public:
    AgentTask(AgentShared& shared, link::DesiredTask desired, std::uint64_t generation, TaskFacts facts);

    // Until the task has ended and was dropped.
    boost::asio::awaitable<void> run();

    // After a restart of the agent: nothing is believed that the machine can be asked.
    void adopt();
    // After the loss of the facts: asks the machine what there is.
    void find_again();
    // A newer generation. Only the wish to stop, its reason, tags and service are taken over.
    void want(link::DesiredTask desired, std::uint64_t generation);
    // Nobody wants to know of it any more: ends it, without reports.
    void drop();
    // Something may have happened to a container: ask the runtime.
    void look_at(const std::string& container_id);
    void look_at_all();

    const link::DesiredTask& desired() const { return desired_; }
    const TaskFacts& facts() const { return facts_; }
    std::uint64_t generation() const { return generation_; }
    bool dropped() const { return dropped_; }
    // It was dropped and nothing of it is left here.
    bool over() const { return over_; }

  private:
    bool ended() const { return facts_.stopped_at && facts_.storage_removed; }
    boost::asio::awaitable<void> look();
    boost::asio::awaitable<void> save();
    boost::asio::awaitable<void> perform(Step step);
    boost::asio::awaitable<void> perform_in_background(std::shared_ptr<AgentTask> self, Step step);

    boost::asio::awaitable<Result<>> do_step(Step step);
    boost::asio::awaitable<Result<>> attach_network();
    boost::asio::awaitable<Result<>> prepare();
    boost::asio::awaitable<Result<>> create(std::string name);
    boost::asio::awaitable<Result<>> start(std::string name);
    boost::asio::awaitable<Result<>> restart(std::string name);
    boost::asio::awaitable<Result<>> remove(std::string name);
    boost::asio::awaitable<Result<>> clean_up();
    boost::asio::awaitable<void> pull(std::string name);
    boost::asio::awaitable<void> probe(std::string name);
    boost::asio::awaitable<Result<port::ImageInfo>> find_image(std::string name);
    boost::asio::awaitable<Result<>> look_at_one(std::string name);
    boost::asio::awaitable<void> open_outputs();

    const link::DesiredContainer& wanted(const std::string& name) const;
    ContainerFacts& at(const std::string& name);
    OutputSpec output_spec(const link::DesiredContainer& container) const;

    AgentShared& shared_;
    link::DesiredTask desired_;
    std::uint64_t generation_;
    TaskFacts facts_;
    TaskFacts saved_;
    bool dropped_ = false;
    bool over_ = false;
    bool outputs_open_ = true;
    std::set<std::string> look_at_;  // names of containers
    Event wake_;
};

}  // namespace gantry::worker
