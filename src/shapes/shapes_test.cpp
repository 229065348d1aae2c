#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "shapes/base64.h"
#include "shapes/ec2/shapes.h"
#include "shapes/ecs/shapes.h"
#include "shapes/iam/shapes.h"
#include "shapes/json.h"
#include "shapes/logs/shapes.h"
#include "shapes/sts/shapes.h"

namespace gantry::shapes {
namespace {

namespace json = boost::json;

TEST(Shapes, DesignatedInitialisersMakeARequest) {
    ecs::RunTaskRequest request{.cluster = "default", .task_definition = "web:1"};
    EXPECT_EQ(to_json_text(request), R"({"cluster":"default","taskDefinition":"web:1"})");
}

TEST(Shapes, RoundTripsThroughJson) {
    const auto text =
        json::parse(R"({"family":"web","containerDefinitions":[{"name":"nginx","cpu":256,"essential":true,
        "environment":[{"name":"A","value":"b\u00e9"}],"dockerLabels":{"x":"y"}}],"cpu":"256"})");
    auto request = from_json<ecs::RegisterTaskDefinitionRequest>(text);
    ASSERT_TRUE(request.has_value()) << request.error().message;
    EXPECT_EQ(request->container_definitions.at(0).cpu, 256);
    EXPECT_EQ(to_json(*request), text);
    EXPECT_EQ(json::parse(to_json_text(*request)), text);
    auto again = from_json<ecs::RegisterTaskDefinitionRequest>(text);
    EXPECT_TRUE(equal(*request, *again));
    again->container_definitions[0].docker_labels->at("x") = "z";
    EXPECT_FALSE(equal(*request, *again));
}

TEST(Shapes, TaskDefinitionsKeepUnknownMembers) {
    const auto text = json::parse(
        R"({"family":"f","containerDefinitions":[{"name":"n","newThing":{"a":[1,2]}}],"later":true})"
    );
    auto request = from_json<ecs::RegisterTaskDefinitionRequest>(text);
    ASSERT_TRUE(request.has_value());
    EXPECT_EQ(to_json(*request), text);
    EXPECT_EQ(json::parse(to_json_text(*request)), text);
    ecs::TaskDefinition definition{.container_definitions = request->container_definitions};
    EXPECT_EQ(to_json_text(definition), R"({"containerDefinitions":[{"name":"n","newThing":{"a":[1,2]}}]})");
    EXPECT_TRUE(equal(definition, ecs::TaskDefinition(definition)));
    definition.container_definitions->at(0).unknown = {};
    EXPECT_FALSE(
        equal(definition, ecs::TaskDefinition{.container_definitions = request->container_definitions})
    );
}

TEST(Shapes, OtherStructuresIgnoreUnknownMembers) {
    auto request = from_json<ecs::StopTaskRequest>(json::parse(R"({"task":"t","later":1,"reason":null})"));
    ASSERT_TRUE(request.has_value());
    EXPECT_EQ(to_json_text(*request), R"({"task":"t"})");
}

TEST(Shapes, AWrongTypeIsNamedWithItsPath) {
    auto request = from_json<ecs::RegisterTaskDefinitionRequest>(
        json::parse(R"({"family":"f","containerDefinitions":[{"name":"n"},{"name":7}]})")
    );
    ASSERT_FALSE(request.has_value());
    EXPECT_EQ(request.error().errc, Errc::invalid);
    EXPECT_EQ(
        request.error().message,
        "RegisterTaskDefinitionRequest.containerDefinitions.2.member.name is not a string"
    );
}

TEST(Shapes, MissingRequiredMembersAreListed) {
    ecs::CreateServiceRequest request;
    std::vector<std::string> missing;
    EXPECT_FALSE(read_json(
        json::parse(R"({"tags":[],"deploymentConfiguration":{"alarms":{"enable":true}}})"),
        shape_of<ecs::CreateServiceRequest>(), &request, &missing
    ));
    EXPECT_EQ(
        missing, (std::vector<std::string>{
                     "deploymentConfiguration.alarms.alarmNames", "deploymentConfiguration.alarms.rollback",
                     "serviceName"
                 })
    );
}

TEST(Shapes, TimestampsAreEpochSecondsWithAFraction) {
    ecs::Task task{.created_at = Timestamp{1700000000123}, .started_at = Timestamp{1700000001000}};
    EXPECT_EQ(to_json_text(task), R"({"createdAt":1700000000.123,"startedAt":1700000001})");
    auto again = from_json<ecs::Task>(to_json(task));
    ASSERT_TRUE(again.has_value());
    EXPECT_TRUE(equal(task, *again));
}

TEST(Shapes, NonUtf8BecomesTheReplacementCharacter) {
    std::string out;
    append_json_string(out, "a\xff\"\\\n\x01\xc3\xa9\xed\xa0\x80");
    EXPECT_EQ(out, "\"a\xEF\xBF\xBD\\\"\\\\\\n\\u0001\xc3\xa9\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\"");
}

TEST(Shapes, EveryAsciiByteComesBackFromEveryPlaceOfAString) {
    for (int byte = 0; byte < 128; ++byte) {
        for (std::size_t at = 0; at < 20; ++at) {
            std::string text(20, 'x'), json;
            text[at] = static_cast<char>(byte);
            append_json_string(json, text);
            EXPECT_EQ(boost::json::parse(json), boost::json::value(text)) << json;
            const bool escaped = byte < 0x20 || byte == '"' || byte == '\\';
            EXPECT_EQ(json.size() > text.size() + 2, escaped) << json;
        }
    }
}

TEST(Shapes, Base64) {
    for (std::string text : {"", "f", "fo", "foo", "foob", "\xff\x00z"}) {
        EXPECT_EQ(decode_base64(encode_base64(text)), text);
    }
    EXPECT_EQ(encode_base64("foob"), "Zm9vYg==");
    EXPECT_FALSE(decode_base64("Zm9v*"));
}

TEST(Operations, AreFoundByName) {
    const Service* ecs_service = find_service("ecs");
    ASSERT_NE(ecs_service, nullptr);
    EXPECT_EQ(ecs_service->operation_count, 77);
    const Operation* run_task = find_operation(*ecs_service, "RunTask");
    ASSERT_NE(run_task, nullptr);
    EXPECT_EQ(run_task, &ecs::operations::RunTask);
    EXPECT_EQ(run_task->input, &shape_of<ecs::RunTaskRequest>());
    EXPECT_EQ(find_operation(*ecs_service, "RunTasks"), nullptr);
    ASSERT_NE(find_operation(*find_service("ec2"), "RunInstances"), nullptr);
    EXPECT_EQ(find_error(*find_service("iam"), "NoSuchEntity")->status, 404);
    EXPECT_EQ(find_error(*ecs_service, "ServerException")->status, 500);
    for (const Service* service : services()) EXPECT_EQ(find_service(service->id), service);
}

TEST(Operations, EnumValuesAreConstants) {
    EXPECT_EQ(ecs::launch_type::kFargate, "FARGATE");
    EXPECT_EQ(ecs::network_mode::kAwsvpc, "awsvpc");
}

TEST(Operations, Ec2NamesFollowTheEc2Dialect) {
    const Member* filters = find_member(shape_of<ec2::DescribeVpcsRequest>(), "Filters", 7);
    ASSERT_NE(filters, nullptr);
    EXPECT_STREQ(filters->query, "Filter");
    const Member* vpcs = find_member(shape_of<ec2::DescribeVpcsResponse>(), "Vpcs", 4);
    EXPECT_STREQ(vpcs->xml, "vpcSet");
    EXPECT_STREQ(vpcs->shape->element_xml, "item");
}

}  // namespace
}  // namespace gantry::shapes
