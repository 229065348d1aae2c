#include "base/log.h"
#include "worker/agent.h"
#include "worker/balancing.h"
#include "worker/observe.h"

// What the control plane's objects mean for the agent.
namespace gantry::worker {
namespace {

using boost::asio::awaitable;

template <class T>
void learn(std::map<std::string, T>& all, const std::string& key, const DesiredObject* object) {
    if (object == nullptr) {
        all.erase(key);
        return;
    }
    auto value = decode<T>(object->body);
    if (value)
        all[key] = *std::move(value);
    else
        log::error("cannot understand a network object", {{"key", key}, {"why", value.error()}});
}

}  // namespace

void Agent::begin_task(const std::string& id, const DesiredObject& object, TaskFacts* facts) {
    auto wanted = decode<link::DesiredTask>(object.body);
    if (!wanted || wanted->id != id) {
        log::error(
            "cannot understand a task", {{"task", id}, {"why", wanted ? "other id" : wanted.error().message}}
        );
        return;
    }
    if (const auto found = tasks_.find(id); found != tasks_.end())
        return found->second->want(*std::move(wanted), object.generation);
    const bool known = facts != nullptr && facts->containers.size() == wanted->containers.size();
    auto first = known ? *std::move(facts) : first_facts(*wanted);
    const bool was_here = !known && (found_tasks_.contains(id) || !wanted->started.empty());
    if (was_here) observe_started_before(first, wanted->started, ports_.clock.now());
    auto task = std::make_shared<AgentTask>(shared_, *std::move(wanted), object.generation, std::move(first));
    if (known) task->adopt();
    // Its facts were lost with the disk.
    if (was_here) task->find_again();
    tasks_[id] = task;
    if (known) task_changed(id);
    group_.spawn("task " + id, task->run());
}

// Only now does the disk lose what was wanted: a worker that is killed while a dropped task ends finds it again
// and goes on with its end.
awaitable<void> Agent::forget_task(std::string id) {
    const auto found = tasks_.find(id);
    if (found == tasks_.end() || !found->second->over()) co_return;
    tasks_.erase(found);
    balancing_->task_gone(id);
    // In this order: a wanted task without facts would be begun anew.
    auto erased = co_await ports_.disk.erase(kept_name("task", id));
    if (erased) erased = co_await ports_.disk.erase("facts:" + id);
    if (!erased) log::warn("a task that is over stays on the disk", {{"task", id}, {"why", erased.error()}});
}

void Agent::learn_network(const std::string& kind, const std::string& key, const DesiredObject* object) {
    if (kind == "vpc")
        learn(network_.vpcs, key, object);
    else if (kind == "eni")
        learn(network_.enis, key, object);
    else if (kind == "security_group")
        learn(network_.groups, key, object);
    else
        return (void)balancing_->learn(kind, key, object);
    policy_changed();
}

void Agent::policy_changed() {
    ++network_version_;
    network_wake_.set();
}

}  // namespace gantry::worker
