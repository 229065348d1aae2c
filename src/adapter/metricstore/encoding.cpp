#include "adapter/metricstore/encoding.h"

#include <zstd.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <memory>

#include "base/assertion.h"

namespace gantry::adapter::metricstore {
namespace {

constexpr int kLevel = 3;
constexpr std::uint64_t kPlainMost = 256u << 20;
// What of a point is written.
constexpr std::uint64_t kSame = 1;         // all its numbers are one and the same
constexpr std::uint64_t kDistributed = 2;  // the kept values follow

void put(std::string& out, std::uint64_t value) {
    while (value >= 0x80) {
        out.push_back(static_cast<char>(value | 0x80));
        value >>= 7;
    }
    out.push_back(static_cast<char>(value));
}

void put_signed(std::string& out, std::int64_t value) {
    put(out, (static_cast<std::uint64_t>(value) << 1) ^ static_cast<std::uint64_t>(value >> 63));
}

// Its last bytes first: those of small whole numbers are zero, and are not written.
void put_double(std::string& out, double value) {
    put(out, __builtin_bswap64(std::bit_cast<std::uint64_t>(value)));
}

class Source {
  public:
    explicit Source(std::string_view bytes) : bytes_(bytes) {}

    std::uint64_t number() {
        std::uint64_t value = 0;
        for (unsigned shift = 0; shift < 64; shift += 7) {
            if (bytes_.empty()) break;
            const auto byte = static_cast<unsigned char>(bytes_.front());
            bytes_.remove_prefix(1);
            value |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
            if ((byte & 0x80) == 0) return value;
        }
        good_ = false;
        return 0;
    }
    std::int64_t signed_number() {
        const auto value = number();
        return static_cast<std::int64_t>(value >> 1) ^ -static_cast<std::int64_t>(value & 1);
    }
    double real() { return std::bit_cast<double>(__builtin_bswap64(number())); }
    std::string text() {
        const auto size = number();
        if (size > bytes_.size()) {
            good_ = false;
            return {};
        }
        std::string out(bytes_.substr(0, size));
        bytes_.remove_prefix(size);
        return out;
    }
    // Whether all that was read was there, and so much may still be.
    bool good(std::uint64_t items = 0) const { return good_ && items <= bytes_.size(); }
    bool at_end() const { return bytes_.empty(); }

  private:
    std::string_view bytes_;
    bool good_ = true;
};

void put_values(std::string& out, const metric::Values& values) {
    const auto& kept = values.kept();
    const bool same = values.distributed() && kept.size() == 1 && values.min() == values.max() &&
                      kept.front().value == values.min() && kept.front().weight == values.count() &&
                      values.sum() == values.min() * values.count();
    put(out, (same ? kSame : 0) | (values.distributed() ? kDistributed : 0));
    put_double(out, values.count());
    put_double(out, values.min());
    if (same) return;
    put_double(out, values.max());
    put_double(out, values.sum());
    if (!values.distributed()) return;
    put(out, kept.size());
    for (const auto& one : kept) {
        put_double(out, one.weight);
        put_double(out, one.value);
    }
}

metric::Values take_values(Source& from) {
    const auto flags = from.number();
    const double count = from.real();
    const double min = from.real();
    if ((flags & kSame) != 0)
        return metric::Values::restored(count, min * count, min, min, true, {{min, count}});
    const double max = from.real();
    const double sum = from.real();
    std::vector<metric::Weighted> kept;
    if ((flags & kDistributed) != 0) {
        const auto size = from.number();
        if (!from.good(size)) return {};
        kept.reserve(size);
        for (std::uint64_t i = 0; i < size; ++i) {
            const double weight = from.real();
            kept.push_back({from.real(), weight});
        }
    }
    return metric::Values::restored(count, sum, min, max, (flags & kDistributed) != 0, std::move(kept));
}

Result<std::string> inflate(std::string_view bytes) {
    const auto size = ZSTD_getFrameContentSize(bytes.data(), bytes.size());
    if (size > kPlainMost) return trouble(Errc::invalid, "metric store: a damaged row");
    std::string plain(size, '\0');
    const auto done = ZSTD_decompress(plain.data(), plain.size(), bytes.data(), bytes.size());
    if (ZSTD_isError(done) != 0 || done != size)
        return trouble(Errc::invalid, "metric store: a damaged row");
    return plain;
}

}  // namespace

std::string pack(const std::vector<Entry>& entries) {
    std::vector<std::string> units;
    for (const auto& entry : entries) {
        if (std::find(units.begin(), units.end(), entry.point.unit) == units.end())
            units.push_back(entry.point.unit);
    }
    std::string plain;
    put(plain, units.size());
    for (const auto& unit : units) {
        put(plain, unit.size());
        plain += unit;
    }
    put(plain, entries.size());
    // Columns: neighbours are alike.
    std::int64_t before = 0;
    for (const auto& entry : entries) put_signed(plain, entry.metric - std::exchange(before, entry.metric));
    before = 0;
    for (const auto& entry : entries)
        put_signed(plain, entry.point.at_s - std::exchange(before, entry.point.at_s));
    for (const auto& entry : entries) put(plain, static_cast<std::uint64_t>(entry.point.width_s));
    for (const auto& entry : entries) {
        const auto unit = std::find(units.begin(), units.end(), entry.point.unit);
        put(plain, static_cast<std::uint64_t>(unit - units.begin()));
    }
    for (const auto& entry : entries) put_values(plain, entry.point.values);

    std::unique_ptr<ZSTD_CCtx, decltype(&ZSTD_freeCCtx)> context(ZSTD_createCCtx(), ZSTD_freeCCtx);
    ZSTD_CCtx_setParameter(context.get(), ZSTD_c_compressionLevel, kLevel);
    ZSTD_CCtx_setParameter(context.get(), ZSTD_c_checksumFlag, 1);
    std::string packed(ZSTD_compressBound(plain.size()), '\0');
    const auto size =
        ZSTD_compress2(context.get(), packed.data(), packed.size(), plain.data(), plain.size());
    ASSERT(ZSTD_isError(size) == 0, "compression into a buffer that is large enough");
    packed.resize(size);
    return packed;
}

Result<std::vector<Entry>> unpack(std::string_view bytes) {
    TRY(const auto plain, inflate(bytes));
    Source from(plain);
    std::vector<std::string> units;
    for (auto left = from.number(); left > 0 && from.good(); --left) units.push_back(from.text());
    const auto size = from.number();
    // Each has at least one byte in each column.
    if (!from.good(size)) return trouble(Errc::invalid, "metric store: a damaged row");
    std::vector<Entry> entries(size);
    std::int64_t before = 0;
    for (auto& entry : entries) entry.metric = before += from.signed_number();
    before = 0;
    for (auto& entry : entries) entry.point.at_s = before += from.signed_number();
    for (auto& entry : entries) entry.point.width_s = static_cast<std::int64_t>(from.number());
    for (auto& entry : entries) {
        const auto unit = from.number();
        if (unit >= units.size()) return trouble(Errc::invalid, "metric store: a damaged row");
        entry.point.unit = units[unit];
    }
    for (auto& entry : entries) {
        if (!from.good()) break;
        entry.point.values = take_values(from);
    }
    if (!from.good() || !from.at_end()) return trouble(Errc::invalid, "metric store: a damaged row");
    return entries;
}

std::string join_dimensions(const std::vector<std::pair<std::string, std::string>>& dimensions) {
    std::string out;
    for (const auto& [name, value] : dimensions) {
        put(out, name.size());
        out += name;
        put(out, value.size());
        out += value;
    }
    return out;
}

std::vector<std::pair<std::string, std::string>> split_dimensions(std::string_view text) {
    std::vector<std::pair<std::string, std::string>> out;
    Source from(text);
    while (from.good() && !from.at_end()) {
        auto name = from.text();
        out.emplace_back(std::move(name), from.text());
    }
    return out;
}

}  // namespace gantry::adapter::metricstore
