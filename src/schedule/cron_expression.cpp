#include "schedule/cron_expression.h"

#include <array>
#include <charconv>
#include <span>

namespace gantry::schedule {

namespace {

using std::chrono::day;
using std::chrono::days;
using std::chrono::hours;
using std::chrono::local_days;
using std::chrono::minutes;
using std::chrono::month;
using std::chrono::weekday;
using std::chrono::year;
using std::chrono::year_month_day;
using std::chrono::year_month_day_last;

constexpr std::array<std::string_view, 12> kMonthNames{"JAN", "FEB", "MAR", "APR", "MAY", "JUN",
                                                       "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"};
constexpr std::array<std::string_view, 7> kDayNames{"SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"};

struct Field {
    const char* name;
    unsigned first;
    unsigned last;
    std::span<const std::string_view> names{};
};
const Field kMinutes{"minutes", 0, 59};
const Field kHours{"hours", 0, 23};
const Field kMonthDays{"day-of-month", 1, 31};
const Field kMonths{"month", 1, 12, kMonthNames};
const Field kWeekDays{"day-of-week", 1, 7, kDayNames};
const Field kYearField{"year", 1970, 2199};

tl::unexpected<Error> wrong(const Field& field, std::string_view text) {
    return trouble(
        Errc::invalid, "'" + std::string(text.substr(0, 64)) + "' is not valid in the field " + field.name
    );
}

std::vector<std::string_view> split(std::string_view text, char separator) {
    std::vector<std::string_view> parts;
    while (true) {
        const auto end = text.find(separator);
        parts.push_back(text.substr(0, end));
        if (end == std::string_view::npos) return parts;
        text.remove_prefix(end + 1);
    }
}

std::vector<std::string_view> words(std::string_view text) {
    std::vector<std::string_view> found;
    for (const auto word : split(text, ' ')) {
        if (!word.empty()) found.push_back(word);
    }
    return found;
}

std::optional<unsigned> number(std::string_view text) {
    unsigned value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (text.empty() || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return value;
}

bool same_name(std::string_view text, std::string_view name) {
    if (text.size() != name.size()) return false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char upper = text[i] >= 'a' && text[i] <= 'z' ? static_cast<char>(text[i] - 32) : text[i];
        if (upper != name[i]) return false;
    }
    return true;
}

// One value of the field: a number in its range, or a name.
std::optional<unsigned> value_of(const Field& field, std::string_view text) {
    for (std::size_t i = 0; i < field.names.size(); ++i) {
        if (same_name(text, field.names[i])) return static_cast<unsigned>(i) + field.first;
    }
    const auto value = number(text);
    return value && *value >= field.first && *value <= field.last ? value : std::nullopt;
}

// "*", "5", "5-10", "*/5", "5/5", "5-30/5": sets the bits, counted from `base`.
template <std::size_t N>
Result<void> set_range(const Field& field, std::string_view text, std::bitset<N>& bits, unsigned base) {
    unsigned first = field.first, last = field.last, step = 1;
    auto range = text;
    const auto slash = text.find('/');
    if (slash != std::string_view::npos) {
        const auto given = number(text.substr(slash + 1));
        if (!given || *given == 0 || *given > field.last) return wrong(field, text);
        step = *given;
        range = text.substr(0, slash);
    }
    if (range != "*") {
        const auto dash = range.find('-');
        const auto low = value_of(field, range.substr(0, dash));
        if (!low) return wrong(field, text);
        first = *low;
        if (dash != std::string_view::npos) {
            const auto high = value_of(field, range.substr(dash + 1));
            if (!high) return wrong(field, text);
            last = *high;
        } else if (slash == std::string_view::npos) {
            last = first;
        }
    }
    // FRI-MON and 22-2 go around.
    const unsigned size = field.last - field.first + 1;
    const unsigned length = last >= first ? last - first : last + size - first;
    for (unsigned i = 0; i <= length; i += step)
        bits.set((first - field.first + i) % size + field.first - base);
    return {};
}

template <std::size_t N>
Result<void> set_list(const Field& field, std::string_view text, std::bitset<N>& bits, unsigned base = 0) {
    for (const auto part : split(text, ',')) TRY_VOID(set_range(field, part, bits, base));
    return {};
}

bool working_day(weekday day) { return day != std::chrono::Saturday && day != std::chrono::Sunday; }

year_month_day last_of(year_month_day date) {
    return year_month_day_last(date.year(), date.month() / std::chrono::last);
}

// The day from Monday to Friday nearest to that one without leaving its month.
year_month_day nearest_weekday(year_month_day date) {
    const local_days at(date);
    const weekday week(at);
    if (working_day(week)) return date;
    if (week == std::chrono::Saturday)
        return year_month_day(date.day() == day(1) ? at + days(2) : at - days(1));
    return year_month_day(date == last_of(date) ? at - days(2) : at + days(1));
}

}  // namespace

Result<CronExpression> CronExpression::parse(std::string_view fields) {
    const auto parts = words(fields);
    if (parts.size() != 6) {
        return trouble(
            Errc::invalid,
            "a cron expression has six fields: minutes hours day-of-month month day-of-week year"
        );
    }
    if ((parts[2] == "?") == (parts[4] == "?")) {
        return trouble(Errc::invalid, "exactly one of the fields day-of-month and day-of-week must be '?'");
    }
    CronExpression cron;
    TRY_VOID(set_list(kMinutes, parts[0], cron.minutes_));
    TRY_VOID(set_list(kHours, parts[1], cron.hours_));
    TRY_VOID(set_list(kMonths, parts[3], cron.months_));
    TRY_VOID(set_list(kYearField, parts[5], cron.years_, kFirstYear));
    cron.by_week_ = parts[2] == "?";
    TRY_VOID(cron.by_week_ ? cron.parse_week_days(parts[4]) : cron.parse_month_days(parts[2]));
    return cron;
}

Result<void> CronExpression::parse_month_days(std::string_view text) {
    for (const auto part : split(text, ',')) {
        if (part == "L") {
            last_day_ = true;
        } else if (part == "LW") {
            last_weekday_ = true;
        } else if (part.ends_with('W')) {
            const auto near = value_of(kMonthDays, part.substr(0, part.size() - 1));
            if (!near) return wrong(kMonthDays, part);
            nearest_weekdays_.push_back(*near);
        } else {
            TRY_VOID(set_range(kMonthDays, part, month_days_, 0));
        }
    }
    return {};
}

Result<void> CronExpression::parse_week_days(std::string_view text) {
    for (const auto part : split(text, ',')) {
        const auto hash = part.find('#');
        if (hash != std::string_view::npos) {
            const auto day = value_of(kWeekDays, part.substr(0, hash));
            const auto nth = number(part.substr(hash + 1));
            if (!day || !nth || *nth < 1 || *nth > 5) return wrong(kWeekDays, part);
            nth_weekdays_.push_back({*day, *nth});
        } else if (part == "L") {
            week_days_.set(7);
        } else if (part.ends_with('L')) {
            const auto day = value_of(kWeekDays, part.substr(0, part.size() - 1));
            if (!day) return wrong(kWeekDays, part);
            nth_weekdays_.push_back({*day, 0});
        } else {
            TRY_VOID(set_range(kWeekDays, part, week_days_, 0));
        }
    }
    return {};
}

bool CronExpression::names_week_day(year_month_day date) const {
    const unsigned week = weekday(local_days(date)).c_encoding() + 1;
    if (week_days_.test(week)) return true;
    const auto in_month = static_cast<unsigned>(date.day());
    const auto length = static_cast<unsigned>(last_of(date).day());
    for (const auto& [day, nth] : nth_weekdays_) {
        if (day == week && (nth == 0 ? in_month + 7 > length : (in_month - 1) / 7 + 1 == nth)) return true;
    }
    return false;
}

bool CronExpression::names_day(year_month_day date) const {
    if (by_week_) return names_week_day(date);
    if (month_days_.test(static_cast<unsigned>(date.day()))) return true;
    const auto end = last_of(date);
    if (last_day_ && date == end) return true;
    // The month's last day from Monday to Friday is the one nearest to its last day.
    if (last_weekday_ && date == nearest_weekday(end)) return true;
    for (const unsigned near : nearest_weekdays_) {
        const year_month_day wanted = date.year() / date.month() / day(near);
        if (wanted.ok() && date == nearest_weekday(wanted)) return true;
    }
    return false;
}

std::optional<minutes> CronExpression::minute_of_day(minutes from) const {
    for (auto at = from; at < days(1); at += minutes(1)) {
        const auto hour = static_cast<std::size_t>(at / hours(1));
        if (!hours_.test(hour)) {
            at = hours(hour + 1) - minutes(1);
        } else if (minutes_.test(static_cast<std::size_t>((at % hours(1)).count()))) {
            return at;
        }
    }
    return std::nullopt;
}

std::optional<WallMinute> CronExpression::next(WallMinute after) const {
    const auto start = after + minutes(1);
    const local_days first = std::max(std::chrono::floor<days>(start), local_days(year(kFirstYear) / 1 / 1));
    for (local_days at = first;; at += days(1)) {
        const year_month_day date(at);
        const int index = static_cast<int>(date.year()) - kFirstYear;
        if (index >= kYears) return std::nullopt;
        if (!years_.test(static_cast<std::size_t>(index))) {
            at = local_days((date.year() + std::chrono::years(1)) / 1 / 1) - days(1);
            continue;
        }
        if (!months_.test(static_cast<unsigned>(date.month()))) {
            at = local_days(last_of(date));
            continue;
        }
        if (!names_day(date)) continue;
        const auto from = at > start ? minutes(0) : std::chrono::duration_cast<minutes>(start - at);
        if (const auto minute = minute_of_day(from)) return WallMinute(at + *minute);
    }
}

}  // namespace gantry::schedule
