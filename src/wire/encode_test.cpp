#include "wire/encode.h"

#include <gtest/gtest.h>

#include "shapes/ec2/shapes.h"
#include "shapes/ecs/shapes.h"
#include "shapes/iam/shapes.h"
#include "wire/form.h"
#include "wire/test_request.h"

namespace gantry::wire {
namespace {

using namespace shapes;

template <class T>
std::string body(const HttpRequest& request, const T& output) {
    const auto routed = route(request);
    return routed ? encode_success(*routed, &output, "id-1").body : routed.error().message;
}

TEST(Encode, Json) {
    EXPECT_EQ(
        body(test::ecs_request("ListTasks", "{}"), ecs::ListTasksResponse{.task_arns = {{"a", "b\"\xff"}}}),
        "{\"taskArns\":[\"a\",\"b\\\"\xEF\xBF\xBD\"]}"
    );
    const auto routed = route(test::ecs_request("ListTasks", "{}"));
    ecs::ListTasksResponse empty;
    const auto response = encode_success(*routed, &empty, "id-1");
    EXPECT_EQ(*find_header(response.headers, "content-type"), "application/x-amz-json-1.1");
    EXPECT_EQ(*find_header(response.headers, "x-amzn-requestid"), "id-1");
}

TEST(Encode, Query) {
    iam::CreateRoleResponse output{
        .role =
            iam::Role{
                .path = "/",
                .role_name = "r<&>\x01",
                .create_date = Timestamp{1700000000000},
                .tags = std::vector<iam::Tag>{{"k", "v"}}
            }
    };
    EXPECT_EQ(
        body(test::iam_request("Action=CreateRole"), output),
        "<CreateRoleResponse "
        "xmlns=\"https://iam.amazonaws.com/doc/2010-05-08/\"><CreateRoleResult><Role><Path>/</Path>"
        "<RoleName>r&lt;&amp;&gt;\xEF\xBF\xBD</RoleName><CreateDate>2023-11-14T22:13:20Z</"
        "CreateDate><Tags><member><Key>k"
        "</Key><Value>v</Value></member></Tags></Role></CreateRoleResult><ResponseMetadata><RequestId>id-1</"
        "RequestId>"
        "</ResponseMetadata></CreateRoleResponse>"
    );
    EXPECT_EQ(
        body(test::iam_request("Action=DeleteRole"), iam::DeleteRoleResponse{}),
        "<DeleteRoleResponse "
        "xmlns=\"https://iam.amazonaws.com/doc/2010-05-08/\"><ResponseMetadata><RequestId>id-1"
        "</RequestId></ResponseMetadata></DeleteRoleResponse>"
    );
}

TEST(Encode, Ec2) {
    EXPECT_EQ(
        body(test::ec2_request("Action=DescribeVpcs"), ec2::DescribeVpcsResponse{}),
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<DescribeVpcsResponse "
        "xmlns=\"http://ec2.amazonaws.com/doc/2016-11-15/\">"
        "<requestId>id-1</requestId><vpcSet/></DescribeVpcsResponse>"
    );
    EXPECT_EQ(
        body(test::ec2_request("Action=DeleteVpc"), ec2::DeleteVpcResponse{}),
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<DeleteVpcResponse "
        "xmlns=\"http://ec2.amazonaws.com/doc/2016-11-15/\">"
        "<requestId>id-1</requestId><return>true</return></DeleteVpcResponse>"
    );
}

TEST(EncodeError, AsEachProtocolSpellsIt) {
    const Error gone{Errc::refused, "NoSuchEntity", "No <role>."};
    auto response = encode_error(guess_dialect(test::iam_request("Action=GetRole")), gone, "id-1");
    EXPECT_EQ(response.status, 404);
    EXPECT_EQ(
        response.body,
        "<ErrorResponse "
        "xmlns=\"https://iam.amazonaws.com/doc/2010-05-08/\"><Error><Type>Sender</Type><Code>NoSuchEntity</"
        "Code>"
        "<Message>No &lt;role&gt;.</Message></Error><RequestId>id-1</RequestId></ErrorResponse>"
    );
    response = encode_error(
        guess_dialect(test::ec2_request("Action=X")), {Errc::refused, "InvalidVpcID.NotFound", "m"}, "id-1"
    );
    EXPECT_EQ(response.status, 400);
    EXPECT_EQ(
        response.body,
        "<?xml version=\"1.0\" "
        "encoding=\"UTF-8\"?>\n<Response><Errors><Error><Code>InvalidVpcID.NotFound</Code><Message>m"
        "</Message></Error></Errors><RequestID>id-1</RequestID></Response>"
    );
    auto request = test::ecs_request("RunTask", "{}");
    request.headers.emplace_back("x-amzn-query-mode", "true");
    response = encode_error(
        guess_dialect(request), {Errc::refused, "ClusterNotFoundException", "Cluster not found."}, "id-1"
    );
    EXPECT_EQ(response.status, 400);
    EXPECT_EQ(response.body, R"({"__type":"ClusterNotFoundException","message":"Cluster not found."})");
    EXPECT_EQ(*find_header(response.headers, "x-amzn-query-error"), "ClusterNotFoundException;Sender");
}

TEST(EncodeError, LongMessagesAreCutBetweenCharacters) {
    std::string quoted = "Invalid identifier: ";
    while (quoted.size() < 1'000'000) quoted += "\xe2\x82\xac";
    for (const auto& request : {test::ecs_request("RunTask", "{}"), test::ec2_request("Action=X")}) {
        const auto response =
            encode_error(guess_dialect(request), {Errc::refused, "ClientException", quoted}, "id-1");
        EXPECT_LT(response.body.size(), 4600u);
        EXPECT_TRUE(is_utf8(response.body));
        EXPECT_NE(response.body.find("\xe2\x82\xac..."), std::string::npos);
    }
}

TEST(EncodeError, TroubleIs5xx) {
    const auto ecs = guess_dialect(test::ecs_request("RunTask", "{}"));
    auto response = encode_error(ecs, {Errc::unavailable, "", "The store does not answer."}, "id-1");
    EXPECT_EQ(response.status, 503);
    EXPECT_EQ(response.body, R"({"__type":"ServerException","message":"The store does not answer."})");
    EXPECT_EQ(encode_error(ecs, {Errc::invalid, "", "m"}, "id-1").status, 500);
    response = encode_error(guess_dialect(test::ec2_request("Action=X")), {Errc::exhausted, "", "m"}, "id-1");
    EXPECT_EQ(response.status, 500);
    EXPECT_NE(response.body.find("<Code>InternalError</Code>"), std::string::npos);
}

}  // namespace
}  // namespace gantry::wire
