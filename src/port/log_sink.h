#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "port/log_store.h"

namespace gantry::port {

struct LogStreamName {
    std::string account;
    std::string region;
    std::string group;
    std::string stream;
};

struct ShippedLine {
    std::int64_t timestamp_ms = 0;
    std::string message;  // valid UTF-8, not empty
};

// What a worker's log shipper writes to: the control plane's CloudWatch Logs, in the same process or behind
// the link. At most 10,000 lines and 1 MiB (messages and 26 bytes for each) a put, in order of time.
//
// Errors: `refused` is final (the code is CloudWatch's: "ResourceNotFoundException",
// "InvalidParameterException"); where retryable() says so the same call is worth repeating, and so it is for
// exhausted. A put that is repeated with the same marks is taken once.
class LogSink {
  public:
    template <class T = void>
    using Reply = boost::asio::awaitable<Result<T>>;

    virtual ~LogSink() = default;

    // Creates the stream, and with create_group its group, unless they are there.
    virtual Reply<> ensure_stream(LogStreamName name, bool create_group) = 0;
    // Durable when it returns. `stored` false: go on from the positions that it tells.
    virtual Reply<LogAppended> put(
        LogStreamName name, std::vector<ShippedLine> lines, std::vector<LogMark> marks
    ) = 0;
    // Bytes of the source that were taken so far.
    virtual Reply<std::uint64_t> position(std::string source) = 0;
    // The container is gone and all of its output was taken or dropped.
    virtual Reply<> forget(std::string source_prefix) = 0;
};

}  // namespace gantry::port
