#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <memory>
#include <string>

#include "adapter/containerd/client.h"
#include "adapter/containerd/daemon.h"
#include "adapter/containerd/images.h"
#include "adapter/containerd/runtime.h"
#include "adapter/haproxy/haproxy_balancer.h"
#include "adapter/haproxy/haproxy_relay.h"
#include "adapter/routernet/router_network.h"
#include "installation.h"

namespace gantry::app {

// What one installation uses of the machine: its containerd, its containers, its network. `gantry up` runs on it,
// `gantry down` ends it, `gantry image` uses the images only.
class Machine {
  public:
    struct Options {
        Installation installation;
        std::string registry_hosts_dir;
        std::string registry_login_file;
    };
    // Errors that a person can act on: not root, a program is missing.
    static Result<std::unique_ptr<Machine>> open(boost::asio::any_io_executor executor, const Options& options);
    ~Machine();

    // containerd answers, the router namespace is there.
    boost::asio::awaitable<Result<>> start();
    // Lets go of everything; it all keeps running.
    boost::asio::awaitable<void> stop();
    // Ends and removes containers, interfaces, the router, containerd, cgroups.
    boost::asio::awaitable<Result<>> tear_down();

    adapter::containerd::Daemon daemon;
    std::shared_ptr<adapter::containerd::Client> client;
    adapter::containerd::Images images;
    adapter::containerd::Runtime runtime;
    adapter::routernet::RouterNetwork network;
    adapter::haproxy::HaproxyBalancer http_balancer;
    adapter::haproxy::HaproxyRelay relay;

  private:
    Machine(boost::asio::any_io_executor executor, const Options& options, unsigned number);

    Installation installation_;
    std::string cgroup_parent_;
};

}  // namespace gantry::app
