#include "wire/route.h"

#include <gtest/gtest.h>
#include <zlib.h>

#include <algorithm>

#include "shapes/cloudwatch/shapes.h"
#include "wire/decode.h"
#include "wire/encode.h"
#include "wire/test_request.h"

namespace gantry::wire {
namespace {

using test::authorization;

std::string code_of(const HttpRequest& request) {
    const auto routed = route(request);
    return routed ? "ok" : routed.error().code;
}

TEST(Route, ByTarget) {
    const auto routed = route(test::ecs_request("RunTask", "{}"));
    ASSERT_TRUE(routed) << routed.error().message;
    EXPECT_STREQ(routed->operation->name, "RunTask");
    EXPECT_EQ(routed->region(), "us-east-1");
    EXPECT_EQ(routed->credentials->access_key, "test");
    EXPECT_EQ(
        code_of(
            test::json_request("ecs", "com.amazonaws.ecs#AmazonEC2ContainerServiceV20141113.ListTasks", "{}")
        ),
        "ok"
    );
}

TEST(Route, ByActionAndVersion) {
    const auto routed = route(test::ec2_request("Action=DescribeVpcs"));
    ASSERT_TRUE(routed) << routed.error().message;
    EXPECT_STREQ(routed->operation->service->id, "ec2");
    auto request = test::form_request("sts", "");
    request.method = "GET";
    request.target = "/?Action=GetCallerIdentity&Version=2011-06-15";
    request.headers.erase(request.headers.begin() + 2);
    EXPECT_EQ(code_of(request), "ok");
}

TEST(Route, UnsignedStsNeedsNoCredentials) {
    HttpRequest request{
        "POST",
        "/",
        {{"Content-Type", "application/x-www-form-urlencoded"}},
        "Action=AssumeRoleWithWebIdentity&Version=2011-06-15&RoleArn=a"
    };
    const auto routed = route(request);
    ASSERT_TRUE(routed) << routed.error().message;
    EXPECT_FALSE(routed->credentials);
    request.body = "Action=GetCallerIdentity&Version=2011-06-15";
    EXPECT_EQ(code_of(request), "MissingAuthenticationToken");
    EXPECT_EQ(status_of(guess_dialect(request), missing_credentials(shapes::Protocol::query)), 403);
}

TEST(Route, WithoutCredentialsIsRefused) {
    auto request = test::ecs_request("ListTasks", "{}");
    request.headers.pop_back();
    EXPECT_EQ(code_of(request), "MissingAuthenticationTokenException");
}

TEST(Route, BrokenCredentialsAreRefused) {
    for (std::string value :
         {"Basic abc", "AWS4-HMAC-SHA256",
          "AWS4-HMAC-SHA256 Credential=a/b/c, SignedHeaders=host, Signature=1",
          "AWS4-HMAC-SHA256 Credential=/20240131/r/s/aws4_request, SignedHeaders=host, Signature=1",
          "AWS4-HMAC-SHA256 Credential=k/20240131/r r/s/aws4_request, SignedHeaders=host, Signature=1",
          "AWS4-HMAC-SHA256 Credential=k/20240131/r/s/aws4_request, Signature=1",
          "AWS4-ECDSA-P256-SHA256 Credential=k/20240131/s/aws4_request, SignedHeaders=host, Signature=1"}) {
        auto request = test::ecs_request("ListTasks", "{}");
        request.headers.back().second = value;
        EXPECT_EQ(code_of(request), "IncompleteSignature") << value;
    }
}

TEST(Route, TheScopeMustNameTheRoutedService) {
    auto request = test::ecs_request("ListTasks", "{}");
    request.headers.back().second = authorization("iam");
    EXPECT_EQ(code_of(request), "InvalidSignatureException");
}

TEST(Route, UnknownOperationsAre400) {
    EXPECT_EQ(code_of(test::ecs_request("RunTasks", "{}")), "UnknownOperationException");
    EXPECT_EQ(
        code_of(test::json_request("secretsmanager", "secretsmanager.GetSecretValue", "{}")),
        "UnknownOperationException"
    );
    EXPECT_EQ(code_of(test::ec2_request("Action=Nope")), "InvalidAction");
    EXPECT_EQ(code_of(test::iam_request("Action=Nope")), "InvalidAction");
    EXPECT_EQ(code_of(test::iam_request("")), "MissingAction");
    EXPECT_EQ(
        code_of(test::form_request("elasticloadbalancing", "Action=DescribeLoadBalancers&Version=2012-06-01")
        ),
        "InvalidAction"
    );
    EXPECT_EQ(code_of(test::form_request("ecs", "")), "UnknownOperationException");
    auto request = test::ecs_request("ListTasks", "{}");
    request.target = "/v2/";
    EXPECT_EQ(code_of(request), "UnknownOperationException");
    const auto error = route(test::ec2_request("Action=Nope")).error();
    EXPECT_EQ(status_of(guess_dialect(test::ec2_request("Action=Nope")), error), 400);
}

// CloudWatch: newer clients speak JSON, older ones and terraform query.
TEST(Route, AServiceOfTwoProtocolsAnswersInTheOneThatWasAsked) {
    const auto json = route(test::json_request(
        "monitoring", "GraniteServiceVersion20100801.DeleteAlarms", "{\"AlarmNames\":[\"a\"]}"
    ));
    ASSERT_TRUE(json);
    EXPECT_EQ(json->dialect.protocol, shapes::Protocol::aws_json);
    const auto query = route(test::form_request(
        "monitoring", "Action=DeleteAlarms&Version=2010-08-01&AlarmNames.member.1=a&AlarmNames.member.2=b"
    ));
    ASSERT_TRUE(query);
    EXPECT_EQ(query->dialect.protocol, shapes::Protocol::query);
    EXPECT_EQ(query->operation, json->operation);
    EXPECT_TRUE(decode(*json));
    const auto decoded = decode(*query);
    ASSERT_TRUE(decoded);
    const auto& names =
        static_cast<const shapes::cloudwatch::DeleteAlarmsRequest*>(decoded->get())->alarm_names;
    EXPECT_EQ(names, (std::vector<std::string>{"a", "b"}));
    const shapes::cloudwatch::DescribeAlarmsResponse output;
    const auto described =
        route(test::form_request("monitoring", "Action=DescribeAlarms&Version=2010-08-01"));
    EXPECT_NE(
        encode_success(*described, &output, "id").body.find("<DescribeAlarmsResult>"), std::string::npos
    );
    const Error missing{Errc::refused, "ResourceNotFound", "gone"};
    const auto in_query = encode_error(query->dialect, missing, "id");
    EXPECT_EQ(in_query.status, 404);
    EXPECT_NE(in_query.body.find("<Code>ResourceNotFound</Code>"), std::string::npos);
    const auto in_json = encode_error(json->dialect, missing, "id");
    EXPECT_NE(in_json.body.find("\"__type\":\"ResourceNotFound\""), std::string::npos);
    const auto header = std::find_if(in_json.headers.begin(), in_json.headers.end(), [](const auto& one) {
        return one.first == "x-amzn-query-error";
    });
    ASSERT_NE(header, in_json.headers.end());
    EXPECT_EQ(header->second, "ResourceNotFound;Sender");
}

TEST(Route, AKnownOperationThatNobodyHandlesIsNamed) {
    const auto routed = route(test::ecs_request("CreateExpressGatewayService", "{}"));
    ASSERT_TRUE(routed);
    const auto response = encode_error(routed->dialect, not_implemented(*routed->operation), "id-1");
    EXPECT_EQ(response.status, 400);
    EXPECT_EQ(
        response.body,
        R"({"__type":"UnknownOperationException","message":"Gantry does not implement ecs:CreateExpressGatewayService yet."})"
    );
}

std::string gzip(const std::string& text) {
    z_stream stream{};
    deflateInit2(&stream, 9, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY);
    std::string out(deflateBound(&stream, text.size()) + 64, '\0');
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
    stream.avail_in = static_cast<uInt>(text.size());
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    deflate(&stream, Z_FINISH);
    out.resize(stream.total_out);
    deflateEnd(&stream);
    return out;
}

TEST(Route, GzipBodiesAreOpenedAndBounded) {
    auto request = test::ecs_request("ListTasks", gzip(R"({"cluster":"c"})"));
    request.headers.emplace_back("content-encoding", "gzip");
    const auto routed = route(request);
    ASSERT_TRUE(routed);
    EXPECT_EQ(routed->body, R"({"cluster":"c"})");
    request.body = gzip(std::string(kMaxBody + 1, ' '));
    EXPECT_EQ(code_of(request), "RequestEntityTooLarge");
    EXPECT_EQ(status_of(guess_dialect(request), route(request).error()), 413);
    request.body = gzip("{}").substr(0, 15);
    EXPECT_EQ(code_of(request), "SerializationException");
    request.body = "{}";
    EXPECT_EQ(code_of(request), "SerializationException");
}

TEST(Route, TheAccountComesFromTheKey) {
    EXPECT_EQ(account_of("000000000001"), "000000000001");
    EXPECT_EQ(account_of("AKIAIOSFODNN7EXAMPLE"), "123456789012");
    EXPECT_EQ(account_of(""), "123456789012");
}

}  // namespace
}  // namespace gantry::wire
