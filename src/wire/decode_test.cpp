#include "wire/decode.h"

#include <gtest/gtest.h>

#include "shapes/ec2/shapes.h"
#include "shapes/ecs/shapes.h"
#include "shapes/iam/shapes.h"
#include "shapes/json.h"
#include "shapes/logs/shapes.h"
#include "wire/test_request.h"
#include "wire/validate.h"

namespace gantry::wire {
namespace {

// "code: message", or the input as JSON.
std::string outcome(const HttpRequest& request) {
    const auto routed = route(request);
    if (!routed) return routed.error().code + ": " + routed.error().message;
    const auto input = decode(*routed);
    if (!input) return input.error().code + ": " + input.error().message;
    std::string text;
    shapes::append_json(text, input->get(), *routed->operation->input);
    return text;
}

TEST(DecodeJson, Requests) {
    EXPECT_EQ(
        outcome(test::ecs_request("ListTasks", R"({"cluster":"c","maxResults":5.0,"newer":{"x":1}})")),
        R"({"cluster":"c","maxResults":5})"
    );
    EXPECT_EQ(outcome(test::ecs_request("ListTasks", "")), "{}");
    EXPECT_EQ(
        outcome(test::ecs_request("ListTasks", R"({"cluster":"a","cluster":"b"})")), R"({"cluster":"b"})"
    );
    EXPECT_EQ(
        outcome(test::ecs_request("CreateService", R"({"serviceName":"s","clientToken":""})")),
        R"({"serviceName":"s","clientToken":""})"
    );
}

TEST(DecodeJson, WrongTypesAreSerializationExceptions) {
    const auto list_tasks = [](std::string body) {
        return outcome(test::ecs_request("ListTasks", std::move(body)));
    };
    EXPECT_EQ(
        list_tasks(R"({"maxResults":"5"})"),
        "SerializationException: STRING_VALUE cannot be converted to Integer (at 'maxResults')"
    );
    EXPECT_EQ(
        list_tasks(R"({"cluster":5})"),
        "SerializationException: NUMBER_VALUE cannot be converted to String (at 'cluster')"
    );
    EXPECT_EQ(
        list_tasks(R"({"cluster":{}})"),
        "SerializationException: Start of structure or map found where not expected. (at 'cluster')"
    );
    EXPECT_EQ(list_tasks(R"({"maxResults":3000000000})").substr(0, 22), "SerializationException");
    for (std::string body : {"[]", "{", "{\"a\":}", "\"x\"", "nul", "{\"cluster\":\"\xff\"}", "{}{}"})
        EXPECT_EQ(list_tasks(body).substr(0, 22), "SerializationException") << body;
}

TEST(DecodeJson, NestingBombs) {
    const std::string bomb = "{\"a\":" + std::string(100'000, '[');
    EXPECT_EQ(
        outcome(test::ecs_request("ListTasks", bomb)),
        "SerializationException: The JSON is nested too deeply."
    );
    std::string deep = R"({"family":"f","containerDefinitions":[{"x":)" + std::string(50, '[') +
                       std::string(50, ']') + "}]}";
    EXPECT_EQ(outcome(test::ecs_request("RegisterTaskDefinition", deep)), deep);
}

TEST(DecodeJson, InfiniteNumbersAreRefused) {
    for (std::string member : {"\"newer\":1e9997", "\"newer\":{\"a\":[-1e999]}"}) {
        const auto refusal =
            outcome(test::ecs_request("RegisterTaskDefinition", "{\"family\":\"f\"," + member + "}"));
        EXPECT_EQ(refusal.substr(0, 22), "SerializationException") << refusal;
    }
    EXPECT_EQ(
        outcome(test::ecs_request("ListTasks", R"({"maxResults":1e999})")).substr(0, 22),
        "SerializationException"
    );
}

TEST(DecodeJson, HugeNamesAndLists) {
    const std::string name(1 << 20, 'n');
    EXPECT_EQ(
        outcome(test::ecs_request("CreateCluster", R"({"clusterName":")" + name + "\"}")).size(),
        name.size() + 18
    );
    const auto refusal = outcome(test::logs_request("CreateLogGroup", R"({"logGroupName":")" + name + "\"}"));
    EXPECT_LT(refusal.size(), 500u);
    EXPECT_TRUE(
        refusal.ends_with("...' at 'logGroupName' failed to satisfy constraint: Member must have length less "
                          "than or equal to 512")
    ) << refusal;
    std::string list = R"({"tasks":[)";
    for (int i = 0; i < 200'000; ++i) list += R"("t",)";
    list += R"("t"]})";
    EXPECT_EQ(outcome(test::ecs_request("DescribeTasks", list)), list);
}

TEST(Validate, EcsSpeaksItsOwnWords) {
    EXPECT_EQ(
        outcome(test::ecs_request("RunTask", "{}")),
        "InvalidParameterException: TaskDefinition can not be blank."
    );
    EXPECT_EQ(
        outcome(test::ecs_request("DescribeTasks", "{}")), "InvalidParameterException: Tasks cannot be empty."
    );
    EXPECT_EQ(
        outcome(test::ecs_request("RegisterTaskDefinition", R"({"containerDefinitions":[]})")),
        "ClientException: Family should not be null or empty."
    );
    EXPECT_EQ(
        outcome(test::ecs_request("RunTask", R"({"taskDefinition":"t","launchType":"MOON"})")),
        "InvalidParameterException: 1 validation error detected: Value 'MOON' at 'launchType' failed to "
        "satisfy "
        "constraint: Member must satisfy enum value set: [EC2, FARGATE, EXTERNAL, MANAGED_INSTANCES]"
    );
}

TEST(Validate, LogsSpeaksTheUsualWords) {
    EXPECT_EQ(
        outcome(test::logs_request("CreateLogGroup", R"({"logGroupName":"a b"})")),
        "InvalidParameterException: 1 validation error detected: Value 'a b' at 'logGroupName' failed to "
        "satisfy "
        "constraint: Member must satisfy regular expression pattern: [\\.\\-_/#A-Za-z0-9]+"
    );
    EXPECT_EQ(
        outcome(test::logs_request("CreateLogGroup", "{}")),
        "InvalidParameterException: 1 validation error detected: Value null at 'logGroupName' failed to "
        "satisfy "
        "constraint: Member must not be null"
    );
    EXPECT_EQ(
        outcome(
            test::logs_request("PutLogEvents", R"({"logGroupName":"a","logStreamName":"s","logEvents":[]})")
        ),
        "InvalidParameterException: 1 validation error detected: Value '[]' at 'logEvents' failed to satisfy "
        "constraint: Member must have length greater than or equal to 1"
    );
}

TEST(DecodeForm, Query) {
    EXPECT_EQ(
        outcome(test::iam_request(
            "Action=CreateRole&RoleName=r&AssumeRolePolicyDocument=%7B%7D&Tags.member.2.Key=b&"
            "Tags.member.2.Value=&Tags.member.1.Key=a&Tags.member.1.Value=x+y&Path=%2F"
        )),
        R"({"Path":"/","RoleName":"r","AssumeRolePolicyDocument":"{}","Tags":[{"Key":"a","Value":"x y"},{"Key":"b","Value":""}]})"
    );
    EXPECT_EQ(
        outcome(test::iam_request("Action=GetRole")),
        "ValidationError: 1 validation error detected: Value null at 'roleName' failed to satisfy "
        "constraint: "
        "Member must not be null"
    );
    EXPECT_EQ(
        outcome(test::iam_request("Action=ListRoles&MaxItems=abc")),
        "MalformedInput: 'abc' is not a valid value for 'maxItems'."
    );
    EXPECT_EQ(outcome(test::iam_request("Action=ListRoles&MaxItems=")), "{}");
    EXPECT_EQ(
        outcome(test::iam_request("Action=ListRoles&MaxItems=1001")),
        "ValidationError: 1 validation error detected: Value '1001' at 'maxItems' failed to satisfy "
        "constraint: "
        "Member must have value less than or equal to 1000"
    );
}

TEST(DecodeForm, Ec2) {
    EXPECT_EQ(
        outcome(test::ec2_request(
            "Action=DescribeVpcs&Filter.1.Name=vpc-id&Filter.1.Value.1=vpc-1&Filter.1.Value.10=c&"
            "Filter.1.Value.2=b&VpcId.1=v&DryRun=false"
        )),
        R"({"Filters":[{"Name":"vpc-id","Values":["vpc-1","b","c"]}],"VpcIds":["v"],"DryRun":false})"
    );
    EXPECT_EQ(
        outcome(test::ec2_request("Action=ModifyVpcAttribute&VpcId=v&EnableDnsHostnames.Value=true")),
        R"({"EnableDnsHostnames":{"Value":true},"VpcId":"v"})"
    );
    EXPECT_EQ(
        outcome(test::ec2_request("Action=DeleteVpc")),
        "MissingParameter: The request must contain the parameter VpcId"
    );
    EXPECT_EQ(
        outcome(test::ec2_request("Action=DescribeVpcs&MaxResults=x")),
        "InvalidParameterValue: Value (x) for parameter maxResults is invalid."
    );
    EXPECT_EQ(
        outcome(test::ec2_request("Action=DescribeVpcs&MaxResults=4")),
        "InvalidParameterValue: Value (4) for parameter maxResults is invalid."
    );
    EXPECT_EQ(
        outcome(test::ec2_request("Action=CreateVpc&CidrBlock=10.0.0.0/16&InstanceTenancy=moon")),
        "InvalidParameterValue: Value (moon) for parameter instanceTenancy is invalid."
    );
}

TEST(DecodeForm, BadInput) {
    for (std::string body :
         {"Action=ListRoles&PathPrefix=%zz", "Action=ListRoles&PathPrefix=%4",
          "Action=ListRoles&PathPrefix=%ff", "Action=ListRoles&%ff=1"})
        EXPECT_EQ(outcome(test::iam_request(body)).substr(0, 14), "MalformedInput") << body;
    std::string many = "Action=ListRoles";
    for (int i = 0; i < 30'000; ++i) many += "&a=" + std::to_string(i);
    EXPECT_EQ(
        outcome(test::iam_request(many)), "MalformedInput: The request has more than 20000 parameters."
    );
    std::string dots = "Action=DescribeVpcs&Filter.1";
    for (int i = 0; i < 100'000; ++i) dots += ".1";
    EXPECT_EQ(outcome(test::ec2_request(dots + "=x")), R"({"Filters":[{}]})");
    EXPECT_EQ(
        outcome(test::ec2_request(
            "Action=DescribeVpcs&VpcId.4000000000=b&VpcId.7=a"
        )),
        R"({"VpcIds":["a","b"]})"
    );
    EXPECT_EQ(
        outcome(test::ec2_request("Action=DescribeVpcs&&&=&VpcId.1=a&VpcId.1=b")), R"({"VpcIds":["a"]})"
    );
}

TEST(DecodeForm, AnElementWithoutAnIndexIsNotPassedOver) {
    for (const std::string index :
         {"-1", "0", "01", "+1", "1x", " 1", "x", "", "4294967296", "18446744073709551617"}) {
        const std::string escaped = percent_encode(index, false);
        const std::string refusal = " is invalid. " + index + " is not a valid index.";
        for (const std::string others : {"", "&VpcId.1=v"}) {
            EXPECT_EQ(
                outcome(test::ec2_request("Action=DescribeVpcs&VpcId." + escaped + "=v" + others)),
                "InvalidParameterValue: Value (" + index + ") for parameter vpcId" + refusal
            );
        }
        EXPECT_EQ(
            outcome(test::ec2_request("Action=DescribeVpcs&Filter." + escaped + ".Name=vpc-id")),
            "InvalidParameterValue: Value (" + index + ") for parameter filter" + refusal
        );
        EXPECT_EQ(
            outcome(test::ec2_request("Action=DescribeVpcs&Filter.1.Name=a&Filter.1.Value." + escaped + "=v")),
            "InvalidParameterValue: Value (" + index + ") for parameter filter.1.Value" + refusal
        );
        EXPECT_EQ(
            outcome(test::iam_request("Action=TagRole&RoleName=r&Tags.member." + escaped + ".Key=k")),
            "MalformedInput: " + index + " is not a valid index"
        );
    }
    const auto refusal = outcome(test::ec2_request("Action=DescribeVpcs&VpcId." + std::string(100'000, '9') + "=v"));
    EXPECT_LT(refusal.size(), 700u);
}

TEST(Validate, PatternsOfTheModels) {
    EXPECT_TRUE(matches_pattern("[\\u0009\\u000A\\u000D\\u0020-\\u00FF]+", "{\"a\": \"\xc3\xa9\"}\n"));
    EXPECT_FALSE(matches_pattern("[\\w+=,.@-]+", "a b"));
    EXPECT_TRUE(matches_pattern("(?!nope).*", "anything"));
}

}  // namespace
}  // namespace gantry::wire
