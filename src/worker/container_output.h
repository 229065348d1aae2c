#pragma once

#include <boost/asio/awaitable.hpp>
#include <string>
#include <vector>

#include "base/result.h"
#include "link/desired_container.h"

namespace gantry::worker {

// One container's output and where it shall go.
struct OutputSpec {
    std::string container_id;  // in the runtime; the name of the source
    std::string task_id;
    std::string container_name;
    std::string account;
    std::string region;
    link::LogConfiguration log;  // of the task definition; an empty driver: output is thrown away
};

// The files that go into port::ContainerSpec; empty: the stream is thrown away.
struct OutputPaths {
    std::string stdout_path;
    std::string stderr_path;
};

// What the agent asks of the log shipper (log_*.h). One for the worker; all calls on its executor.
class ContainerOutput {
  public:
    virtual ~ContainerOutput() = default;

    // Makes the files, and begins to ship what is and will be in them. Called before the container is
    // created, and again after a restart of Gantry for every container that the worker still has, running or
    // not. `refused` fails the container: the message follows "ResourceInitializationError: " (the log group
    // does not exist, say).
    virtual boost::asio::awaitable<Result<OutputPaths>> open(OutputSpec spec) = 0;

    // The container has ended for good and writes no more: ship what is left, then remove the files. Does not
    // wait. Called again after a restart is fine.
    virtual void ended(std::string container_id) = 0;
    // Returns when nothing of it is left to ship, after ended(); `cancelled` when the waiter was. One waiter.
    virtual boost::asio::awaitable<Result<>> shipped(std::string container_id) = 0;
    // Containers of which there is output here, also from an earlier life of this program.
    virtual boost::asio::awaitable<Result<std::vector<std::string>>> list() = 0;
};

}  // namespace gantry::worker
