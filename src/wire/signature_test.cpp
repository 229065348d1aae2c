#include <gtest/gtest.h>

#include "wire/credentials.h"
#include "wire/time_text.h"

namespace gantry::wire {
namespace {

using shapes::Protocol;

// The worked example of AWS's Signature Version 4 documentation (IAM ListUsers by GET).
constexpr const char* kSecret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
constexpr std::int64_t kSignedAt = 1440938160;  // 20150830T123600Z

HttpRequest documented_request() {
    return {
        "GET",
        "/?Action=ListUsers&Version=2010-05-08",
        {{"Host", "iam.amazonaws.com"},
         {"Content-Type", "application/x-www-form-urlencoded; charset=utf-8"},
         {"X-Amz-Date", "20150830T123600Z"},
         {"Authorization",
          "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/iam/aws4_request, "
          "SignedHeaders=content-type;host;x-amz-date, "
          "Signature=5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7"}},
        ""
    };
}

std::optional<std::string> secret_of(std::string_view key, std::string_view) {
    return key == "AKIDEXAMPLE" ? std::optional<std::string>(kSecret) : std::nullopt;
}

std::string verified(
    const HttpRequest& request, std::int64_t now = kSignedAt, Protocol protocol = Protocol::query
) {
    const auto credentials = parse_credentials(request);
    if (!credentials) return credentials.error().code;
    if (!*credentials) return "none";
    const auto done = verify_signature(request, **credentials, protocol, now, secret_of);
    return done ? "ok" : done.error().code;
}

TEST(Signature, TheDocumentedExampleVerifies) { EXPECT_EQ(verified(documented_request()), "ok"); }

TEST(Signature, AnyChangeIsNoticed) {
    auto request = documented_request();
    request.target = "/?Action=DeleteUser&Version=2010-05-08";
    EXPECT_EQ(verified(request), "SignatureDoesNotMatch");
    request = documented_request();
    request.body = "x";
    EXPECT_EQ(verified(request), "SignatureDoesNotMatch");
    EXPECT_EQ(verified(request, kSignedAt, Protocol::aws_json), "InvalidSignatureException");
    EXPECT_EQ(verified(request, kSignedAt, Protocol::ec2), "AuthFailure");
    request = documented_request();
    request.headers[0].second = "evil.example";
    EXPECT_EQ(verified(request), "SignatureDoesNotMatch");
}

TEST(Signature, WhatChangesTheMeaningMustBeSigned) {
    auto request = documented_request();
    request.headers.emplace_back("X-Amz-Target", "A.B");
    EXPECT_EQ(verified(request), "SignatureDoesNotMatch");
}

TEST(Signature, UnknownKeys) {
    auto request = documented_request();
    auto& text = request.headers.back().second;
    text.replace(text.find("AKIDEXAMPLE"), 11, "AKIDOTHERSS");
    EXPECT_EQ(verified(request), "InvalidClientTokenId");
    EXPECT_EQ(verified(request, kSignedAt, Protocol::aws_json), "UnrecognizedClientException");
}

TEST(Signature, ClocksMayDifferByFifteenMinutes) {
    EXPECT_EQ(verified(documented_request(), kSignedAt + 900), "ok");
    EXPECT_EQ(verified(documented_request(), kSignedAt - 900), "ok");
    EXPECT_EQ(verified(documented_request(), kSignedAt + 901), "SignatureDoesNotMatch");
    EXPECT_EQ(verified(documented_request(), kSignedAt - 901), "SignatureDoesNotMatch");
    EXPECT_EQ(verified(documented_request(), kSignedAt + 901, Protocol::aws_json), "InvalidSignatureException");
    EXPECT_EQ(verified(documented_request(), kSignedAt + 901, Protocol::ec2), "RequestExpired");
}

// Presigned by botocore for the same key, time and action.
TEST(Signature, PresignedRequests) {
    HttpRequest request{
        "GET",
        "/?Action=GetCallerIdentity&Version=2011-06-15&X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential="
        "AKIDEXAMPLE%2F20150830%2Fus-east-1%2Fsts%2Faws4_request&X-Amz-Date=20150830T123600Z&X-Amz-Expires="
        "60&"
        "X-Amz-SignedHeaders=host&X-Amz-Signature="
        "edc8907c6c6ab903df773b39e30bcee2e7cbef539f89e69dfe8e7f6a80781bb6",
        {{"Host", "sts.us-east-1.amazonaws.com"}},
        ""
    };
    EXPECT_EQ(verified(request), "ok");
    EXPECT_EQ(verified(request, kSignedAt + 60), "ok");
    EXPECT_EQ(verified(request, kSignedAt + 61), "SignatureDoesNotMatch");
    request.target.replace(request.target.find("Expires=60"), 10, "Expires=61");
    EXPECT_EQ(verified(request), "SignatureDoesNotMatch");
}

TEST(TimeText, ReadsAndWrites) {
    EXPECT_EQ(parse_basic_time("20150830T123600Z"), kSignedAt);
    EXPECT_EQ(format_basic_time(kSignedAt), "20150830T123600Z");
    for (const char* bad :
         {"", "2015", "20151330T123600Z", "20150230T123600Z", "20150830T123600", "20150830T126000Z"})
        EXPECT_FALSE(parse_basic_time(bad)) << bad;
    EXPECT_EQ(parse_time("2015-08-30T12:36:00Z"), kSignedAt * 1000);
    EXPECT_EQ(parse_time("2015-08-30T12:36:00.25Z"), kSignedAt * 1000 + 250);
    EXPECT_EQ(parse_time("2015-08-30T21:36:00+09:00"), kSignedAt * 1000);
    EXPECT_EQ(parse_time("2015-08-30"), 1440892800000);
    EXPECT_EQ(parse_time("1440938160.5"), kSignedAt * 1000 + 500);
    for (const char* bad :
         {"", "yesterday", "2015-08-30T", "2015-08-30T12", "2015-08-30T12:36:00.Z", "2015-08-30T12:36:00Zx"})
        EXPECT_FALSE(parse_time(bad)) << bad;
    EXPECT_EQ(format_time(1440938160005), "2015-08-30T12:36:00.005Z");
    EXPECT_EQ(format_time(-1), "1969-12-31T23:59:59.999Z");
}

}  // namespace
}  // namespace gantry::wire
