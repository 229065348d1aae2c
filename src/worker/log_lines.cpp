#include "worker/log_lines.h"

#include <re2/re2.h>

namespace gantry::worker {
namespace {

constexpr std::size_t kEventOverhead = 26;

// Length of the valid UTF-8 sequence at the start of text; 0 when there is none.
std::size_t sequence_length(std::string_view text) {
    const auto at = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const unsigned char first = at(0);
    if (first < 0x80) return 1;
    const std::size_t length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
    if (first < 0xc2 || first > 0xf4 || text.size() < length) return 0;
    for (std::size_t i = 1; i < length; ++i) {
        if ((at(i) & 0xc0) != 0x80) return 0;
    }
    // Overlong forms, surrogates and what lies past U+10FFFF show in the second byte.
    if ((first == 0xe0 && at(1) < 0xa0) || (first == 0xed && at(1) > 0x9f) ||
        (first == 0xf0 && at(1) < 0x90) || (first == 0xf4 && at(1) > 0x8f)) {
        return 0;
    }
    return length;
}

// The largest cut at or before `wanted` that does not split a character.
std::size_t character_boundary(std::string_view text, std::size_t wanted) {
    std::size_t cut = wanted;
    for (int back = 0; back < 4 && cut > 0 && (static_cast<unsigned char>(text[cut]) & 0xc0) == 0x80; ++back)
        --cut;
    return cut == 0 ? wanted : cut;
}

}  // namespace

std::string valid_utf8(std::string_view text) {
    std::string valid;
    valid.reserve(text.size());
    while (!text.empty()) {
        const std::size_t length = sequence_length(text);
        if (length == 0) {
            valid += "\xef\xbf\xbd";
            text.remove_prefix(1);
        } else {
            valid += text.substr(0, length);
            text.remove_prefix(length);
        }
    }
    return valid;
}

LineAssembler::LineAssembler(std::shared_ptr<const re2::RE2> starts_event)
    : starts_event_(std::move(starts_event)) {}

std::size_t LineAssembler::next_event(std::string_view rest, bool flush) const {
    std::size_t end = rest.find('\n');
    if (end == std::string_view::npos) {
        if (rest.size() > event_bytes_max) return character_boundary(rest, event_bytes_max);
        return flush ? rest.size() : 0;
    }
    if (starts_event_ == nullptr) {
        if (end > event_bytes_max) return character_boundary(rest, event_bytes_max);
        return end + 1;
    }
    // Further lines belong to the event until one matches.
    ++end;
    while (true) {
        if (end > event_bytes_max) return character_boundary(rest, event_bytes_max);
        const std::size_t next = rest.find('\n', end);
        const auto line = rest.substr(end, next == std::string_view::npos ? next : next - end);
        if (next == std::string_view::npos) return flush ? rest.size() : 0;
        if (re2::RE2::PartialMatch(re2::StringPiece(line.data(), line.size()), *starts_event_)) return end;
        end = next + 1;
    }
}

LineAssembler::Taken LineAssembler::take(std::size_t events_max, std::size_t bytes_max, bool flush) {
    Taken taken;
    std::size_t batch_bytes = 0;
    std::string_view rest = buffer_;
    while (!rest.empty() && taken.messages.size() < events_max) {
        const std::size_t length = next_event(rest, flush);
        if (length == 0) break;
        std::string_view event = rest.substr(0, length);
        if (starts_event_ == nullptr) {
            if (event.ends_with('\n')) event.remove_suffix(1);
            if (event.ends_with('\r')) event.remove_suffix(1);
        }
        std::string message = valid_utf8(event);
        // Replacement characters are three bytes for one: such an event may need to be cut again.
        if (message.size() > event_bytes_max) message.resize(character_boundary(message, event_bytes_max));
        if (!message.empty()) {
            if (!taken.messages.empty() && batch_bytes + message.size() + kEventOverhead > bytes_max) break;
            batch_bytes += message.size() + kEventOverhead;
            taken.messages.push_back(std::move(message));
        }
        rest.remove_prefix(length);
        taken.bytes += length;
    }
    buffer_.erase(0, taken.bytes);
    return taken;
}

}  // namespace gantry::worker
