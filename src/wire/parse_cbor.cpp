#include <bit>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <cmath>
#include <limits>

#include "shapes/base64.h"
#include "wire/cbor.h"
#include "wire/form.h"

namespace gantry::wire {

namespace {

namespace json = boost::json;

constexpr int kMaxDepth = 64;
constexpr std::size_t kMaxItems = 500'000;

enum Major { unsigned_ = 0, negative = 1, bytes = 2, text = 3, array = 4, map = 5, tag = 6, other = 7 };

struct Head {
    Major major;
    std::uint8_t info;  // the lower five bits
    std::uint64_t value;

    bool indefinite() const { return info == 31; }
};

tl::unexpected<Error> wrong(const char* why) { return trouble(Errc::invalid, why); }

double half(std::uint16_t bits) {
    const int exponent = bits >> 10 & 0x1f;
    const int fraction = bits & 0x3ff;
    double value = 0;
    if (exponent == 0) {
        value = std::ldexp(fraction, -24);
    } else if (exponent != 31) {
        value = std::ldexp(fraction + 1024, exponent - 25);
    } else {
        value = fraction == 0 ? std::numeric_limits<double>::infinity()
                              : std::numeric_limits<double>::quiet_NaN();
    }
    return bits & 0x8000 ? -value : value;
}

class Parser {
  public:
    Parser(std::string_view rest, json::storage_ptr memory) : rest_(rest), memory_(std::move(memory)) {}

    Result<json::value> item(int depth) {
        if (++items_ > kMaxItems) return wrong("there are too many items");
        if (depth > kMaxDepth) return wrong("it is nested too deeply");
        TRY(const auto head, take_head());
        if (head.indefinite() && (head.major < bytes || head.major == tag))
            return wrong("a length is not valid");
        switch (head.major) {
            case unsigned_:
                return number(head.value);
            case negative:
                if (head.value > kMaxInt) return wrong("a negative number has more than 64 bits");
                return json::value(-1 - static_cast<std::int64_t>(head.value), memory_);
            case bytes: {
                TRY(const auto blob, string(head));
                return json::value(shapes::encode_base64(blob), memory_);
            }
            case text: {
                TRY(const auto words, string(head));
                if (!is_utf8(words)) return wrong("a text is not UTF-8");
                return json::value(words, memory_);
            }
            case array:
                return list(head, depth);
            case map:
                return object(head, depth);
            case tag:
                return item(depth + 1);
            case other:
                return simple(head);
        }
        return wrong("a type is not valid");
    }

    bool at_end() const { return rest_.empty(); }

  private:
    static constexpr std::uint64_t kMaxInt = std::numeric_limits<std::int64_t>::max();

    Result<Head> take_head() {
        if (rest_.empty()) return wrong("it ends too early");
        const auto first = static_cast<std::uint8_t>(rest_.front());
        rest_.remove_prefix(1);
        Head head{static_cast<Major>(first >> 5), static_cast<std::uint8_t>(first & 0x1f), 0};
        if (head.info < 24) {
            head.value = head.info;
            return head;
        }
        if (head.indefinite()) return head;
        if (head.info > 27) return wrong("a length is not valid");
        const std::size_t size = std::size_t{1} << (head.info - 24);
        if (rest_.size() < size) return wrong("it ends too early");
        for (std::size_t i = 0; i < size; ++i)
            head.value = head.value << 8 | static_cast<std::uint8_t>(rest_[i]);
        rest_.remove_prefix(size);
        return head;
    }

    bool take_break() {
        if (!rest_.starts_with('\xff')) return false;
        rest_.remove_prefix(1);
        return true;
    }

    json::value number(std::uint64_t value) {
        if (value > kMaxInt) return json::value(value, memory_);
        return json::value(static_cast<std::int64_t>(value), memory_);
    }

    Result<std::string> string(const Head& head) {
        if (!head.indefinite()) {
            if (head.value > rest_.size()) return wrong("it ends too early");
            std::string whole(rest_.substr(0, head.value));
            rest_.remove_prefix(whole.size());
            return whole;
        }
        std::string whole;
        while (!take_break()) {
            if (++items_ > kMaxItems) return wrong("there are too many items");
            TRY(const auto chunk, take_head());
            if (chunk.major != head.major || chunk.indefinite())
                return wrong("a chunk of a string is not valid");
            TRY(const auto part, string(chunk));
            whole += part;
        }
        return whole;
    }

    Result<json::value> list(const Head& head, int depth) {
        json::array all(memory_);
        // Every item has at least a byte.
        if (!head.indefinite() && head.value > rest_.size()) return wrong("it ends too early");
        for (std::uint64_t i = 0; head.indefinite() ? !take_break() : i < head.value; ++i) {
            TRY(auto one, item(depth + 1));
            all.push_back(std::move(one));
        }
        return json::value(std::move(all));
    }

    Result<json::value> object(const Head& head, int depth) {
        json::object all(memory_);
        if (!head.indefinite() && head.value > rest_.size() / 2) return wrong("it ends too early");
        for (std::uint64_t i = 0; head.indefinite() ? !take_break() : i < head.value; ++i) {
            if (++items_ > kMaxItems) return wrong("there are too many items");
            TRY(const auto key, take_head());
            if (key.major != text) return wrong("a key of a map is no text");
            TRY(const auto name, string(key));
            if (!is_utf8(name)) return wrong("a text is not UTF-8");
            TRY(auto one, item(depth + 1));
            all[name] = std::move(one);
        }
        return json::value(std::move(all));
    }

    Result<json::value> simple(const Head& head) {
        switch (head.info) {
            case 20:
            case 21:
                return json::value(head.info == 21, memory_);
            case 22:
            case 23:
                return json::value(nullptr, memory_);
            case 25:
                return json::value(half(static_cast<std::uint16_t>(head.value)), memory_);
            case 26:
                return json::value(
                    static_cast<double>(std::bit_cast<float>(static_cast<std::uint32_t>(head.value))), memory_
                );
            case 27:
                return json::value(std::bit_cast<double>(head.value), memory_);
            default:
                return wrong("a value is not valid");
        }
    }

    std::string_view rest_;
    json::storage_ptr memory_;
    std::size_t items_ = 0;
};

}  // namespace

Result<json::value> parse_cbor(std::string_view bytes, json::storage_ptr memory) {
    Parser parser(bytes, std::move(memory));
    TRY(auto value, parser.item(0));
    if (!parser.at_end()) return wrong("something stands behind it");
    return value;
}

}  // namespace gantry::wire
