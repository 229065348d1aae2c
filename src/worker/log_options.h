#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/result.h"
#include "link/desired_container.h"
#include "port/log_files.h"

namespace re2 {
class RE2;
}

namespace gantry::worker {

// The awslogs options of one container, checked and with their defaults.
struct LogOptions {
    std::string region;
    std::string group;
    std::string stream;  // prefix/container/task on Fargate
    bool create_group = false;
    std::shared_ptr<const re2::RE2>
        starts_event;  // from awslogs-multiline-pattern or awslogs-datetime-format
    // Amazon ECS's default since June 2025 is non-blocking.
    port::OutputMode mode = port::OutputMode::non_blocking;
    std::uint64_t buffer_bytes = 10 << 20;
};

// `refused` with a message as the log driver words it; ECS shows it behind "ResourceInitializationError: ".
Result<LogOptions> parse_log_options(
    const link::LogConfiguration& log,
    const std::string& container,
    const std::string& task,
    const std::string& region
);

// strftime-like awslogs-datetime-format as a regular expression; `refused` for a conversion that awslogs does
// not have.
Result<std::string> datetime_pattern(const std::string& format);

}  // namespace gantry::worker
