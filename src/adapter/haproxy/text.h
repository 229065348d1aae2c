#pragma once

#include <string>
#include <string_view>

// How values that users chose are written into a configuration: nothing that they contain can be taken for
// configuration.
namespace gantry::adapter::haproxy {

// One word of a line, in HAProxy's strong quotes. Control characters (a line end would begin another line)
// become '?'.
std::string quoted(std::string_view value);

// The same inside a log-format string, where '%' would begin a sample.
std::string format_literal(std::string_view value);

// A name for a section: the prefix and 16 hexadecimal digits that are a function of the id.
std::string section_name(std::string_view prefix, std::string_view id);

// A wildcard pattern ('*' any run of characters, '?' exactly one) as a regular expression without anchors.
// `one` is the expression for one arbitrary character: "." or "[^&]".
std::string wildcard_regex(std::string_view pattern, std::string_view one = ".");

}  // namespace gantry::adapter::haproxy
