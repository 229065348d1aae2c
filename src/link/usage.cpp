#include "link/usage.h"

namespace gantry::link {
namespace {

struct UsageEnvelope {
    Usage usage;
};
BOOST_DESCRIBE_STRUCT(UsageEnvelope, (), (usage))

struct MeasureEnvelope {
    Measure measure;
};
BOOST_DESCRIBE_STRUCT(MeasureEnvelope, (), (measure))

// Told by its first bytes: most messages are others, and long.
template <class Envelope>
std::optional<Envelope> open(std::string_view bytes, std::string_view begins) {
    if (!bytes.starts_with(begins)) return std::nullopt;
    auto envelope = decode_text<Envelope>(bytes);
    if (!envelope) return std::nullopt;
    return *std::move(envelope);
}

}  // namespace

std::string encode_usage(const Usage& usage) { return encode_text(UsageEnvelope{usage}); }
std::string encode_measure(const Measure& measure) { return encode_text(MeasureEnvelope{measure}); }

std::optional<Usage> decode_usage(std::string_view bytes) {
    auto envelope = open<UsageEnvelope>(bytes, R"({"usage":)");
    if (!envelope) return std::nullopt;
    return std::move(envelope->usage);
}

std::optional<Measure> decode_measure(std::string_view bytes) {
    auto envelope = open<MeasureEnvelope>(bytes, R"({"measure":)");
    if (!envelope) return std::nullopt;
    return envelope->measure;
}

}  // namespace gantry::link
