#include "adapter/logstore/chunk.h"

#include <zstd.h>

#include <algorithm>
#include <memory>

namespace gantry::adapter::logstore {
namespace {

// Speed over ratio: a stream is written once and seldom read. Higher levels are for colder data than this.
constexpr int kLevel = 1;
// No chunk is larger: one event of at most 1 MiB past kChunkBytes, and its header.
constexpr std::size_t kRawMax = 8u << 20;

void put_varint(std::string& out, std::uint64_t value) {
    while (value >= 0x80) {
        out.push_back(static_cast<char>(value | 0x80));
        value >>= 7;
    }
    out.push_back(static_cast<char>(value));
}

void put_signed(std::string& out, std::int64_t value) {
    put_varint(out, (static_cast<std::uint64_t>(value) << 1) ^ static_cast<std::uint64_t>(value >> 63));
}

class Cursor {
  public:
    explicit Cursor(std::string_view bytes) : bytes_(bytes) {}
    bool ok() const { return ok_; }

    std::uint64_t varint() {
        std::uint64_t value = 0;
        for (int shift = 0; shift < 64; shift += 7) {
            if (bytes_.empty()) break;
            const auto byte = static_cast<unsigned char>(bytes_.front());
            bytes_.remove_prefix(1);
            value |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
            if (byte < 0x80) return value;
        }
        ok_ = false;
        return 0;
    }
    std::int64_t number() {
        const auto value = varint();
        return static_cast<std::int64_t>(value >> 1) ^ -static_cast<std::int64_t>(value & 1);
    }
    std::string_view take(std::uint64_t size) {
        if (size > bytes_.size()) {
            ok_ = false;
            return {};
        }
        const auto taken = bytes_.substr(0, size);
        bytes_.remove_prefix(size);
        return taken;
    }

  private:
    std::string_view bytes_;
    bool ok_ = true;
};

struct FreeContext {
    void operator()(ZSTD_CCtx* context) const { ZSTD_freeCCtx(context); }
    void operator()(ZSTD_DCtx* context) const { ZSTD_freeDCtx(context); }
};

std::string compress(std::string_view raw) {
    thread_local const std::unique_ptr<ZSTD_CCtx, FreeContext> context(ZSTD_createCCtx());
    ZSTD_CCtx_setParameter(context.get(), ZSTD_c_compressionLevel, kLevel);
    ZSTD_CCtx_setParameter(context.get(), ZSTD_c_checksumFlag, 1);
    std::string packed(ZSTD_compressBound(raw.size()), '\0');
    const auto size = ZSTD_compress2(context.get(), packed.data(), packed.size(), raw.data(), raw.size());
    ASSERT(!ZSTD_isError(size), "the bound was computed for this input");
    packed.resize(size);
    packed.shrink_to_fit();
    return packed;
}

// Heads first, then messages: like beside like compresses better.
Chunk pack_one(std::span<const port::LogEvent> events) {
    Chunk chunk;
    chunk.hour = hour_of(events.front().key.timestamp_ms);
    chunk.min_ms = events.front().key.timestamp_ms;
    chunk.max_ms = events.back().key.timestamp_ms;
    chunk.events = events.size();
    std::string raw;
    put_varint(raw, events.size());
    port::LogEvent before;
    for (const auto& event : events) {
        put_signed(raw, event.key.timestamp_ms - before.key.timestamp_ms);
        put_signed(raw, static_cast<std::int64_t>(event.key.sequence - before.key.sequence));
        put_signed(raw, event.ingestion_ms - before.ingestion_ms);
        put_varint(raw, event.message.size());
        before.key = event.key;
        before.ingestion_ms = event.ingestion_ms;
        chunk.raw_bytes += billable(event);
    }
    raw.reserve(raw.size() + chunk.raw_bytes);
    for (const auto& event : events) raw += event.message;
    chunk.data = compress(raw);
    return chunk;
}

}  // namespace

std::vector<Chunk> pack(std::vector<port::LogEvent> events) {
    std::ranges::sort(events, {}, &port::LogEvent::key);
    std::vector<Chunk> chunks;
    std::size_t begin = 0;
    std::size_t bytes = 0;
    for (std::size_t i = 0; i < events.size(); ++i) {
        const bool other_hour =
            hour_of(events[i].key.timestamp_ms) != hour_of(events[begin].key.timestamp_ms);
        if (i > begin && (other_hour || bytes + billable(events[i]) > kChunkBytes)) {
            chunks.push_back(pack_one(std::span(events).subspan(begin, i - begin)));
            begin = i;
            bytes = 0;
        }
        bytes += billable(events[i]);
    }
    if (begin < events.size()) chunks.push_back(pack_one(std::span(events).subspan(begin)));
    return chunks;
}

Result<std::vector<port::LogEvent>> unpack(std::string_view data) {
    thread_local const std::unique_ptr<ZSTD_DCtx, FreeContext> context(ZSTD_createDCtx());
    const auto size = ZSTD_getFrameContentSize(data.data(), data.size());
    if (size == ZSTD_CONTENTSIZE_ERROR || size == ZSTD_CONTENTSIZE_UNKNOWN || size > kRawMax)
        return trouble(Errc::invalid, "a chunk of log events is damaged");
    std::string raw(size, '\0');
    const auto got = ZSTD_decompressDCtx(context.get(), raw.data(), raw.size(), data.data(), data.size());
    if (ZSTD_isError(got) || got != size) return trouble(Errc::invalid, "a chunk of log events is damaged");

    Cursor cursor(raw);
    const auto count = cursor.varint();
    if (count > raw.size()) return trouble(Errc::invalid, "a chunk of log events is damaged");
    std::vector<port::LogEvent> events(count);
    std::vector<std::uint64_t> sizes(count);
    port::LogEvent before;
    for (std::size_t i = 0; i < count; ++i) {
        auto& event = events[i];
        event.key.timestamp_ms = before.key.timestamp_ms + cursor.number();
        event.key.sequence = before.key.sequence + static_cast<std::uint64_t>(cursor.number());
        event.ingestion_ms = before.ingestion_ms + cursor.number();
        sizes[i] = cursor.varint();
        before.key = event.key;
        before.ingestion_ms = event.ingestion_ms;
    }
    for (std::size_t i = 0; i < count && cursor.ok(); ++i) events[i].message = cursor.take(sizes[i]);
    if (!cursor.ok()) return trouble(Errc::invalid, "a chunk of log events is damaged");
    return events;
}

}  // namespace gantry::adapter::logstore
