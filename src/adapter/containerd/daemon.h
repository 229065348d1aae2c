#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <functional>
#include <memory>

#include "adapter/containerd/client.h"
#include "adapter/containerd/daemon_config.h"
#include "base/result.h"
#include "base/task_group.h"

namespace gantry::adapter::containerd {

// Starts, adopts and watches over a containerd of our own. It runs in a session of its own and is not ended with this
// process: the next Daemon on the same directories finds it. When it dies it is started again, and said so. (Under
// systemd the unit needs KillMode=process.)
class Daemon {
  public:
    Daemon(boost::asio::any_io_executor executor, DaemonConfig config);

    // Returns when containerd answers. not_found when the program is not installed, unavailable with the end of its
    // log when it does not come up.
    boost::asio::awaitable<Result<>> start();
    // Ends the watching only. Called before destruction.
    boost::asio::awaitable<void> stop();
    // Ends containerd too (`gantry down`, containers removed before). Containers that still run go on running.
    boost::asio::awaitable<Result<>> shut_down();

    int pid() const { return pid_; }
    const DaemonConfig& config() const { return config_; }
    // Called after containerd came back from a death.
    std::function<void()> on_restarted;

  private:
    boost::asio::awaitable<Result<>> bring_up();
    boost::asio::awaitable<Result<>> answer();
    boost::asio::awaitable<void> watch_over();
    bool adopt();

    boost::asio::any_io_executor executor_;
    DaemonConfig config_;
    int pid_ = 0;
    TaskGroup group_;
};

}  // namespace gantry::adapter::containerd
