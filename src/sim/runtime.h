#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/event.h"
#include "port/runtime.h"
#include "sim/faults.h"

namespace gantry::sim {

// What a container of an image does once it is started.
struct Program {
    std::optional<Duration> runs;  // absent: until it is stopped
    int exit_code = 0;             // when it ends by itself
    bool out_of_memory = false;    // its own end is the kernel's doing: 137
    bool ignores_signals = false;  // all but SIGKILL
    Duration stops_after{100};     // from the signal to the end
    bool healthy = true;           // what exec answers
    Duration exec_takes{5};
    std::optional<Error> create_error;
    std::optional<Error> start_error;
};

// Containers that only pretend to run. It outlives its callers: an agent that crashes finds them again.
class Runtime : public port::Runtime {
  public:
    Runtime(boost::asio::any_io_executor executor, Faults& faults);

    // By image reference; an image without one runs until it is stopped.
    void set_program(const std::string& image, Program program) { programs_[image] = std::move(program); }
    // The container ends now.
    void end(const std::string& id, int exit_code, bool out_of_memory = false);
    // The machine was restarted: containers, cgroups and namespaces are gone.
    void lose_everything();
    // The daemon was away: events are lost and "everything" may have changed.
    void forget_events();

    // How often a container's command was started, ever.
    int starts_of(const std::string& id) const;
    std::vector<std::string> ever_started() const;
    const port::ContainerSpec* spec_of(const std::string& id) const;
    const std::map<std::string, port::TaskSpec>& tasks() const { return tasks_; }
    std::vector<std::string> running() const;
    std::vector<std::string> running_of(const std::string& task) const;
    std::size_t containers() const { return containers_.size(); }
    std::vector<std::pair<std::string, int>> signals;  // every kill, in order: id, signal

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
    struct Container {
        port::ContainerSpec spec;
        std::optional<RealInstant> started_at;
        std::optional<RealInstant> ends_at;  // may lie in the future
        int exit_code = 0;
        bool out_of_memory = false;
        bool end_told = false;
    };

    const Program& program_of(const Container& container) const;
    bool runs(const Container& container) const;
    port::ContainerStatus status_of(const Container& container) const;
    Result<Container*> find(const std::string& id);
    void changed() { changes_.set(); }

    Faults& faults_;
    std::map<std::string, Program> programs_;
    std::map<std::string, port::TaskSpec> tasks_;
    std::map<std::string, Container> containers_;
    std::map<std::string, int> starts_;
    std::set<std::string> spontaneous_;
    bool everything_ = false;
    Event changes_;
};

}  // namespace gantry::sim
