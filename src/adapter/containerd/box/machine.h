#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <exception>
#include <memory>
#include <optional>
#include <string>

#include "adapter/containerd/daemon.h"
#include "adapter/containerd/images.h"
#include "adapter/containerd/runtime.h"

namespace gantry::adapter::containerd::box {

// A containerd with the busybox image and a runtime on it, in the box that tests/box.sh makes. Directories and
// cgroups go with it.
class Machine {
  public:
    Machine();
    ~Machine();

    // Runs one coroutine to its end on the machine's executor.
    template <class T>
    T wait(boost::asio::awaitable<T> work) {
        std::optional<T> value;
        std::exception_ptr failure;
        bool done = false;
        boost::asio::co_spawn(context_, std::move(work), [&](std::exception_ptr thrown, T result) {
            failure = thrown;
            value = std::move(result);
            done = true;
        });
        while (!done) {
            context_.restart();
            context_.run_one();
        }
        if (failure) std::rethrow_exception(failure);
        return std::move(*value);
    }
    void wait(boost::asio::awaitable<void> work);

    // What the next process of Gantry would do: everything in memory is gone, the daemon and containers stay.
    void restart_gantry();

    port::Runtime& runtime() { return *runtime_; }
    Images& images() { return *images_; }
    Daemon& daemon() { return *daemon_; }
    const std::string& directory() const { return directory_; }
    const std::string& cgroup_parent() const { return cgroup_parent_; }

    // A task with one container of the busybox image that runs `sh -c script`; output goes to files.
    port::ContainerSpec container(const std::string& id, const std::string& script);
    // Prepares the task, creates and starts the container.
    Result<port::Created> up(const port::ContainerSpec& spec, port::TaskSpec task = {});
    port::ContainerStatus exited(const std::string& id);  // waits until it is
    // As exited(), then removes container and task; output as stdout followed by stderr.
    struct Ran {
        port::ContainerStatus status;
        std::string output;
    };
    Ran run(const port::ContainerSpec& spec, port::TaskSpec task = {});
    void remove(const std::string& id);
    std::string output(const std::string& id) const;

  private:
    void open();
    void close();

    std::string directory_;
    std::string cgroup_parent_;
    boost::asio::io_context context_;
    std::unique_ptr<Daemon> daemon_;
    std::shared_ptr<Client> client_;
    std::unique_ptr<Images> images_;
    std::unique_ptr<Runtime> runtime_;
};

}  // namespace gantry::adapter::containerd::box
