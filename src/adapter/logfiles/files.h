#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <memory>
#include <string>

#include "port/log_files.h"

namespace gantry::adapter::logfiles {

// All calls happen on `executor`, which runs one thing at a time. stop() before it is destroyed.
class Files : public port::LogFiles {
  public:
    Files(boost::asio::any_io_executor executor, std::string folder);
    ~Files() override;

    Reply<port::OutputFiles> open(std::string container, port::OutputMode mode, std::uint64_t buffer_bytes)
        override;
    Reply<std::uint64_t> size(std::string container, port::OutputStream stream) override;
    Reply<std::string> read(
        std::string container, port::OutputStream stream, std::uint64_t offset, std::size_t bytes_max
    ) override;
    Reply<> discard(std::string container, port::OutputStream stream, std::uint64_t before) override;
    Reply<> wait_growth(std::string container) override;
    Reply<> drain(std::string container) override;
    Reply<> remove(std::string container) override;
    Reply<std::vector<std::string>> list() override;

    boost::asio::awaitable<void> stop();

  private:
    struct State;
    std::shared_ptr<State> state_;
};

}  // namespace gantry::adapter::logfiles
