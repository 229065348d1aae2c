#include "elbv2/admit_conditions.h"

#include <algorithm>
#include <cctype>
#include <set>

#include "ec2/address.h"
#include "elbv2/find.h"
#include "elbv2/limits.h"

namespace gantry::elbv2 {

using namespace shapes::elbv2;

namespace {

using Texts = std::optional<std::vector<std::string>>;

bool given(const Texts& texts) { return texts && !texts->empty(); }

// Letters and digits of ASCII, and these others.
bool made_of(const std::string& text, std::string_view others) {
    return std::all_of(text.begin(), text.end(), [&](unsigned char c) {
        return (c < 128 && std::isalnum(c) != 0) || others.find(static_cast<char>(c)) != others.npos;
    });
}

Result<> check_value(const std::string& field, const std::string& value) {
    if (value.empty()) return invalid("A condition value cannot be empty");
    if (value.size() > 128) return invalid("Condition value '" + value + "' cannot be longer than '128' characters");
    const auto bad = [&] {
        return invalid("Condition value '" + value + "' contains a character that is not valid");
    };
    if (field == "host-header" && !made_of(value, "-.*?_:")) return bad();
    if (field == "path-pattern" && !made_of(value, "_-.$/~\"'@:+&*?%=,;!()[]")) return bad();
    if (field == "http-request-method") {
        if (value.size() > 40) return invalid("Condition value '" + value + "' cannot be longer than '40' characters");
        const bool upper = std::none_of(value.begin(), value.end(), [](unsigned char c) { return std::islower(c); });
        if (!upper || !made_of(value, "-_")) return bad();
    }
    if (field == "source-ip" && !ec2::parse_cidr(value) && !ec2::normalise_ipv6_cidr(value))
        return invalid("Condition value '" + value + "' must be in CIDR format");
    return {};
}

std::size_t wildcards(const std::string& value) {
    return static_cast<std::size_t>(
        std::count_if(value.begin(), value.end(), [](char c) { return c == '*' || c == '?'; })
    );
}

// The field's own configuration and the general members are two ways to say the same.
template <class Config>
Result<> unite(RuleCondition& condition, std::optional<Config>& config, bool shows_both) {
    if (!config) config.emplace();
    if (given(config->values) && given(condition.values) && config->values != condition.values)
        return invalid("Condition values must be specified once for the field '" + *condition.field + "'");
    if (!given(config->values)) config->values = condition.values;
    if constexpr (requires { config->regex_values; }) {
        if (!given(config->regex_values) && given(condition.regex_values))
            config->regex_values = condition.regex_values;
    }
    condition.values = shows_both ? config->values : Texts{};
    condition.regex_values.reset();
    return {};
}

struct Counted {
    std::size_t values = 0, wildcards = 0;
};

template <class Config>
Result<> check_values(const std::string& field, const Config& config, Counted& counted) {
    bool any = given(config.values);
    if constexpr (requires { config.regex_values; }) {
        if (any && given(config.regex_values))
            return invalid("A condition can have either values or regex values, but not both");
        any = any || given(config.regex_values);
        if (given(config.regex_values)) counted.values += config.regex_values->size();
    }
    if (!any) return invalid("At least one condition value must be specified for the field '" + field + "'");
    if (!given(config.values)) return {};
    for (const auto& value : *config.values) {
        TRY_VOID(check_value(field, value));
        ++counted.values;
        if (field != "http-request-method" && field != "source-ip") counted.wildcards += wildcards(value);
    }
    return {};
}

Result<> check_query(const QueryStringConditionConfig& config, Counted& counted) {
    if (!config.values || config.values->empty())
        return invalid("At least one condition value must be specified for the field 'query-string'");
    for (const auto& pair : *config.values) {
        if (pair.value.value_or("").empty()) return invalid("A query string condition needs a value");
        if (pair.key.value_or("").size() > 128 || pair.value->size() > 128)
            return invalid("A query string condition cannot be longer than '128' characters");
        ++counted.values;
        counted.wildcards += wildcards(pair.key.value_or("")) + wildcards(*pair.value);
    }
    return {};
}

Result<> complete(RuleCondition& condition, Counted& counted) {
    const std::string field = condition.field.value_or("");
    if (field == "host-header") {
        TRY_VOID(unite(condition, condition.host_header_config, true));
        return check_values(field, *condition.host_header_config, counted);
    }
    if (field == "path-pattern") {
        TRY_VOID(unite(condition, condition.path_pattern_config, true));
        return check_values(field, *condition.path_pattern_config, counted);
    }
    if (field == "http-request-method") {
        TRY_VOID(unite(condition, condition.http_request_method_config, false));
        return check_values(field, *condition.http_request_method_config, counted);
    }
    if (field == "source-ip") {
        TRY_VOID(unite(condition, condition.source_ip_config, false));
        return check_values(field, *condition.source_ip_config, counted);
    }
    if (field == "http-header") {
        if (!condition.http_header_config || condition.http_header_config->http_header_name.value_or("").empty())
            return invalid("An HTTP header name must be specified for the field 'http-header'");
        const auto& name = *condition.http_header_config->http_header_name;
        if (name.size() > 40 || !made_of(name, "!#$%&'*+-.^_`|~"))
            return invalid("The HTTP header name '" + name + "' is not valid");
        return check_values(field, *condition.http_header_config, counted);
    }
    if (field == "query-string")
        return check_query(condition.query_string_config.value_or(QueryStringConditionConfig{}), counted);
    return invalid(
        "Condition field '" + field +
        "' must be one of '[path-pattern, host-header, http-header, http-request-method, query-string, "
        "source-ip]'"
    );
}

}  // namespace

Result<std::vector<RuleCondition>> admit_conditions(std::vector<RuleCondition> conditions) {
    if (conditions.empty()) return invalid("At least one condition must be specified");
    Counted counted;
    std::set<std::string> once;
    for (auto& condition : conditions) {
        TRY_VOID(complete(condition, counted));
        const std::string& field = *condition.field;
        if (field != "http-header" && field != "query-string" && !once.insert(field).second)
            return invalid("A rule can only have one '" + field + "' condition");
    }
    if (counted.values > kConditionValuesPerRule) {
        return invalid(
            "A rule can only have '" + std::to_string(kConditionValuesPerRule) + "' condition values"
        );
    }
    if (counted.wildcards > kConditionWildcardsPerRule) {
        return invalid(
            "A rule can only have '" + std::to_string(kConditionWildcardsPerRule) + "' condition wildcards"
        );
    }
    return conditions;
}

}  // namespace gantry::elbv2
