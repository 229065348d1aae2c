#pragma once

#include "operation/data_context.h"
#include "port/log_sink.h"

namespace gantry::logs {

// What workers ship to: port::LogSink on the records and the store of this control plane. Lines are stored
// even when they are older or newer than PutLogEvents takes: they come from Gantry's own clock.
class Sink : public port::LogSink {
  public:
    explicit Sink(DataContext& context) : context_(context) {}

    Reply<> ensure_stream(port::LogStreamName name, bool create_group) override;
    Reply<port::LogAppended> put(
        port::LogStreamName name, std::vector<port::ShippedLine> lines, std::vector<port::LogMark> marks
    ) override;
    Reply<std::uint64_t> position(std::string source) override;
    Reply<> forget(std::string source_prefix) override;

  private:
    DataContext& context_;
};

}  // namespace gantry::logs
