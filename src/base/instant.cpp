#include "base/instant.h"

#include <cstdio>

namespace gantry {
namespace {

bool read_digits(std::string_view& text, int count, int& value) {
    if (text.size() < static_cast<std::size_t>(count)) return false;
    value = 0;
    for (int i = 0; i < count; ++i) {
        if (text[i] < '0' || text[i] > '9') return false;
        value = value * 10 + (text[i] - '0');
    }
    text.remove_prefix(count);
    return true;
}

bool read_char(std::string_view& text, char wanted) {
    if (text.empty() || text.front() != wanted) return false;
    text.remove_prefix(1);
    return true;
}

}  // namespace

std::string format_iso8601(std::int64_t ms) {
    using namespace std::chrono;
    const sys_time<milliseconds> point{milliseconds{ms}};
    const auto day = floor<days>(point);
    const year_month_day date{day};
    const hh_mm_ss time{point - day};
    char text[40];
    std::snprintf(
        text, sizeof text, "%04d-%02u-%02uT%02d:%02d:%02d.%03dZ", int(date.year()), unsigned(date.month()),
        unsigned(date.day()), int(time.hours().count()), int(time.minutes().count()),
        int(time.seconds().count()), int(time.subseconds().count())
    );
    return text;
}

Result<std::int64_t> parse_iso8601(std::string_view text) {
    using namespace std::chrono;
    const auto bad = [] { return trouble(Errc::invalid, "not an ISO 8601 time stamp"); };
    int y, mo, d, h, mi, s;
    if (!read_digits(text, 4, y) || !read_char(text, '-') || !read_digits(text, 2, mo) ||
        !read_char(text, '-') || !read_digits(text, 2, d) ||
        !(read_char(text, 'T') || read_char(text, ' ')) || !read_digits(text, 2, h) ||
        !read_char(text, ':') || !read_digits(text, 2, mi) || !read_char(text, ':') ||
        !read_digits(text, 2, s)) {
        return bad();
    }
    const year_month_day date{year{y}, month{unsigned(mo)}, day{unsigned(d)}};
    if (!date.ok() || h > 23 || mi > 59 || s > 60) return bad();
    std::int64_t fraction_ms = 0;
    if (read_char(text, '.')) {
        int scale = 100;
        while (!text.empty() && text.front() >= '0' && text.front() <= '9') {
            fraction_ms += (text.front() - '0') * scale;
            scale /= 10;
            text.remove_prefix(1);
        }
    }
    std::int64_t offset_minutes = 0;
    if (!read_char(text, 'Z') && !text.empty()) {
        const char sign = text.front();
        int oh, om;
        if (sign != '+' && sign != '-') return bad();
        text.remove_prefix(1);
        if (!read_digits(text, 2, oh)) return bad();
        read_char(text, ':');
        if (!read_digits(text, 2, om)) return bad();
        offset_minutes = (sign == '-' ? -1 : 1) * (oh * 60 + om);
    }
    if (!text.empty()) return bad();
    const auto seconds = sys_days{date}.time_since_epoch() + hours{h} + minutes{mi} + std::chrono::seconds{s};
    return duration_cast<milliseconds>(seconds).count() + fraction_ms - offset_minutes * 60'000;
}

}  // namespace gantry
