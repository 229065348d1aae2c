#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <array>
#include <cstdio>

#include "wire/credentials.h"
#include "wire/form.h"
#include "wire/time_text.h"

namespace gantry::wire {

namespace {

using Digest = std::array<unsigned char, 32>;

constexpr std::int64_t kMaxSkewSeconds = 15 * 60;

std::string hex(const Digest& digest) {
    static constexpr char kHex[] = "0123456789abcdef";
    std::string out;
    for (unsigned char byte : digest) out += {kHex[byte >> 4], kHex[byte & 15]};
    return out;
}

Digest sha256(std::string_view text) {
    Digest out{};
    EVP_Digest(text.data(), text.size(), out.data(), nullptr, EVP_sha256(), nullptr);
    return out;
}

Digest hmac(std::string_view key, std::string_view text) {
    Digest out{};
    HMAC(
        EVP_sha256(), key.data(), static_cast<int>(key.size()),
        reinterpret_cast<const unsigned char*>(text.data()), text.size(), out.data(), nullptr
    );
    return out;
}

std::string_view bytes(const Digest& digest) {
    return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

// Same code on both sides of the comparison, and no early exit.
bool same_secret(std::string_view left, std::string_view right) {
    return left.size() == right.size() && CRYPTO_memcmp(left.data(), right.data(), left.size()) == 0;
}

// Every name and value decoded and encoded again, sorted; the signature itself left out.
std::string canonical_query(std::string_view query) {
    std::vector<std::pair<std::string, std::string>> parameters;
    while (!query.empty()) {
        const auto end = std::min(query.find('&'), query.size());
        const auto pair = query.substr(0, end);
        query.remove_prefix(std::min(end + 1, query.size()));
        if (pair.empty()) continue;
        const auto equals = std::min(pair.find('='), pair.size());
        std::string name, value;
        if (!percent_decode(pair.substr(0, equals), false, name)) name = pair.substr(0, equals);
        const auto raw = pair.substr(std::min(equals + 1, pair.size()));
        if (!percent_decode(raw, false, value)) value = raw;
        if (name != "X-Amz-Signature")
            parameters.emplace_back(percent_encode(name, false), percent_encode(value, false));
    }
    std::sort(parameters.begin(), parameters.end());
    std::string out;
    for (const auto& [name, value] : parameters) {
        if (!out.empty()) out += '&';
        out += name + "=" + value;
    }
    return out;
}

// Leading, trailing and repeated spaces go.
std::string canonical_value(std::string_view text) {
    std::string out;
    for (char c : text) {
        if (c == '\t') c = ' ';
        if (c == ' ' && (out.empty() || out.back() == ' ')) continue;
        out += c;
    }
    while (!out.empty() && out.back() == ' ') out.pop_back();
    return out;
}

std::string canonical_headers(const HttpRequest& request, const Credentials& credentials) {
    std::string out;
    for (const auto& name : credentials.signed_headers) {
        std::string values;
        bool first = true;
        for (const auto& [key, value] : request.headers) {
            if (!same_ignoring_case(key, name)) continue;
            if (!first) values += ',';
            values += canonical_value(value);
            first = false;
        }
        out += name + ":" + values + "\n";
    }
    return out;
}

std::string join(const std::vector<std::string>& names) {
    std::string out;
    for (const auto& name : names) out += (out.empty() ? "" : ";") + name;
    return out;
}

std::string canonical_path(const HttpRequest& request) {
    std::string path(path_of(request));
    if (path.empty()) path = "/";
    return percent_encode(path, true);  // once more, as every service but S3 wants it
}

std::string signature_of(
    const HttpRequest& request,
    const Credentials& credentials,
    std::string_view secret,
    std::string_view payload_hash
) {
    const std::string canonical = request.method + "\n" + canonical_path(request) + "\n" +
                                  canonical_query(query_of(request)) + "\n" +
                                  canonical_headers(request, credentials) + "\n" +
                                  join(credentials.signed_headers) + "\n" + std::string(payload_hash);
    const std::string scope =
        credentials.date + "/" + credentials.region + "/" + credentials.service + "/aws4_request";
    const std::string text =
        "AWS4-HMAC-SHA256\n" + credentials.timestamp + "\n" + scope + "\n" + hex(sha256(canonical));
    const Digest date = hmac("AWS4" + std::string(secret), credentials.date);
    const Digest region = hmac(bytes(date), credentials.region);
    const Digest service = hmac(bytes(region), credentials.service);
    const Digest key = hmac(bytes(service), "aws4_request");
    return hex(hmac(bytes(key), text));
}

// The same refusal under the name that clients of the protocol match on.
struct Names {
    const char* json;
    const char* query;
    const char* ec2;
};
constexpr Names kBadSignature{"InvalidSignatureException", "SignatureDoesNotMatch", "AuthFailure"};
constexpr Names kUnknownKey{"UnrecognizedClientException", "InvalidClientTokenId", "AuthFailure"};
// A clock that is behind. EC2 has a code and a text of its own for it.
constexpr Names kExpired{"InvalidSignatureException", "SignatureDoesNotMatch", "RequestExpired"};

tl::unexpected<Error> refuse_as(const Names& names, shapes::Protocol protocol, std::string message) {
    const char* code = protocol == shapes::Protocol::aws_json ? names.json
                       : protocol == shapes::Protocol::query  ? names.query
                                                              : names.ec2;
    return refuse(code, std::move(message));
}

Result<void> check_time(const Credentials& credentials, shapes::Protocol protocol, std::int64_t now) {
    const auto signed_at = parse_basic_time(credentials.timestamp);
    if (!signed_at || !credentials.timestamp.starts_with(credentials.date)) {
        return refuse_as(
            kBadSignature, protocol,
            "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '" +
                credentials.date + "' != '" + credentials.timestamp.substr(0, 64) + "'."
        );
    }
    const std::int64_t valid = credentials.presigned ? credentials.expires_seconds : kMaxSkewSeconds;
    if (now > *signed_at + valid) {
        if (protocol == shapes::Protocol::ec2) return refuse(kExpired.ec2, "Request has expired.");
        return refuse_as(
            kExpired, protocol,
            "Signature expired: " + credentials.timestamp + " is now earlier than " +
                format_basic_time(now - valid) + " (" + format_basic_time(now) +
                (credentials.presigned ? ")" : " - 15 min.)")
        );
    }
    if (*signed_at > now + kMaxSkewSeconds) {
        return refuse_as(
            kBadSignature, protocol,
            "Signature not yet current: " + credentials.timestamp + " is still later than " +
                format_basic_time(now + kMaxSkewSeconds) + " (" + format_basic_time(now) + " + 15 min.)"
        );
    }
    return {};
}

// The first header that changes what a request means and is not signed, or null. An unsigned X-Amz-Target
// would let whoever sits in between turn one operation into another.
const char* unsigned_header(const HttpRequest& request, const Credentials& credentials) {
    const auto& names = credentials.signed_headers;
    for (const char* name : {"host", "x-amz-target", "x-amz-date", "x-amz-security-token"}) {
        const bool needed = name == std::string_view("host") || find_header(request.headers, name) != nullptr;
        if (needed && std::find(names.begin(), names.end(), name) == names.end()) return name;
    }
    return nullptr;
}

}  // namespace

Result<void> verify_signature(
    const HttpRequest& request,
    const Credentials& credentials,
    shapes::Protocol protocol,
    std::int64_t now,
    const SecretLookup& secret_of
) {
    TRY_VOID(check_time(credentials, protocol, now));
    if (const char* name = unsigned_header(request, credentials))
        return refuse_as(
            kBadSignature, protocol,
            "'" + std::string(name) + "' must be a 'SignedHeader' in the AWS Authorization."
        );
    const auto secret = secret_of(credentials.access_key, credentials.session_token);
    if (!secret)
        return refuse_as(
            kUnknownKey, protocol,
            protocol == shapes::Protocol::ec2 ? "AWS was not able to validate the provided access credentials"
                                              : "The security token included in the request is invalid."
        );
    const std::string actual = hex(sha256(request.body));
    const std::string claimed(header(request, "x-amz-content-sha256"));
    if (!claimed.empty() && claimed != "UNSIGNED-PAYLOAD" && claimed != actual)
        return refuse_as(
            kBadSignature, protocol,
            "The provided 'x-amz-content-sha256' header does not match what was computed."
        );
    const std::string& payload = claimed == "UNSIGNED-PAYLOAD" ? claimed : actual;
    if (!same_secret(signature_of(request, credentials, *secret, payload), credentials.signature)) {
        return refuse_as(
            kBadSignature, protocol,
            protocol == shapes::Protocol::ec2
                ? "AWS was not able to validate the provided access credentials"
                : "The request signature we calculated does not match the signature you provided. Check your "
                  "AWS Secret Access Key and signing method. Consult the service documentation for details."
        );
    }
    return {};
}

}  // namespace gantry::wire
