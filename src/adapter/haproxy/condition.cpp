#include "adapter/haproxy/condition.h"

#include "adapter/haproxy/text.h"

namespace gantry::adapter::haproxy {
namespace {

constexpr const char* never = "{ always_false }";

std::string acl(
    const std::string& sample, const std::string& match, const std::vector<std::string>& patterns
) {
    if (patterns.empty()) return never;
    std::string out = "{ " + sample + " " + match + " --";
    for (const auto& pattern : patterns) out += " " + quoted(pattern);
    return out + " }";
}

std::vector<std::string> whole(const link::BalancerCondition& condition) {
    std::vector<std::string> patterns;
    for (const auto& value : condition.values) patterns.push_back("^" + wildcard_regex(value) + "$");
    for (const auto& value : condition.regex_values) patterns.push_back(value);
    return patterns;
}

// A key and value anywhere in the query.
std::string query_pair(const link::QueryPair& pair) {
    const std::string value = wildcard_regex(pair.value, "[^&]");
    const std::string key = pair.key.empty() ? "[^&=]*" : wildcard_regex(pair.key, "[^&=]");
    // A value alone also matches a parameter without '='.
    const std::string named = key + "=" + value;
    return "(^|&)(" + (pair.key.empty() ? named + "|" + value : named) + ")(&|$)";
}

bool header_name(const std::string& name) {
    for (const char c : name) {
        const bool good = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                          c == '-' || c == '_';
        if (!good) return false;
    }
    return !name.empty();
}

}  // namespace

std::string condition_acl(const link::BalancerCondition& condition) {
    if (condition.field == "host-header") return acl("var(txn.host)", "-m reg -i", whole(condition));
    if (condition.field == "path-pattern") return acl("path", "-m reg", whole(condition));
    if (condition.field == "http-request-method") return acl("method", "-m str", condition.values);
    if (condition.field == "source-ip") return acl("src", "-m ip", condition.values);
    if (condition.field == "http-header") {
        if (!header_name(condition.header)) return never;
        return acl("req.fhdr(" + condition.header + ")", "-m reg -i", whole(condition));
    }
    if (condition.field == "query-string") {
        std::vector<std::string> patterns;
        for (const auto& pair : condition.query) patterns.push_back(query_pair(pair));
        return acl("query", "-m reg -i", patterns);
    }
    return never;
}

}  // namespace gantry::adapter::haproxy
