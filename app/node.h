#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/json/object.hpp>
#include <memory>
#include <string>

#include "adapter/beast/server.h"
#include "adapter/logfiles/files.h"
#include "adapter/os/clock.h"
#include "adapter/os/hosts_file.h"
#include "adapter/prober/prober.h"
#include "adapter/resolver/server.h"
#include "adapter/workerdisk/disk.h"
#include "base/task_group.h"
#include "machine.h"
#include "worker/agent.h"
#include "port/task_credentials.h"
#include "worker/log_shipper.h"
#include "worker/metadata_server.h"

namespace gantry::app {

// The worker of this machine: the agent on its adapters. Everything on one executor with one thread.
class Node {
  public:
    struct Options {
        Installation installation;
        link::Capacity capacity;
        worker::TaskSurroundings surroundings;
        worker::PullBehavior pull_behavior = worker::PullBehavior::prefer_cached;
        bool hosts_file = true;  // names of load balancers stand in the host's hosts file
        std::vector<std::string> publish;  // host addresses at which load balancers are open too
    };
    Node(
        boost::asio::any_io_executor executor,
        Machine& machine,
        port::LinkConnector& control_plane,
        port::LogSink& logs,
        port::TaskCredentialsSource& credentials,
        Options options
    );
    ~Node();

    boost::asio::awaitable<Result<>> start();
    // Stops watching; containers run on.
    boost::asio::awaitable<void> stop();

    // {"tasks": [...], "notes": [...]}: what runs, and what a person should know.
    boost::asio::awaitable<boost::json::object> describe() const;

  private:
    boost::asio::awaitable<Result<>> serve_tasks();
    void tell_names(const worker::BalancerNames& names);
    boost::asio::awaitable<void> publish_balancers();

    Machine& machine_;
    adapter::os::Clock clock_;
    adapter::workerdisk::Disk disk_;
    adapter::logfiles::Files files_;
    worker::LogShipper shipper_;
    adapter::prober::Prober prober_;
    adapter::os::HostsFile hosts_;
    bool use_hosts_ = true;
    std::string hosts_trouble_;
    std::unique_ptr<worker::Agent> agent_;
    std::unique_ptr<worker::MetadataServer> metadata_;
    adapter::beast::Server metadata_http_;
    adapter::resolver::Server resolver_;
    bool resolving_ = false;
    std::vector<std::string> publish_;
    std::vector<std::string> publish_notes_;
    TaskGroup group_;
};

// What this machine has; cpu_units and memory_mib of 0 are filled in.
link::Capacity find_capacity(int cpu_units, int memory_mib);

}  // namespace gantry::app
