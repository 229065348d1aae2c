#include "adapter/containerd/runtime.h"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/json/serialize.hpp>
#include <csignal>
#include <filesystem>
#include <unistd.h>
#include <utility>

#include "adapter/containerd/blocking.h"
#include "adapter/containerd/call.h"
#include "adapter/containerd/file.h"
#include "adapter/containerd/oci_spec.h"
#include "adapter/containerd/runtime_process.h"
#include "adapter/containerd/wire.h"
#include "base/log.h"

namespace asio = boost::asio;
using namespace std::chrono_literals;

namespace gantry::adapter::containerd {

Runtime::Runtime(asio::any_io_executor executor, std::shared_ptr<Client> client, Images& images, RuntimeConfig config,
                 std::function<int()> daemon_pid)
    : executor_(executor),
      client_(std::move(client)),
      images_(images),
      config_(std::move(config)),
      daemon_pid_(std::move(daemon_pid)),
      cgroups_(config_.cgroup_parent),
      disks_(std::make_shared<TaskDisks>(config_.data_dir + "/disks")),
      starts_(executor, config_.starts_in_flight),
      something_changed_(executor),
      pool_(std::make_unique<asio::thread_pool>(4)),
      group_(executor) {
    something_changed_.set();
    for (auto* directory : {"/disks", "/started"})
        if (auto made = make_directories(config_.data_dir + directory); !made)
            log::error("the runtime's directory cannot be made", {{"error", made.error()}});
    if (auto made = make_directories(config_.run_dir); !made)
        log::error("the runtime's directory cannot be made", {{"error", made.error()}});
}

Runtime::~Runtime() { pool_->join(); }

asio::awaitable<void> Runtime::stop() { co_await group_.stop(); }

void Runtime::daemon_restarted() {
    everything_changed_ = true;
    something_changed_.set();
}

std::string Runtime::overlay_directory(const std::string& task, const std::string& id) const {
    return disks_->root(task) + "/containers/" + id;
}

std::string Runtime::started_file(const std::string& id) const { return config_.data_dir + "/started/" + id; }

// --- tasks

Runtime::Reply<> Runtime::prepare_task(port::TaskSpec spec) {
    CO_TRY_VOID(require_id(spec.id));
    auto work = [disks = disks_, cgroups = cgroups_, spec]() mutable -> Result<> {
        TRY_VOID(disks->prepare(spec.id, spec.storage_bytes));
        return cgroups.prepare_task(spec.id, spec.limits);
    };
    co_return co_await on_pool(*pool_, std::move(work));
}

Runtime::Reply<> Runtime::remove_task(std::string task) {
    CO_TRY_VOID(require_id(task));
    api::containers::ListContainersRequest request;
    request.add_filters("labels.\"gantry.task\"==\"" + task + "\"");
    auto containers = co_await CONTAINERD_CALL(*client_, containers, List, api::containers::ListContainersResponse,
                                               request, quick);
    if (!containers) co_return tl::unexpected(containers.error());
    if (containers->containers_size() > 0)
        co_return trouble(Errc::conflict, "task " + task + " still has container " + containers->containers(0).id());
    auto work = [disks = disks_, cgroups = cgroups_, task]() mutable -> Result<> {
        TRY_VOID(disks->remove(task));
        return cgroups.remove_task(task);
    };
    co_return co_await on_pool(*pool_, std::move(work));
}

Runtime::Reply<std::vector<std::string>> Runtime::list_tasks() {
    auto tasks = disks_->tasks();
    auto with_cgroups = cgroups_.tasks();
    tasks.insert(tasks.end(), with_cgroups.begin(), with_cgroups.end());
    std::sort(tasks.begin(), tasks.end());
    tasks.erase(std::unique(tasks.begin(), tasks.end()), tasks.end());
    co_return tasks;
}

Runtime::Reply<port::StorageUse> Runtime::storage(std::string task) {
    CO_TRY_VOID(require_id(task));
    co_return disks_->use(task);
}

// --- looking

static std::string label(const google::protobuf::Map<std::string, std::string>& labels, const char* name) {
    auto found = labels.find(name);
    return found == labels.end() ? std::string() : found->second;
}

template <class Record>
static Record record_of(const api::containers::Container& container) {
    Record record;
    record.task = label(container.labels(), "gantry.task");
    record.stdin_path = label(container.labels(), "gantry.stdin");
    record.stdout_path = label(container.labels(), "gantry.stdout");
    record.stderr_path = label(container.labels(), "gantry.stderr");
    record.stop_signal = std::max(1, std::atoi(label(container.labels(), "gantry.stop-signal").c_str()));
    record.image = container.image();
    record.view = container.snapshot_key();
    for (const auto& [name, value] : container.labels())
        if (name.starts_with("user.")) record.labels.emplace(name.substr(5), value);
    return record;
}

Runtime::Reply<Runtime::Record> Runtime::record(std::string id) {
    if (auto known = records_.find(id); known != records_.end()) co_return known->second;
    CO_TRY_VOID(require_id(id));
    api::containers::GetContainerRequest request;
    request.set_id(id);
    auto reply = co_await CONTAINERD_CALL(*client_, containers, Get, api::containers::GetContainerResponse, request, quick);
    if (!reply && reply.error().errc == Errc::not_found) co_return trouble(Errc::not_found, "no container " + id);
    if (!reply) co_return tl::unexpected(reply.error());
    co_return records_.insert_or_assign(id, record_of<Record>(reply->container())).first->second;
}

Runtime::Reply<Runtime::Process> Runtime::process(std::string id) {
    api::tasks::GetRequest request;
    request.set_container_id(id);
    auto reply = co_await CONTAINERD_CALL(*client_, tasks, Get, api::tasks::GetResponse, request, quick);
    if (!reply) co_return tl::unexpected(reply.error());
    co_return Process{std::move(*reply->mutable_process())};
}

port::ContainerStatus Runtime::status_of(const std::string& id, const Record& record, const Process* process) const {
    port::ContainerStatus status;
    status.id = id;
    status.task = record.task;
    status.image = record.image;
    status.labels = record.labels;
    status.stop_signal = record.stop_signal;
    if (auto started = read_file(started_file(id))) status.started_at = RealInstant{std::atoll(started->c_str())};
    if (!process) {
        // Its shim is gone with the machine's last run or was killed, and took the exit code along.
        status.state = status.started_at ? port::ContainerState::exited : port::ContainerState::created;
        if (status.started_at) status.exit_code = 137;
        return status;
    }
    const auto& seen = process->seen;
    switch (seen.status()) {
        case api::TaskStatus::STOPPED: status.state = port::ContainerState::exited; break;
        case api::TaskStatus::RUNNING: status.state = port::ContainerState::running; break;
        case api::TaskStatus::PAUSED:
        case api::TaskStatus::PAUSING: status.state = port::ContainerState::paused; break;
        default: status.state = port::ContainerState::created; break;
    }
    if (status.state == port::ContainerState::exited) {
        status.exit_code = static_cast<int>(seen.exit_status());
        if (seen.exited_at().seconds() > 0) status.exited_at = instant_of(seen.exited_at());
        // The counter belongs to this very cgroup; the event that containerd sends is raised for a whole task at once.
        status.oom_killed = status.exit_code == 137 && cgroups_.oom_kills(record.task, id) > 0;
    } else if (status.state == port::ContainerState::running) {
        // Before the start it is runc's own, which waits for the word.
        status.pid = static_cast<int>(seen.pid());
    }
    return status;
}

Runtime::Reply<port::ContainerStatus> Runtime::status(std::string id) {
    auto known = co_await record(id);
    if (!known) co_return tl::unexpected(known.error());
    auto seen = co_await process(id);
    if (!seen && seen.error().errc != Errc::not_found) co_return tl::unexpected(seen.error());
    if (seen && seen->seen.status() == api::TaskStatus::RUNNING) watch(id);
    co_return status_of(id, *known, seen ? &*seen : nullptr);
}

Runtime::Reply<std::vector<port::ContainerStatus>> Runtime::list() {
    api::containers::ListContainersRequest all_containers;
    auto containers = co_await CONTAINERD_CALL(*client_, containers, List, api::containers::ListContainersResponse,
                                               all_containers, quick);
    if (!containers) co_return tl::unexpected(containers.error());
    api::tasks::ListTasksRequest all_tasks;
    auto tasks = co_await CONTAINERD_CALL(*client_, tasks, List, api::tasks::ListTasksResponse, all_tasks, slow);
    if (!tasks) co_return tl::unexpected(tasks.error());
    std::map<std::string, Process> processes;
    for (auto& seen : *tasks->mutable_tasks()) {
        // A listing names the container in `id`.
        auto id = seen.container_id().empty() ? seen.id() : seen.container_id();
        processes.emplace(id, Process{std::move(seen)});
    }
    std::vector<port::ContainerStatus> result;
    for (const auto& container : containers->containers()) {
        auto known = record_of<Record>(container);
        records_.insert_or_assign(container.id(), known);
        auto seen = processes.find(container.id());
        if (seen != processes.end() && seen->second.seen.status() == api::TaskStatus::RUNNING) watch(container.id());
        result.push_back(status_of(container.id(), known, seen == processes.end() ? nullptr : &seen->second));
    }
    std::sort(result.begin(), result.end(), [](auto& a, auto& b) { return a.id < b.id; });
    co_return result;
}

// --- changes

void Runtime::changed(const std::string& id) {
    changed_.insert(id);
    something_changed_.set();
}

void Runtime::watch(const std::string& id) {
    if (watched_.insert(id).second) group_.spawn("watch container " + id, watch_until_exit(id));
    if (!std::exchange(keeps_outputs_, true)) group_.spawn("keep outputs", keep_outputs());
}

asio::awaitable<void> Runtime::watch_until_exit(std::string id) {
    asio::steady_timer timer(executor_);
    while (true) {
        api::tasks::WaitRequest request;
        request.set_container_id(id);
        auto reply = co_await CONTAINERD_CALL(*client_, tasks, Wait, api::tasks::WaitResponse, request, endless);
        if (reply || reply.error().errc == Errc::not_found) break;
        if (reply.error().errc == Errc::cancelled) co_return;
        // containerd or the shim went away under the call: ask again.
        timer.expires_after(100ms);
        if (auto [stopped] = co_await timer.async_wait(asio::as_tuple(asio::use_awaitable)); stopped) co_return;
    }
    watched_.erase(id);
    pids_.erase(id);
    changed(id);
}

Runtime::Reply<port::Changes> Runtime::wait_changes() {
    while (changed_.empty() && !everything_changed_)
        if (auto waited = co_await something_changed_.wait(); !waited) co_return tl::unexpected(waited.error());
    port::Changes changes;
    changes.containers.assign(changed_.begin(), changed_.end());
    changes.everything = everything_changed_;
    changed_.clear();
    everything_changed_ = false;
    co_return changes;
}

// --- numbers

Runtime::Reply<port::Stats> Runtime::stats(std::string id) {
    auto known = co_await record(id);
    if (!known) co_return tl::unexpected(known.error());
    co_return cgroups_.stats(known->task, id);
}

Runtime::Reply<port::Stats> Runtime::task_stats(std::string task) {
    CO_TRY_VOID(require_id(task));
    co_return cgroups_.stats(task, "");
}

Runtime::Reply<> Runtime::update_limits(std::string id, port::Limits limits) {
    auto known = co_await record(id);
    if (!known) co_return tl::unexpected(known.error());
    api::tasks::UpdateTaskRequest request;
    request.set_container_id(id);
    auto resources = boost::json::serialize(oci_limits(limits, cgroups_.swap_accounting(), cgroups_.v2()));
    *request.mutable_resources() = any_json("LinuxResources", resources);
    auto reply = co_await CONTAINERD_CALL(*client_, tasks, Update, google::protobuf::Empty, request, slow);
    if (!reply) co_return tl::unexpected(reply.error());
    co_return Result<>{};
}

}  // namespace gantry::adapter::containerd
