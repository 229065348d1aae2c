#include "wire/time_text.h"

#include <charconv>
#include <chrono>
#include <cmath>
#include <cstdio>

namespace gantry::wire {

namespace {

namespace chrono = std::chrono;

// Exactly `count` digits at the front; they are taken away.
std::optional<int> take_digits(std::string_view& text, std::size_t count) {
    if (text.size() < count) return std::nullopt;
    int number = 0;
    for (std::size_t i = 0; i < count; ++i) {
        if (text[i] < '0' || text[i] > '9') return std::nullopt;
        number = number * 10 + (text[i] - '0');
    }
    text.remove_prefix(count);
    return number;
}

bool take(std::string_view& text, char c) {
    if (text.empty() || text.front() != c) return false;
    text.remove_prefix(1);
    return true;
}

std::optional<std::int64_t> seconds_of(int year, int month, int day, int hour, int minute, int second) {
    const chrono::year_month_day date{
        chrono::year(year), chrono::month(static_cast<unsigned>(month)),
        chrono::day(static_cast<unsigned>(day))
    };
    if (!date.ok() || hour > 23 || minute > 59 || second > 60) return std::nullopt;
    return chrono::sys_days(date).time_since_epoch().count() * std::int64_t{86400} + hour * 3600 +
           minute * 60 + second;
}

struct Civil {
    int year;
    unsigned month, day;
    int hour, minute, second;
};

Civil civil_of(std::int64_t seconds) {
    const std::int64_t days = seconds >= 0 ? seconds / 86400 : -((-seconds + 86399) / 86400);
    const chrono::year_month_day date{chrono::sys_days(chrono::days(days))};
    const int rest = static_cast<int>(seconds - days * 86400);
    return {
        static_cast<int>(date.year()),
        static_cast<unsigned>(date.month()),
        static_cast<unsigned>(date.day()),
        rest / 3600,
        rest / 60 % 60,
        rest % 60
    };
}

// The "+09:00", "-0330" or "Z" behind a time, in seconds.
std::optional<int> take_offset(std::string_view& text) {
    if (text.empty() || take(text, 'Z') || take(text, 'z')) return 0;
    const int sign = take(text, '-') ? -1 : take(text, '+') ? 1 : 0;
    if (sign == 0) return std::nullopt;
    const auto hours = take_digits(text, 2);
    take(text, ':');
    const auto minutes = take_digits(text, 2);
    if (!hours || !minutes) return std::nullopt;
    return sign * (*hours * 3600 + *minutes * 60);
}

std::optional<std::int64_t> parse_epoch(std::string_view text) {
    double seconds = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
    if (error != std::errc() || end != text.data() + text.size() || !(std::abs(seconds) < 1e14))
        return std::nullopt;
    return static_cast<std::int64_t>(std::llround(seconds * 1000));
}

}  // namespace

std::optional<std::int64_t> parse_basic_time(std::string_view text) {
    const auto year = take_digits(text, 4), month = take_digits(text, 2), day = take_digits(text, 2);
    if (!year || !month || !day || !take(text, 'T')) return std::nullopt;
    const auto hour = take_digits(text, 2), minute = take_digits(text, 2), second = take_digits(text, 2);
    if (!hour || !minute || !second || text != "Z") return std::nullopt;
    return seconds_of(*year, *month, *day, *hour, *minute, *second);
}

std::string format_basic_time(std::int64_t seconds) {
    const Civil t = civil_of(seconds);
    char text[64];
    std::snprintf(
        text, sizeof text, "%04d%02u%02uT%02d%02d%02dZ", t.year, t.month, t.day, t.hour, t.minute, t.second
    );
    return text;
}

std::optional<std::int64_t> parse_time(std::string_view whole) {
    std::string_view text = whole;
    const auto year = take_digits(text, 4);
    if (!year || !take(text, '-')) return parse_epoch(whole);
    const auto month = take_digits(text, 2);
    if (!month || !take(text, '-')) return std::nullopt;
    const auto day = take_digits(text, 2);
    if (!day) return std::nullopt;
    if (text.empty()) {
        const auto midnight = seconds_of(*year, *month, *day, 0, 0, 0);
        return midnight ? std::optional(*midnight * 1000) : std::nullopt;
    }
    if (!take(text, 'T') && !take(text, 't') && !take(text, ' ')) return std::nullopt;
    const auto hour = take_digits(text, 2);
    if (!hour || !take(text, ':')) return std::nullopt;
    const auto minute = take_digits(text, 2);
    if (!minute) return std::nullopt;
    int second = 0, ms = 0;
    if (take(text, ':')) {
        const auto read = take_digits(text, 2);
        if (!read) return std::nullopt;
        second = *read;
        if (take(text, '.')) {
            int scale = 100;
            if (text.empty() || text.front() < '0' || text.front() > '9') return std::nullopt;
            for (; !text.empty() && text.front() >= '0' && text.front() <= '9'; text.remove_prefix(1)) {
                ms += (text.front() - '0') * scale;
                scale /= 10;
            }
        }
    }
    const auto offset = take_offset(text);
    const auto seconds = seconds_of(*year, *month, *day, *hour, *minute, second);
    if (!offset || !seconds || !text.empty()) return std::nullopt;
    return (*seconds - *offset) * 1000 + ms;
}

std::string format_time(std::int64_t ms) {
    const std::int64_t seconds = ms >= 0 ? ms / 1000 : -((-ms + 999) / 1000);
    const int rest = static_cast<int>(ms - seconds * 1000);
    const Civil t = civil_of(seconds);
    char text[80];
    if (rest == 0) {
        std::snprintf(
            text, sizeof text, "%04d-%02u-%02uT%02d:%02d:%02dZ", t.year, t.month, t.day, t.hour, t.minute,
            t.second
        );
    } else {
        std::snprintf(
            text, sizeof text, "%04d-%02u-%02uT%02d:%02d:%02d.%03dZ", t.year, t.month, t.day, t.hour,
            t.minute, t.second, rest
        );
    }
    return text;
}

}  // namespace gantry::wire
