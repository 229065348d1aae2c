#include "wire/rest.h"

#include <gtest/gtest.h>

#include "shapes/scheduler/shapes.h"
#include "wire/decode.h"
#include "wire/encode.h"
#include "wire/test_request.h"

namespace gantry::wire {
namespace {

HttpRequest rest(std::string method, std::string target, std::string body = "", std::string service = "scheduler") {
    return {
        std::move(method),
        std::move(target),
        {{"Host", "127.0.0.1:4566"},
         {"X-Amz-Date", "20240131T000000Z"},
         {"Content-Type", "application/json"},
         {"Authorization", test::authorization(std::move(service))}},
        std::move(body)
    };
}

std::string operation_of(const HttpRequest& request) {
    const auto routed = route(request);
    return routed ? routed->operation->name : routed.error().code;
}

template <class Request>
Result<Request> decoded(const HttpRequest& request) {
    TRY(const auto routed, route(request));
    TRY(const auto input, decode(routed));
    return *static_cast<const Request*>(input.get());
}

TEST(Rest, MethodAndPathSayTheOperation) {
    EXPECT_EQ(operation_of(rest("GET", "/schedules")), "ListSchedules");
    EXPECT_EQ(operation_of(rest("GET", "/schedules/a")), "GetSchedule");
    EXPECT_EQ(operation_of(rest("PUT", "/schedules/a", "{}")), "UpdateSchedule");
    EXPECT_EQ(operation_of(rest("DELETE", "/schedule-groups/a?clientToken=x")), "DeleteScheduleGroup");
    EXPECT_EQ(operation_of(rest("PATCH", "/schedules/a")), "UnknownOperationException");
    EXPECT_EQ(operation_of(rest("GET", "/schedules/a/b")), "UnknownOperationException");
    EXPECT_EQ(operation_of(rest("GET", "/schedules/")), "UnknownOperationException");
    EXPECT_EQ(operation_of(rest("POST", "/", "{}")), "UnknownOperationException");
    EXPECT_EQ(operation_of(rest("GET", "/schedules", "", "ecs")), "InvalidSignatureException");
    auto bare = rest("GET", "/schedules");
    bare.headers.pop_back();
    EXPECT_EQ(operation_of(bare), "MissingAuthenticationTokenException");
}

TEST(Rest, PathAndQueryAreReadBesideTheBody) {
    using namespace shapes::scheduler;
    const auto list = decoded<ListSchedulesRequest>(rest("GET", "/schedules?ScheduleGroup=g&MaxResults=7&NamePrefix=a%2Db"));
    ASSERT_TRUE(list) << list.error().message;
    EXPECT_EQ(list->group_name, "g");
    EXPECT_EQ(list->max_results, 7);
    EXPECT_EQ(list->name_prefix, "a-b");
    const auto untag = decoded<UntagResourceRequest>(
        rest("DELETE", "/tags/arn%3Aaws%3Ascheduler%3Aus-east-1%3A123456789012%3Aschedule-group%2Fg?TagKeys=a&TagKeys=b+c")
    );
    ASSERT_TRUE(untag) << untag.error().message;
    EXPECT_EQ(untag->resource_arn, "arn:aws:scheduler:us-east-1:123456789012:schedule-group/g");
    EXPECT_EQ(untag->tag_keys, (std::vector<std::string>{"a", "b c"}));
    const auto create = decoded<CreateScheduleGroupRequest>(rest("POST", "/schedule-groups/right", R"({"Name":"wrong"})"));
    ASSERT_TRUE(create) << create.error().message;
    EXPECT_EQ(create->name, "right");
}

TEST(Rest, BadInput) {
    using namespace shapes::scheduler;
    const auto refused = [](const HttpRequest& request) {
        const auto result = decoded<ListSchedulesRequest>(request);
        return result ? std::string() : result.error().code;
    };
    EXPECT_EQ(refused(rest("GET", "/schedules?MaxResults=x")), "SerializationException");
    EXPECT_EQ(refused(rest("GET", "/schedules?MaxResults=101")), "ValidationException");
    EXPECT_EQ(refused(rest("GET", "/schedules?NamePrefix=%")), "ValidationException");
    EXPECT_EQ(refused(rest("GET", "/schedules?NamePrefix=a%20b")), "ValidationException");
    EXPECT_EQ(refused(rest("GET", "/schedules", "[")), "SerializationException");
    EXPECT_EQ(decoded<CreateScheduleRequest>(rest("POST", "/schedules/a+b", "{}")).error().code, "ValidationException");
    EXPECT_EQ(
        decoded<CreateScheduleRequest>(rest("POST", "/schedules/a", "{}")).error().message,
        "3 validation errors detected: Value null at 'FlexibleTimeWindow' failed to satisfy constraint: Member must not be null; "
        "Value null at 'ScheduleExpression' failed to satisfy constraint: Member must not be null; "
        "Value null at 'Target' failed to satisfy constraint: Member must not be null"
    );
}

TEST(Rest, ErrorsAreNamedInAHeader) {
    const auto request = rest("GET", "/schedules/none");
    const auto response = encode_error(
        guess_dialect(request), {Errc::refused, "ResourceNotFoundException", "Schedule \"none\" does not exist."}, "id"
    );
    EXPECT_EQ(response.status, 404);
    EXPECT_EQ(*find_header(response.headers, "x-amzn-errortype"), "ResourceNotFoundException");
    EXPECT_EQ(*find_header(response.headers, "content-type"), "application/json");
    EXPECT_EQ(response.body, R"({"Message":"Schedule \"none\" does not exist."})");
}

}  // namespace
}  // namespace gantry::wire
