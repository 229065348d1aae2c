#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/thread_pool.hpp>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>

#include "adapter/containerd/cgroup.h"
#include "adapter/containerd/client.h"
#include "adapter/containerd/disk.h"
#include "adapter/containerd/gate.h"
#include "adapter/containerd/images.h"
#include "base/event.h"
#include "base/task_group.h"
#include "port/runtime.h"

namespace google::protobuf {
class Any;
}

namespace gantry::adapter::containerd {

struct RuntimeConfig {
    std::string cgroup_parent;  // one directory name, unique on the machine: "gantry-main"
    std::string data_dir;       // the tasks' disks and what is known about containers that were started
    std::string run_dir;        // pipes; best on a tmpfs
    std::string init_program = "/usr/bin/tini-static";
    // The machine's ceiling of ~50 starts a second is reached with four at a time; more only wait longer.
    std::size_t starts_in_flight = 4;
};

// port::Runtime on containerd's native API. A container's root file system is an overlay: the image's unpacked layers
// below (containerd's), a directory of the task's size-limited disk on top. All containers of a task share one shim.
// Exits are found by one Wait call per running container, which survives restarts of either side without missing one.
// Methods are called on the executor given; it runs one thing at a time. stop() before destruction.
class Runtime final : public port::Runtime {
  public:
    // daemon_pid: of the containerd in use, whose limits bound what a container may get.
    Runtime(boost::asio::any_io_executor executor, std::shared_ptr<Client> client, Images& images,
            RuntimeConfig config, std::function<int()> daemon_pid);
    ~Runtime() override;

    // Ends the watching; containers run on.
    boost::asio::awaitable<void> stop();
    // containerd was away: wait_changes() answers "everything".
    void daemon_restarted();

    Reply<> prepare_task(port::TaskSpec spec) override;
    Reply<> remove_task(std::string task) override;
    Reply<std::vector<std::string>> list_tasks() override;
    Reply<port::StorageUse> storage(std::string task) override;
    Reply<port::Created> create(port::ContainerSpec spec) override;
    Reply<> start(std::string id) override;
    Reply<> kill(std::string id, int signal, bool all) override;
    Reply<> reset(std::string id) override;
    Reply<> remove(std::string id) override;
    Reply<port::ContainerStatus> status(std::string id) override;
    Reply<std::vector<port::ContainerStatus>> list() override;
    Reply<port::Changes> wait_changes() override;
    Reply<port::ExecResult> exec(std::string id, port::ExecSpec spec) override;
    Reply<port::Stats> stats(std::string id) override;
    Reply<port::Stats> task_stats(std::string task) override;
    Reply<> update_limits(std::string id, port::Limits limits) override;

  private:
    // What never changes about a container, from its record in containerd.
    struct Record {
        std::string task;
        std::string image;
        std::string view;  // snapshot of the image's layers
        std::string stdin_path;
        std::string stdout_path;
        std::string stderr_path;
        int stop_signal = 15;
        std::map<std::string, std::string> labels;
    };
    // Files of an image that decide about users, by its layers.
    struct Accounts {
        std::string passwd;
        std::string group;
    };
    struct Process;  // containerd's view of a running or exited container

    Reply<Record> record(std::string id);
    Reply<Process> process(std::string id);
    port::ContainerStatus status_of(const std::string& id, const Record& record, const Process* process) const;
    Reply<std::vector<std::string>> lower_directories(std::string view, std::string chain_id);
    Reply<Accounts> accounts(std::string chain_id);
    Reply<std::string> namespace_of(std::string container, const char* kind);
    // layers: the image's, topmost first.
    Reply<> create_process(std::string id, Record record, std::vector<std::string> layers);
    // For a container that is made, whose process is not there.
    Reply<> create_process_of(std::string id, Record record);
    Reply<> delete_process(std::string id);
    Reply<std::string> process_spec(std::string id, std::vector<std::string> arguments);
    std::string overlay_directory(const std::string& task, const std::string& id) const;
    std::string started_file(const std::string& id) const;
    void watch(const std::string& id);
    boost::asio::awaitable<void> watch_until_exit(std::string id);
    void changed(const std::string& id);
    // Looks after the output of running containers once the disk has been full.
    boost::asio::awaitable<void> keep_outputs();
    boost::asio::awaitable<void> take_output_on(std::string id);
    boost::asio::awaitable<void> copy_output(int from, std::string path);

    boost::asio::any_io_executor executor_;
    std::shared_ptr<Client> client_;
    Images& images_;
    RuntimeConfig config_;
    std::function<int()> daemon_pid_;
    Cgroups cgroups_;
    std::shared_ptr<TaskDisks> disks_;
    Gate starts_;
    std::map<std::string, Record> records_;
    std::map<std::string, Accounts> accounts_;
    std::set<std::string> watched_;
    std::map<std::string, int> pids_;  // of PID 1 of those that are watched, where it was asked for
    std::set<std::string> taken_on_;   // output files that Gantry itself writes
    bool keeps_outputs_ = false;
    std::set<std::string> changed_;
    bool everything_changed_ = true;  // whoever starts up looks at everything once
    Event something_changed_;
    std::uint64_t exec_count_ = 0;
    std::unique_ptr<boost::asio::thread_pool> pool_;
    TaskGroup group_;
};

}  // namespace gantry::adapter::containerd
