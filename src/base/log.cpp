#include "base/log.h"

#include <unistd.h>

#include <boost/json/serialize.hpp>
#include <boost/json/string.hpp>
#include <chrono>

#include "base/instant.h"

namespace gantry::log {
namespace {

Level lowest_level = Level::info;
Format line_format = Format::text;

std::string_view name(Level level) {
    switch (level) {
        case Level::debug:
            return "debug";
        case Level::info:
            return "info";
        case Level::warn:
            return "warn";
        case Level::error:
            return "error";
    }
    return "error";
}

std::string quoted(std::string_view text) { return boost::json::serialize(boost::json::string(text)); }

bool plain(std::string_view text) {
    return !text.empty() && text.find_first_of(" \t\r\n\"=\\") == std::string_view::npos;
}

}  // namespace

void configure(Level lowest, Format format) {
    lowest_level = lowest;
    line_format = format;
}

bool enabled(Level level) { return level >= lowest_level; }

std::string line(Level level, std::string_view message, Fields fields, Format format) {
    std::string text;
    if (format == Format::json) {
        text.append("\"level\":").append(quoted(name(level)));
        text.append(",\"message\":").append(quoted(message));
        for (const auto& field : fields) {
            text.append(",").append(quoted(field.key)).append(":");
            text.append(field.number ? field.value : quoted(field.value));
        }
        return text;
    }
    text.append(name(level)).append(" ").append(message);
    for (const auto& field : fields) {
        text.append(" ").append(field.key).append("=");
        text.append(plain(field.value) ? field.value : quoted(field.value));
    }
    return text;
}

void write(Level level, std::string_view message, Fields fields) {
    if (!enabled(level)) return;
    // The log's own clock: what is written here decides nothing.
    const auto now = std::chrono::duration_cast<std::chrono::milliseconds>(
                         std::chrono::system_clock::now().time_since_epoch()
    )
                         .count();
    const std::string said = line(level, message, fields, line_format);
    std::string text = line_format == Format::json
                           ? "{\"time\":\"" + format_iso8601(now) + "\"," + said + "}\n"
                           : format_iso8601(now) + " " + said + "\n";
    [[maybe_unused]] const auto written = ::write(STDERR_FILENO, text.data(), text.size());
}

}  // namespace gantry::log
