#pragma once

#include <memory>
#include <optional>
#include <string>

#include "base/instant.h"
#include "port/log_files.h"
#include "port/log_sink.h"
#include "worker/log_lines.h"
#include "worker/log_options.h"

namespace gantry::worker {

// One output stream of one container on its way to its log stream: what was read, what was taken by the sink,
// what had to be left out. Decides only; the shipper reads and puts.
//
//   discarded ≤ stored ≤ begin ≤ read_to        (byte offsets of the output)
//
// stored is where the sink's mark stands; begin is where the bytes in the assembler begin, which is further
// on when something was dropped.
class LogSource {
  public:
    LogSource(std::string name, port::OutputStream stream, std::shared_ptr<const re2::RE2> starts_event)
        : name_(std::move(name)),
          stream_(stream),
          starts_event_(std::move(starts_event)),
          lines_(starts_event_) {}

    const std::string& name() const { return name_; }
    port::OutputStream stream() const { return stream_; }

    // From where the sink says that it stands: at the start, and when it knows better.
    void go_on_from(std::uint64_t stored);
    // Bytes read at read_to().
    void feed(std::string_view bytes);
    std::uint64_t read_to() const { return read_to_; }
    bool wants_bytes() const { return lines_.pending_bytes() < kReadAheadMax && !batch_; }

    // The batch to put next, made of whole events (flush: of everything); the same one until taken() or
    // refused(). Null when there is none.
    struct Batch {
        std::vector<port::ShippedLine> lines;
        port::LogMark mark;
    };
    const Batch* batch(RealInstant now, bool flush);
    void taken();
    // The sink will never take it.
    std::size_t refused();

    // Leaves out the oldest bytes so that at most buffer_bytes wait; to where. The caller counts the lines
    // between.
    std::optional<std::uint64_t> overflow(std::uint64_t size, std::uint64_t buffer_bytes) const;
    void skip_to(std::uint64_t offset);

    // What the files need not keep any more; nullopt while it is not worth a call.
    std::optional<std::uint64_t> discardable(bool all) const;
    void discarded(std::uint64_t before) { discarded_ = before; }
    std::size_t pending_bytes() const { return lines_.pending_bytes(); }

  private:
    static constexpr std::size_t kReadAheadMax = 2 << 20;
    static constexpr std::uint64_t kDiscardStep = 256 << 10;

    std::string name_;
    port::OutputStream stream_;
    std::shared_ptr<const re2::RE2> starts_event_;
    LineAssembler lines_;
    std::uint64_t discarded_ = 0;
    std::uint64_t stored_ = 0;
    std::uint64_t begin_ = 0;
    std::uint64_t read_to_ = 0;
    std::optional<Batch> batch_;
};

}  // namespace gantry::worker
