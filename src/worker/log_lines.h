#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace re2 {
class RE2;
}

namespace gantry::worker {

// The most that one log event holds, in bytes of UTF-8 (256 KiB less CloudWatch's 26 bytes); longer lines are
// split.
inline constexpr std::size_t event_bytes_max = 262'118;

// Makes log events of a container's output, as Docker's awslogs driver does: one line an event, without its
// end ("\n" or
// "\r\n"); empty lines are left out; bytes that are not UTF-8 become U+FFFD. With a start pattern an event
// goes on until the next line that matches it, and keeps its line ends.
//
// Feeding the bytes from any position that take() returned gives the same events again: that position is all
// there is to remember.
class LineAssembler {
  public:
    explicit LineAssembler(std::shared_ptr<const re2::RE2> starts_event = nullptr);

    void feed(std::string_view bytes) { buffer_ += bytes; }

    struct Taken {
        std::vector<std::string> messages;
        std::uint64_t bytes = 0;  // of the output that they, and what was left out between them, stood in
    };
    // At most that many events and bytes as CloudWatch counts them, whole ones only. flush: also what may
    // still go on, because nothing more will come or it has waited long enough.
    Taken take(std::size_t events_max, std::size_t bytes_max, bool flush);

    std::size_t pending_bytes() const { return buffer_.size(); }

  private:
    // Bytes of the first event in `rest`, with its end; 0 when it may still go on.
    std::size_t next_event(std::string_view rest, bool flush) const;

    std::shared_ptr<const re2::RE2> starts_event_;
    std::string buffer_;
};

// The text with every byte that is not part of valid UTF-8 replaced by U+FFFD.
std::string valid_utf8(std::string_view text);

}  // namespace gantry::worker
