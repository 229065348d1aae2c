// [ip, user, ..., status = 4*, bytes > 1000]
#include <vector>

#include "logs/filter_parts.h"

namespace gantry::logs {
namespace {

// Conditions of one column joined by && and ||; && binds tighter.
struct Column {
    bool ellipsis = false;
    std::vector<std::vector<Condition>> any_of_all;

    bool holds(std::string_view field) const {
        if (any_of_all.empty()) return true;
        for (const auto& all : any_of_all) {
            bool every = true;
            for (const auto& condition : all) every = every && condition.holds_for_text(field);
            if (every) return true;
        }
        return false;
    }
};

std::vector<std::string_view> split(std::string_view message) {
    std::vector<std::string_view> fields;
    std::size_t at = 0;
    while (at < message.size()) {
        const char c = message[at];
        if (c == ' ' || c == '\t' || c == '\n' || c == '\r') {
            ++at;
            continue;
        }
        const char close = c == '"' ? '"' : c == '[' ? ']' : '\0';
        auto end = close == '\0' ? std::string_view::npos : message.find(close, at + 1);
        if (end != std::string_view::npos) {
            fields.push_back(message.substr(at + 1, end - at - 1));
            at = end + 1;
            continue;
        }
        end = std::min(message.find_first_of(" \t\n\r", at), message.size());
        fields.push_back(message.substr(at, end - at));
        at = end;
    }
    return fields;
}

class Columns : public FilterPattern::Matcher {
  public:
    bool matches(std::string_view message) const override {
        const auto fields = split(message);
        std::size_t before = 0;
        while (before < columns.size() && !columns[before].ellipsis) ++before;
        const auto after = before == columns.size() ? 0 : columns.size() - before - 1;
        if (after == 0 && before == columns.size()) {
            if (fields.size() != columns.size()) return false;
        } else if (fields.size() < before + after) {
            return false;
        }
        for (std::size_t i = 0; i < before; ++i)
            if (!columns[i].holds(fields[i])) return false;
        for (std::size_t i = 0; i < after; ++i)
            if (!columns[before + 1 + i].holds(fields[fields.size() - after + i])) return false;
        return true;
    }

    std::vector<Column> columns;
};

Result<Column> parse_column(PatternScanner& scanner) {
    Column column;
    if (scanner.take("...")) {
        column.ellipsis = true;
        return column;
    }
    const auto name = scanner.take_until(" \t\n\r,]=!<>");
    if (name.empty()) return bad_pattern();
    scanner.skip_space();
    bool joined = false;
    std::vector<Condition> all;
    while (scanner.peek() != ',' && scanner.peek() != ']') {
        if (joined) {
            if (scanner.take("||")) {
                column.any_of_all.push_back(std::move(all));
                all.clear();
            } else if (!scanner.take("&&")) {
                return bad_pattern();
            }
            scanner.skip_space();
            (void)scanner.take(name);  // status = 4* && status != 404
        }
        TRY(auto condition, Condition::parse(scanner, ",]&| \t\n\r"));
        all.push_back(std::move(condition));
        scanner.skip_space();
        joined = true;
    }
    if (!all.empty()) column.any_of_all.push_back(std::move(all));
    return column;
}

}  // namespace

Result<FilterMatcher> parse_column_filter(PatternScanner& scanner) {
    auto columns = std::make_shared<Columns>();
    bool ellipsis = false;
    for (;;) {
        scanner.skip_space();
        TRY(auto column, parse_column(scanner));
        if (column.ellipsis && ellipsis) return bad_pattern();
        ellipsis = ellipsis || column.ellipsis;
        columns->columns.push_back(std::move(column));
        scanner.skip_space();
        if (scanner.take("]")) return columns;
        if (!scanner.take(",")) return bad_pattern();
    }
}

}  // namespace gantry::logs
