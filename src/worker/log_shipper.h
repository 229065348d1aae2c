#pragma once

#include <array>
#include <map>
#include <memory>
#include <string>

#include "base/event.h"
#include "base/task_group.h"
#include "port/clock.h"
#include "port/log_files.h"
#include "port/log_sink.h"
#include "worker/container_output.h"
#include "worker/log_source.h"

namespace gantry::worker {

// Ships containers' output to CloudWatch Logs. Containers write to files, whether or not anyone reads; this
// reads them in order, and moves on only when the sink has taken the lines for good together with the
// position: killed at any moment, it loses no line and doubles none. All calls happen on `executor`.
class LogShipper : public ContainerOutput {
  public:
    struct Ports {
        port::Clock& clock;
        port::LogFiles& files;
        port::LogSink& sink;
    };

    LogShipper(boost::asio::any_io_executor executor, Ports ports);
    ~LogShipper() override;

    boost::asio::awaitable<Result<OutputPaths>> open(OutputSpec spec) override;
    void ended(std::string container_id) override;
    boost::asio::awaitable<Result<>> shipped(std::string container_id) override;
    boost::asio::awaitable<Result<std::vector<std::string>>> list() override;
    // Stops reading; what containers write stays in their files.
    boost::asio::awaitable<void> stop();

    // Lines left out since the start because they came faster than they could be stored (non-blocking mode),
    // or because CloudWatch Logs refused them for good.
    std::uint64_t lines_dropped() const { return lines_dropped_; }

  private:
    struct Container;

    boost::asio::awaitable<void> ship(std::shared_ptr<Container> container);
    boost::asio::awaitable<Result<>> find_positions(Container& container);
    boost::asio::awaitable<Result<bool>> move(Container& container, LogSource& source, bool flush);
    boost::asio::awaitable<Result<>> keep_bounded(Container& container, LogSource& source);
    boost::asio::awaitable<Result<bool>> put(
        Container& container, LogSource& source, const LogSource::Batch& batch
    );
    boost::asio::awaitable<void> wait(Container& container, Duration at_most);
    boost::asio::awaitable<void> remove(std::string container_id);

    boost::asio::any_io_executor executor_;
    Ports ports_;
    std::map<std::string, std::shared_ptr<Container>> containers_;
    std::uint64_t lines_dropped_ = 0;
    TaskGroup group_;
};

}  // namespace gantry::worker
