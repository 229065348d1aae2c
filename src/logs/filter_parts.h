#pragma once

#include <memory>

#include "logs/filter_condition.h"
#include "logs/filter_pattern.h"

namespace gantry::logs {

using FilterMatcher = std::shared_ptr<const FilterPattern::Matcher>;

// The three forms of a pattern. The opening bracket was taken; the closing one is.
Result<FilterMatcher> parse_json_filter(PatternScanner& scanner);
Result<FilterMatcher> parse_column_filter(PatternScanner& scanner);
Result<FilterMatcher> parse_term_filter(PatternScanner& scanner);

}  // namespace gantry::logs
