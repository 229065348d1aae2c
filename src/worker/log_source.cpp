#include "worker/log_source.h"

namespace gantry::worker {
namespace {

constexpr std::size_t kBatchEventsMax = 10'000;
constexpr std::size_t kBatchBytesMax = 1 << 20;

}  // namespace

void LogSource::go_on_from(std::uint64_t stored) {
    stored_ = begin_ = read_to_ = stored;
    lines_ = LineAssembler(starts_event_);
    batch_.reset();
}

void LogSource::feed(std::string_view bytes) {
    lines_.feed(bytes);
    read_to_ += bytes.size();
}

const LogSource::Batch* LogSource::batch(RealInstant now, bool flush) {
    if (batch_) return &*batch_;
    auto taken = lines_.take(kBatchEventsMax, kBatchBytesMax, flush);
    if (taken.bytes == 0) return nullptr;
    Batch batch;
    batch.lines.reserve(taken.messages.size());
    for (auto& message : taken.messages) batch.lines.push_back({now.ms, std::move(message)});
    begin_ += taken.bytes;
    batch.mark = {name_, stored_, begin_};
    batch_ = std::move(batch);
    return &*batch_;
}

void LogSource::taken() {
    stored_ = batch_->mark.to;
    batch_.reset();
}

std::size_t LogSource::refused() {
    // The next batch's mark covers these bytes too.
    const std::size_t lost = batch_->lines.size();
    batch_.reset();
    return lost;
}

std::optional<std::uint64_t> LogSource::overflow(std::uint64_t size, std::uint64_t buffer_bytes) const {
    if (size < begin_ || size - begin_ <= buffer_bytes) return std::nullopt;
    // Half of the buffer is kept, so that a container that floods it is not skipped through line by line.
    return size - buffer_bytes / 2;
}

void LogSource::skip_to(std::uint64_t offset) {
    begin_ = read_to_ = offset;
    lines_ = LineAssembler(starts_event_);
}

std::optional<std::uint64_t> LogSource::discardable(bool all) const {
    const std::uint64_t before = batch_ ? stored_ : std::max(stored_, begin_);
    if (before <= discarded_ || (!all && before - discarded_ < kDiscardStep)) return std::nullopt;
    return before;
}

}  // namespace gantry::worker
