#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"

namespace gantry::port {

enum class OutputMode {
    // The container never waits; who reads must keep up or leave something out.
    non_blocking,
    // The container's writes wait while more than `buffer_bytes` are not yet discarded.
    blocking,
};

struct OutputFiles {
    // What the runtime writes to: regular files, or FIFOs in blocking mode.
    std::string stdout_path;
    std::string stderr_path;
};

enum class OutputStream { out, err };

// The files between a container's output and who ships it. They outlive the program: what a container writes
// while Gantry is away is there when it comes back. A container is named by its id in the runtime.
//
// Errors: exhausted (disk full), unavailable, not_found (no files of that container).
class LogFiles {
  public:
    template <class T = void>
    using Reply = boost::asio::awaitable<Result<T>>;

    virtual ~LogFiles() = default;

    // Idempotent; the mode of the first call stays.
    virtual Reply<OutputFiles> open(std::string container, OutputMode mode, std::uint64_t buffer_bytes) = 0;

    // Bytes written so far, discarded ones included.
    virtual Reply<std::uint64_t> size(std::string container, OutputStream stream) = 0;
    // Bytes at an offset that were not discarded; fewer than asked for at the end, none there.
    virtual Reply<std::string> read(
        std::string container, OutputStream stream, std::uint64_t offset, std::size_t bytes_max
    ) = 0;
    // Gives the disk space before that offset back; offsets stay what they are.
    virtual Reply<> discard(std::string container, OutputStream stream, std::uint64_t before) = 0;
    // Returns when something was written since the last call (or at once, for no reason, now and then). One
    // caller for a container.
    virtual Reply<> wait_growth(std::string container) = 0;
    // In blocking mode: what still stands in the FIFOs is taken over into the files. Called when the
    // container has ended.
    virtual Reply<> drain(std::string container) = 0;
    // None is fine.
    virtual Reply<> remove(std::string container) = 0;
    // Containers that have files.
    virtual Reply<std::vector<std::string>> list() = 0;
};

}  // namespace gantry::port
