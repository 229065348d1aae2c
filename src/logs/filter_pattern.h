#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

namespace gantry::logs {

// CloudWatch's filter patterns, as FilterLogEvents takes them:
//   ERROR -Exit ?WARN ?INFO "two words" %4\d\d%      terms, case-sensitive; ? means any of, - means none
//   { $.status = 4* && ($.bytes > 1000 || $.user NOT EXISTS) }      JSON
//   [ip, user, ..., status = 4*, bytes > 1000]       space-delimited columns; "…" and […] are one column
// Immutable; matches() may be called from several threads at once.
class FilterPattern {
  public:
    // InvalidParameterException "Invalid filter pattern" as CloudWatch says it.
    static Result<FilterPattern> parse(const std::string& text);

    bool matches_everything() const { return matcher_ == nullptr; }
    bool matches(std::string_view message) const { return matcher_ == nullptr || matcher_->matches(message); }

    class Matcher {
      public:
        virtual ~Matcher() = default;
        virtual bool matches(std::string_view message) const = 0;
    };

  private:
    std::shared_ptr<const Matcher> matcher_;
};

}  // namespace gantry::logs
