#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace gantry::wire {

// The decoded parameters of a form body or query string, sorted by name; of equal names the first wins.
class Form {
  public:
    using Parameter = std::pair<std::string, std::string>;

    static constexpr std::size_t kMaxParameters = 20'000;

    // Errc::invalid for broken percent escapes, bytes that are not UTF-8, NUL, or too many parameters.
    static Result<Form> parse(std::string_view text);

    // Null when absent.
    const std::string* find(std::string_view name) const;
    // Parameters named `name`, or `name.` and more.
    bool has_prefix(std::string_view name) const;
    // The numbers N of the parameters `prefix.N` and `prefix.N.…`, ascending, each once; or the first text that stands
    // in the place of an N and is none: N is 1 to 4294967295 without leading zeros.
    tl::expected<std::vector<std::uint32_t>, std::string> indexes(std::string_view prefix) const;

    const std::vector<Parameter>& parameters() const { return parameters_; }

  private:
    std::vector<Parameter>::const_iterator lower_bound(std::string_view name) const;

    std::vector<Parameter> parameters_;
};

// Percent-decodes; with plus_is_space, '+' too. False if an escape is broken.
bool percent_decode(std::string_view text, bool plus_is_space, std::string& out);
// RFC 3986 as SigV4 wants it: everything but A-Z a-z 0-9 - . _ ~ is escaped, '/' if not kept.
std::string percent_encode(std::string_view text, bool keep_slash);
bool is_utf8(std::string_view text);

}  // namespace gantry::wire
