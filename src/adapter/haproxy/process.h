#pragma once

#include <sys/types.h>

#include <map>
#include <string>
#include <vector>

#include "adapter/haproxy/options.h"
#include "base/result.h"

namespace gantry::adapter::haproxy {

// HAProxy as a program: a master, which outlives Gantry, and its workers. All calls block.
class Process {
  public:
    explicit Process(Options options) : options_(std::move(options)) {}

    // What the configuration on disk is worth: `invalid` with HAProxy's own words.
    Result<> check() const;
    // Starts a master with the configuration on disk. What is left of a former one that serves nothing any
    // more is ended first.
    Result<> start() const;
    // The digest in the configuration that the present worker runs; `unavailable` when nobody serves.
    Result<std::string> structure() const;
    // Makes a new worker with the configuration on disk, and waits until it serves: when that is done,
    // structure() is `expected`.
    Result<> reload(const std::string& expected) const;
    // To the present worker; its answer.
    Result<std::string> tell(const std::string& commands) const;
    // To all workers, also those that only finish their connections: an answer each, by process number.
    Result<std::map<std::string, std::string>> tell_all(const std::string& commands) const;
    // Ends master and workers.
    Result<> stop() const;

  private:
    std::vector<pid_t> processes() const;

    Options options_;
};

}  // namespace gantry::adapter::haproxy
