#include "iam/policy_document.h"

#include <algorithm>
#include <boost/json.hpp>

namespace gantry::iam {
namespace {

namespace json = boost::json;

constexpr std::ptrdiff_t kTrustMax = 2'048;  // IAM's quota "Role trust policy length"

tl::unexpected<Error> malformed(std::string message) {
    return refuse("MalformedPolicyDocument", std::move(message));
}

bool is_text_or_texts(const json::value& value) {
    if (value.is_string()) return !value.get_string().empty();
    if (!value.is_array() || value.get_array().empty()) return false;
    for (const auto& item : value.get_array()) {
        if (!item.is_string() || item.get_string().empty()) return false;
    }
    return true;
}

// An action is "*" or "service:Name" with wildcards anywhere in the name.
bool is_action(std::string_view action) {
    if (action == "*") return true;
    const auto colon = action.find(':');
    return colon != std::string_view::npos && colon > 0 && colon + 1 < action.size();
}

Result<> check_actions(const json::value& actions) {
    if (!is_text_or_texts(actions)) return malformed("Syntax errors in policy.");
    const auto check = [](const json::value& action) { return is_action(action.get_string()); };
    bool good = true;
    if (actions.is_string()) {
        good = check(actions);
    } else {
        for (const auto& action : actions.get_array()) good = good && check(action);
    }
    if (!good) return malformed("Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.");
    return {};
}

Result<> check_principal(const json::value& principal) {
    if (principal.is_string() && principal.get_string() == "*") return {};
    if (!principal.is_object() || principal.get_object().empty())
        return malformed(
            "AssumeRolepolicy contains an invalid principal: \"STAR\":\"" + json::serialize(principal) + "\"."
        );
    for (const auto& [kind, names] : principal.get_object()) {
        const bool known =
            kind == "AWS" || kind == "Service" || kind == "Federated" || kind == "CanonicalUser";
        if (!known || !is_text_or_texts(names)) {
            return malformed(
                "Invalid principal in policy: \"" + std::string(kind) + "\":" + json::serialize(names)
            );
        }
    }
    return {};
}

Result<> check_trust(const json::object& statement) {
    if (statement.contains("Resource") || statement.contains("NotResource"))
        return malformed("Has prohibited field Resource");
    const auto* principal = statement.if_contains("Principal");
    if (principal == nullptr) principal = statement.if_contains("NotPrincipal");
    if (principal == nullptr) return malformed("Missing required field Principal");
    return check_principal(*principal);
}

Result<> check_identity(const json::object& statement) {
    if (statement.contains("Principal") || statement.contains("NotPrincipal"))
        return malformed("Policy document should not specify a principal.");
    const auto* resource = statement.if_contains("Resource");
    if (resource == nullptr) resource = statement.if_contains("NotResource");
    if (resource == nullptr) return malformed("Policy statement must contain resources.");
    if (!is_text_or_texts(*resource)) return malformed("Syntax errors in policy.");
    return {};
}

Result<> check_statement(const json::value& value, DocumentKind kind) {
    if (!value.is_object()) return malformed("Syntax errors in policy.");
    const auto& statement = value.get_object();
    static constexpr std::string_view kMembers[] = {"Sid",       "Effect",      "Action",
                                                    "NotAction", "Principal",   "NotPrincipal",
                                                    "Resource",  "NotResource", "Condition"};
    for (const auto& [name, _] : statement) {
        const bool known =
            std::find(std::begin(kMembers), std::end(kMembers), std::string_view(name)) != std::end(kMembers);
        if (!known) return malformed("Unknown field " + std::string(name));
    }
    const auto* effect = statement.if_contains("Effect");
    if (effect == nullptr) return malformed("Missing required field Effect");
    if (!effect->is_string() || (effect->get_string() != "Allow" && effect->get_string() != "Deny"))
        return malformed("Invalid effect: " + json::serialize(*effect));
    const auto* actions = statement.if_contains("Action");
    if (actions == nullptr) actions = statement.if_contains("NotAction");
    if (actions == nullptr) {
        return malformed(
            kind == DocumentKind::trust ? "Missing required field Action"
                                        : "Policy statement must contain actions."
        );
    }
    TRY_VOID(check_actions(*actions));
    if (const auto* condition = statement.if_contains("Condition");
        condition != nullptr && !condition->is_object())
        return malformed("Syntax errors in policy.");
    return kind == DocumentKind::trust ? check_trust(statement) : check_identity(statement);
}

}  // namespace

Result<> check_policy_document(std::string_view document, DocumentKind kind) {
    boost::system::error_code failed;
    const auto parsed = json::parse(document, failed);
    if (failed || !parsed.is_object()) {
        return malformed(
            kind == DocumentKind::trust ? "This policy contains invalid Json" : "Syntax errors in policy."
        );
    }
    const auto length = std::count_if(document.begin(), document.end(), [](char c) {
        return c != ' ' && c != '\t' && c != '\n' && c != '\r';
    });
    if (kind == DocumentKind::trust && length > kTrustMax)
        return refuse("LimitExceeded", "Cannot exceed quota for ACLSizePerRole: " + std::to_string(kTrustMax));
    const auto& policy = parsed.get_object();
    for (const auto& [name, _] : policy) {
        if (name != "Version" && name != "Id" && name != "Statement")
            return malformed("Unknown field " + std::string(name));
    }
    if (const auto* version = policy.if_contains("Version")) {
        const bool known = version->is_string() &&
                           (version->get_string() == "2012-10-17" || version->get_string() == "2008-10-17");
        if (!known) return malformed("The policy must contain a valid version string");
    } else if (kind == DocumentKind::identity) {
        return malformed("Policy document must be version 2012-10-17 or greater.");
    }
    const auto* statements = policy.if_contains("Statement");
    if (statements == nullptr) {
        return malformed(
            kind == DocumentKind::trust ? "Missing required field Statement" : "Syntax errors in policy."
        );
    }
    if (!statements->is_array()) return check_statement(*statements, kind);
    if (statements->get_array().empty()) return malformed("Could not parse the policy: Statement is empty!");
    for (const auto& statement : statements->get_array()) TRY_VOID(check_statement(statement, kind));
    return {};
}

std::string url_encoded(std::string_view text) {
    static constexpr char kDigits[] = "0123456789ABCDEF";
    std::string out;
    out.reserve(text.size() * 2);
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                           c == '-' || c == '_' || c == '.' || c == '~';
        if (plain) {
            out += c;
        } else {
            out += '%';
            out += kDigits[byte >> 4];
            out += kDigits[byte & 15];
        }
    }
    return out;
}

}  // namespace gantry::iam
