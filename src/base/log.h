#pragma once

#include <concepts>
#include <initializer_list>
#include <string>
#include <string_view>

#include "base/result.h"

// What the program says about itself, one line each on stderr. Never a secret, never a request's body.
//   log::info("worker lost", {{"worker", id}, {"silent_ms", silence.count()}});
namespace gantry::log {

enum class Level { debug, info, warn, error };
enum class Format { text, json };

struct Field {
    std::string_view key;
    std::string value;
    bool number = false;

    Field(std::string_view k, std::string_view v) : key(k), value(v) {}
    Field(std::string_view k, const char* v) : key(k), value(v) {}
    Field(std::string_view k, const std::string& v) : key(k), value(v) {}
    Field(std::string_view k, const Error& error) : key(k), value(error.message) {}
    Field(std::string_view k, bool v) : key(k), value(v ? "true" : "false"), number(true) {}
    template <class T>
        requires(std::integral<T> || std::floating_point<T>)
    Field(std::string_view k, T v) : key(k), value(std::to_string(v)), number(true) {}
};
using Fields = std::initializer_list<Field>;

// Before the first thread starts. Default: info, text.
void configure(Level lowest, Format format);
bool enabled(Level level);

// Safe from every thread; a line is one write.
void write(Level level, std::string_view message, Fields fields);

inline void debug(std::string_view message, Fields fields = {}) { write(Level::debug, message, fields); }
inline void info(std::string_view message, Fields fields = {}) { write(Level::info, message, fields); }
inline void warn(std::string_view message, Fields fields = {}) { write(Level::warn, message, fields); }
inline void error(std::string_view message, Fields fields = {}) { write(Level::error, message, fields); }

// The line without its time stamp, for tests.
std::string line(Level level, std::string_view message, Fields fields, Format format);

}  // namespace gantry::log
