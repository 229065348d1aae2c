#include "adapter/resolver/message.h"

#include "base/assertion.h"

namespace gantry::adapter::resolver {
namespace {

constexpr std::size_t header_bytes = 12;
constexpr unsigned char response_bit = 0x80, recursion_desired = 0x01, recursion_available = 0x80;

std::uint16_t number_at(std::string_view message, std::size_t at) {
    return static_cast<std::uint16_t>(
        static_cast<unsigned char>(message[at]) << 8 | static_cast<unsigned char>(message[at + 1])
    );
}

void append16(std::string& message, std::uint16_t number) {
    message += static_cast<char>(number >> 8);
    message += static_cast<char>(number & 255);
}

std::string header(std::string_view message, Code code, std::uint16_t questions, std::uint16_t answers) {
    std::string made(message.substr(0, 2));
    auto flags = static_cast<unsigned char>(message[2]);
    made += static_cast<char>(
        response_bit | (flags & (0x78 | recursion_desired))
    );  // operation code is given back
    made += static_cast<char>(recursion_available | static_cast<unsigned char>(code));
    append16(made, questions);
    append16(made, answers);
    append16(made, 0);
    append16(made, 0);
    return made;
}

}  // namespace

bool is_question(std::string_view message) {
    return message.size() >= header_bytes && (static_cast<unsigned char>(message[2]) & response_bit) == 0;
}

bool is_standard(std::string_view message) { return (static_cast<unsigned char>(message[2]) & 0x78) == 0; }

std::optional<Question> read_question(std::string_view message) {
    if (message.size() < header_bytes || number_at(message, 4) != 1) return {};
    Question question;
    std::size_t at = header_bytes;
    while (true) {
        if (at >= message.size()) return {};
        auto length = static_cast<unsigned char>(message[at++]);
        if (length == 0) break;
        // The two high bits mark a compression pointer, which has nothing to point at in a question.
        if (length > 63 || at + length > message.size()) return {};
        if (!question.name.empty()) question.name += '.';
        for (unsigned char c : message.substr(at, length)) {
            // A dot inside a label would make two different names look the same.
            if (c == '.' || c == 0) return {};
            question.name += static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c);
        }
        at += length;
        if (question.name.size() > 253) return {};
    }
    if (at + 4 > message.size()) return {};
    question.type = number_at(message, at);
    question.klass = number_at(message, at + 2);
    question.end = at + 4;
    return question;
}

std::string write_answer(
    std::string_view message,
    const Question& question,
    Code code,
    const std::vector<std::string>& addresses,
    std::uint32_t ttl_s
) {
    auto made = header(message, code, 1, static_cast<std::uint16_t>(addresses.size()));
    made += message.substr(header_bytes, question.end - header_bytes);
    for (const auto& address : addresses) {
        ASSERT(address.size() == 4, "an IPv4 address has four bytes");
        append16(made, 0xc000 | header_bytes);  // the question's name
        append16(made, type_a);
        append16(made, 1);
        append16(made, static_cast<std::uint16_t>(ttl_s >> 16));
        append16(made, static_cast<std::uint16_t>(ttl_s & 0xffff));
        append16(made, 4);
        made += address;
    }
    return made;
}

std::string write_failure(std::string_view message, Code code) { return header(message, code, 0, 0); }

std::uint16_t id_of(std::string_view message) { return number_at(message, 0); }

void set_id(std::string& message, std::uint16_t id) {
    message[0] = static_cast<char>(id >> 8);
    message[1] = static_cast<char>(id & 255);
}

bool is_reply_to(std::string_view reply, std::string_view query) {
    if (reply.size() < header_bytes || (static_cast<unsigned char>(reply[2]) & response_bit) == 0)
        return false;
    if (id_of(reply) != id_of(query)) return false;
    auto asked = read_question(query), answered = read_question(reply);
    // Some servers refuse with a bare header.
    if (!answered) return number_at(reply, 4) == 0 && (static_cast<unsigned char>(reply[3]) & 15) != 0;
    return asked && asked->name == answered->name && asked->type == answered->type &&
           asked->klass == answered->klass;
}

}  // namespace gantry::adapter::resolver
