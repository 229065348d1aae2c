#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "port/log_store.h"

namespace gantry::sim {

// A log store in memory. `fault` is asked before every call and may answer an error instead.
class LogStore : public port::LogStore {
  public:
    using Fault = std::function<Result<void>(std::string_view call)>;

    Reply<port::LogAppended> append(port::LogBatch batch) override;
    Reply<std::vector<port::LogEvent>> read(port::LogRead what) override;
    Reply<port::LogScanned> scan(port::LogScan what) override;
    Reply<std::vector<port::LogStreamStats>> stats(std::string group, std::vector<std::string> streams)
        override;
    Reply<std::vector<port::LogGroupStats>> group_stats(std::vector<std::string> groups) override;
    Reply<> remove_stream(port::LogStreamId stream) override;
    Reply<> remove_group(std::string group) override;
    Reply<> expire(std::string group, std::int64_t before_ms) override;
    Reply<std::uint64_t> position(std::string source) override;
    Reply<> forget(std::string source_prefix) override;

    Fault fault;

  private:
    using Events = std::map<port::LogEventKey, port::LogEvent>;

    Result<void> ask(std::string_view call) const { return fault ? fault(call) : Result<void>{}; }
    port::LogStreamStats stats_of(const port::LogStreamId& id, const Events& events) const;

    std::map<port::LogStreamId, Events> streams_;
    std::set<port::LogStreamId> removed_;  // an empty stream: the whole group
    std::map<std::string, std::uint64_t> marks_;
    std::uint64_t next_sequence_ = 1;
};

}  // namespace gantry::sim
