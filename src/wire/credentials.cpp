#include "wire/credentials.h"

#include <algorithm>
#include <charconv>

#include "wire/form.h"

namespace gantry::wire {

namespace {

constexpr std::string_view kAlgorithm = "AWS4-HMAC-SHA256";

std::string_view trim(std::string_view text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
    return text;
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

tl::unexpected<Error> incomplete(std::string message) {
    return refuse("IncompleteSignature", std::move(message));
}

bool all_of(std::string_view text, bool (*fits)(char)) { return std::all_of(text.begin(), text.end(), fits); }

// KEY/20240131/us-east-1/ecs/aws4_request; a key may contain slashes in theory, the scope's parts never.
Result<void> read_scope(std::string_view scope, Credentials& into) {
    const auto parts = split(scope, '/');
    if (parts.size() != 5 || parts[4] != "aws4_request" || parts[0].empty()) {
        return incomplete(
            "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, "
            "got '" +
            std::string(scope.substr(0, 200)) + "'"
        );
    }
    const auto word = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
               c == '_' || c == '.';
    };
    const auto key_character = [](char c) { return c > 0x20 && c < 0x7f; };
    for (std::size_t i = 1; i < 4; ++i) {
        if (parts[i].empty() || parts[i].size() > 64 || !all_of(parts[i], word))
            return incomplete(
                "The credential scope '" + std::string(scope.substr(0, 200)) + "' is not valid."
            );
    }
    if (parts[0].size() > 128 || !all_of(parts[0], key_character))
        return incomplete("The access key ID is not valid.");
    into.access_key = parts[0];
    into.date = parts[1];
    into.region = parts[2];
    into.service = parts[3];
    return {};
}

Result<std::optional<Credentials>> from_header(const HttpRequest& request, std::string_view authorization) {
    const auto space = authorization.find(' ');
    if (authorization.substr(0, space) != kAlgorithm)
        return incomplete("Gantry understands signatures of the scheme AWS4-HMAC-SHA256 only.");
    Credentials result;
    bool has_scope = false;
    for (auto part : split(authorization.substr(std::min(space, authorization.size())), ',')) {
        part = trim(part);
        const auto equals = part.find('=');
        if (equals == std::string_view::npos) continue;
        const auto name = part.substr(0, equals), value = part.substr(equals + 1);
        if (name == "Credential") {
            TRY_VOID(read_scope(value, result));
            has_scope = true;
        } else if (name == "SignedHeaders") {
            for (auto one : split(value, ';')) result.signed_headers.emplace_back(one);
        } else if (name == "Signature") {
            result.signature = value;
        }
    }
    const auto need = [](const char* name) {
        return "Authorization header requires '" + std::string(name) + "' parameter.";
    };
    if (!has_scope) return incomplete(need("Credential"));
    if (result.signature.empty()) return incomplete(need("Signature"));
    if (result.signed_headers.empty()) return incomplete(need("SignedHeaders"));
    result.timestamp = header(request, "x-amz-date");
    if (result.timestamp.empty()) {
        return incomplete(
            "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header."
        );
    }
    result.session_token = header(request, "x-amz-security-token");
    return std::optional<Credentials>(std::move(result));
}

Result<std::optional<Credentials>> from_query(const HttpRequest& request) {
    auto form = Form::parse(query_of(request));
    if (!form || form->find("X-Amz-Algorithm") == nullptr) return std::optional<Credentials>();
    const auto value = [&](const char* name) {
        const std::string* found = form->find(name);
        return found == nullptr ? std::string() : *found;
    };
    if (value("X-Amz-Algorithm") != kAlgorithm)
        return incomplete("Gantry understands signatures of the scheme AWS4-HMAC-SHA256 only.");
    Credentials result;
    result.presigned = true;
    TRY_VOID(read_scope(value("X-Amz-Credential"), result));
    for (auto one : split(value("X-Amz-SignedHeaders"), ';')) result.signed_headers.emplace_back(one);
    result.signature = value("X-Amz-Signature");
    result.timestamp = value("X-Amz-Date");
    result.session_token = value("X-Amz-Security-Token");
    const std::string expires = value("X-Amz-Expires");
    const auto [end, error] =
        std::from_chars(expires.data(), expires.data() + expires.size(), result.expires_seconds);
    if (result.signature.empty() || result.timestamp.empty() || error != std::errc() ||
        end != expires.data() + expires.size() || result.expires_seconds < 0 ||
        result.expires_seconds > 604'800) {
        return incomplete(
            "AWS query-string parameters must include 'X-Amz-Algorithm', 'X-Amz-Credential', "
            "'X-Amz-Signature', 'X-Amz-SignedHeaders', 'X-Amz-Date' and 'X-Amz-Expires' of at most a week."
        );
    }
    return std::optional<Credentials>(std::move(result));
}

}  // namespace

Result<std::optional<Credentials>> parse_credentials(const HttpRequest& request) {
    const auto authorization = header(request, "authorization");
    if (!authorization.empty()) return from_header(request, authorization);
    return from_query(request);
}

std::string account_of(std::string_view access_key) {
    const bool digits = all_of(access_key, [](char c) { return c >= '0' && c <= '9'; });
    return access_key.size() == 12 && digits ? std::string(access_key) : "123456789012";
}

Error missing_credentials(shapes::Protocol protocol) {
    if (protocol == shapes::Protocol::aws_json)
        return {Errc::refused, "MissingAuthenticationTokenException", "Missing Authentication Token"};
    return {Errc::refused, "MissingAuthenticationToken", "Request is missing Authentication Token"};
}

}  // namespace gantry::wire
