#include "schedule/schedule_expression.h"

#include <charconv>

namespace gantry::schedule {

namespace {

tl::unexpected<Error> wrong(std::string text) { return trouble(Errc::invalid, std::move(text)); }

std::optional<int> digits(std::string_view text, std::size_t at, std::size_t count) {
    int value = 0;
    for (std::size_t i = at; i < at + count; ++i) {
        if (text[i] < '0' || text[i] > '9') return std::nullopt;
        value = value * 10 + (text[i] - '0');
    }
    return value;
}

Result<ScheduleExpression> parse_at(std::string_view text) {
    constexpr std::string_view form = "yyyy-mm-ddThh:mm:ss";
    const auto refused = [&] {
        return wrong("'" + std::string(text.substr(0, 64)) + "' is not a time " + std::string(form));
    };
    if (text.size() != form.size() || text[4] != '-' || text[7] != '-' || text[10] != 'T' ||
        text[13] != ':' || text[16] != ':') {
        return refused();
    }
    const auto year = digits(text, 0, 4), month = digits(text, 5, 2), day = digits(text, 8, 2);
    const auto hour = digits(text, 11, 2), minute = digits(text, 14, 2), second = digits(text, 17, 2);
    if (!year || !month || !day || !hour || !minute || !second) return refused();
    const auto date = std::chrono::year(*year) / *month / *day;
    if (!date.ok() || *hour > 23 || *minute > 59 || *second > 59) return refused();
    return At{
        std::chrono::local_days(date) + std::chrono::hours(*hour) + std::chrono::minutes(*minute) +
        std::chrono::seconds(*second)};
}

Result<ScheduleExpression> parse_rate(std::string_view text) {
    constexpr std::int64_t most = 1'000'000;
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || value < 1 || value > most)
        return wrong("a rate's value is a positive number");
    auto unit = text.substr(static_cast<std::size_t>(end - text.data()));
    while (unit.starts_with(' ')) unit.remove_prefix(1);
    const bool plural = unit.ends_with('s');
    if (plural) unit.remove_suffix(1);
    // AWS takes "1 minute" and "5 minutes" and nothing in between.
    if (plural != (value > 1)) return wrong("a rate of 1 has a singular unit, others a plural one");
    if (unit == "minute") return Rate{std::chrono::minutes(value)};
    if (unit == "hour") return Rate{std::chrono::hours(value)};
    if (unit == "day") return Rate{std::chrono::hours(24 * value)};
    return wrong("a rate's unit is minutes, hours or days");
}

}  // namespace

Result<ScheduleExpression> parse_schedule(std::string_view text) {
    const auto open = text.find('(');
    if (open == std::string_view::npos || !text.ends_with(')'))
        return wrong("a schedule is at(...), rate(...) or cron(...)");
    const auto kind = text.substr(0, open);
    auto inner = text.substr(open + 1, text.size() - open - 2);
    if (kind == "at") return parse_at(inner);
    if (kind == "rate") return parse_rate(inner);
    if (kind != "cron") return wrong("a schedule is at(...), rate(...) or cron(...)");
    TRY(auto cron, CronExpression::parse(inner));
    return ScheduleExpression(std::move(cron));
}

bool will_fire(const ScheduleExpression& schedule, std::chrono::local_seconds now) {
    if (const auto* at = std::get_if<At>(&schedule)) return at->time > now;
    if (const auto* cron = std::get_if<CronExpression>(&schedule))
        return cron->next(std::chrono::floor<std::chrono::minutes>(now)).has_value();
    return true;
}

}  // namespace gantry::schedule
