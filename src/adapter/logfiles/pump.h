#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <cstdint>
#include <string>

#include "base/event.h"
#include "base/result.h"
#include "port/descriptor.h"

namespace gantry::adapter::logfiles {

// Moves what a container writes into its FIFO to the file behind it, as long as less than `buffer_bytes` of
// the file are not yet discarded. Then the FIFO fills and the container's writes wait.
class Pump {
  public:
    Pump(
        boost::asio::any_io_executor executor, std::string fifo, std::string file, std::uint64_t buffer_bytes
    );

    // Opens both ends; the FIFO is made when it is not there.
    Result<> open();
    // Until cancelled.
    boost::asio::awaitable<void> run();
    // Takes what stands in the FIFO now, whatever waits in the file.
    Result<> drain();
    // The reader has given space back.
    void discarded(std::uint64_t before);

  private:
    // Bytes moved, 0 when the FIFO is empty.
    Result<std::size_t> move(std::size_t bytes_max);
    std::uint64_t waiting() const;

    std::string fifo_path_;
    std::string file_path_;
    std::uint64_t buffer_bytes_;
    std::uint64_t discarded_ = 0;
    port::Descriptor file_;
    boost::asio::posix::stream_descriptor fifo_;
    Event space_;
};

}  // namespace gantry::adapter::logfiles
