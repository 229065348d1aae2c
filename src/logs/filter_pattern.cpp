#include "logs/filter_pattern.h"

#include "logs/filter_condition.h"
#include "logs/filter_parts.h"

namespace gantry::logs {

Result<FilterPattern> FilterPattern::parse(const std::string& text) {
    // CloudWatch's own bound.
    if (text.size() > 1024) return bad_pattern();
    FilterPattern pattern;
    PatternScanner scanner(text);
    scanner.skip_space();
    if (scanner.done()) return pattern;
    if (scanner.take("{")) {
        TRY(pattern.matcher_, parse_json_filter(scanner));
    } else if (scanner.take("[")) {
        TRY(pattern.matcher_, parse_column_filter(scanner));
    } else {
        TRY(pattern.matcher_, parse_term_filter(scanner));
        return pattern;
    }
    scanner.skip_space();
    if (!scanner.done()) return bad_pattern();
    return pattern;
}

}  // namespace gantry::logs
