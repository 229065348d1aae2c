#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gantry::adapter::resolver {

// DNS messages (RFC 1035) as far as this server must understand them.

enum class Code : std::uint8_t {
    none = 0,
    format_error = 1,
    server_failure = 2,
    no_such_name = 3,
    not_implemented = 4
};

inline constexpr std::uint16_t type_a = 1;
inline constexpr std::uint16_t type_any = 255;

struct Question {
    std::string name;  // lower case, no final dot; bytes that are no host-name characters stay as they are
    std::uint16_t type = 0;
    std::uint16_t klass = 0;
    std::size_t end = 0;  // offset behind the question
};

// At least a header, and no answer itself: something that may be replied to.
bool is_question(std::string_view message);
// The only question of a standard query; nothing where the message is malformed, has not exactly one, or is
// of another kind.
std::optional<Question> read_question(std::string_view message);
bool is_standard(std::string_view message);

// The reply to the message: its id and question, the code, and an A record per address (network byte order,
// four bytes each).
std::string write_answer(
    std::string_view message,
    const Question& question,
    Code code,
    const std::vector<std::string>& addresses,
    std::uint32_t ttl_s
);
// A reply without a question: for what could not be read.
std::string write_failure(std::string_view message, Code code);

std::uint16_t id_of(std::string_view message);
void set_id(std::string& message, std::uint16_t id);
// Whether `reply` answers `query`: response bit, same id, same question.
bool is_reply_to(std::string_view reply, std::string_view query);

}  // namespace gantry::adapter::resolver
