#include <boost/json.hpp>
#include <functional>

#include "ecs/admit_task_definition.h"
#include "ecs/state_fixture.h"
#include "ecs/task_size.h"

namespace gantry::ecs::testing {
namespace {

namespace json = boost::json;

// The article's definition with some members replaced (null removes), those of the first container under "c".
std::string changed_article(std::string_view changes) {
    auto definition = json::parse(json::string_view(kArticle)).as_object();
    const auto change = json::parse(json::string_view(changes)).as_object();
    const auto apply = [](json::object& to, const json::object& from) {
        for (const auto& [key, value] : from) {
            if (value.is_null()) {
                to.erase(key);
            } else {
                to[key] = value;
            }
        }
    };
    json::object top = change;
    top.erase("c");
    apply(definition, top);
    if (const auto* container = change.if_contains("c"))
        apply(definition["containerDefinitions"].as_array()[0].as_object(), container->as_object());
    return json::serialize(definition);
}

TEST_F(EcsTest, RegisterRefusesInAwsWords) {
    const std::vector<std::pair<std::string, std::string>> refusals = {
        {R"({"family":"a b"})", "Family contains invalid characters."},
        {R"({"containerDefinitions":[]})", "Container list cannot be empty."},
        {R"({"c":{"name":null}})", "Container.name should not be null or empty."},
        {R"({"c":{"name":"a.b"}})", "Container.name contains invalid characters."},
        {R"({"c":{"image":""}})", "Container.image should not be null or empty."},
        {R"({"c":{"image":"a b"}})", "Container.image contains invalid characters."},
        {R"({"networkMode":"bridge"})", "Fargate only supports network mode ‘awsvpc’."},
        {R"({"networkMode":null})", "Fargate only supports network mode ‘awsvpc’."},
        {R"({"cpu":null})", "Fargate requires that 'cpu' be defined at the task level."},
        {R"({"memory":null})", "Fargate requires that 'memory' be defined at the task level."},
        {R"({"cpu":"256"})",
         "No Fargate configuration exists for given values: 256 CPU, 4096 memory. See the Amazon ECS "
         "documentation for "
         "the valid values."},
        {R"({"cpu":"lots"})", "Invalid 'cpu' setting for task."},
        {R"({"memory":"1.3 MB"})", "Invalid 'memory' setting for task."},
        {R"({"memory":null,"requiresCompatibilities":null,"c":{"memoryReservation":null}})",
         "Invalid setting for container 'test-nginx'. At least one of 'memory' or 'memoryReservation' must "
         "be "
         "specified."},
        {R"({"c":{"memory":128}})",
         "Invalid setting for container 'test-nginx'. 'memory' must be greater than or equal to "
         "'memoryReservation'."},
        {R"({"c":{"memoryReservation":5000}})",
         "The sum of all container 'memoryReservation' values cannot be greater than the value of the task "
         "'memory'."},
        {R"({"c":{"cpu":1024}})",
         "The sum of all container 'cpu' values cannot be greater than the value of the task 'cpu'."},
        {R"({"c":{"essential":false}})", "Task definition doesn't have any essential container."},
        {R"({"c":{"portMappings":[{"containerPort":80,"hostPort":8080}]}})",
         "When networkMode=awsvpc, the host ports and container ports in port mappings must match."},
        {R"({"c":{"portMappings":[{"containerPort":80},{"containerPort":80}]}})",
         "Host port 80/tcp is used by more than one port mapping of the task definition."},
        {R"({"c":{"portMappings":[{"containerPort":70000}]}})",
         "Invalid 'containerPort' setting for container 'test-nginx'."},
        {R"({"c":{"portMappings":[{"hostPort":80}]}})",
         "Invalid 'containerPort' setting for container 'test-nginx'."},
        {R"({"c":{"portMappings":[{"containerPort":80,"hostPort":-1}]}})",
         "Invalid 'hostPort' setting for container 'test-nginx'."},
        {R"({"c":{"portMappings":[{"containerPortRange":"90-80"}]}})",
         "Invalid 'containerPortRange' setting for container 'test-nginx'."},
        {R"({"c":{"portMappings":[{"containerPort":85},{"containerPortRange":"80-90"}]}})",
         "The port range 80-90/tcp overlaps another port mapping of the task definition."},
        {R"({"c":{"portMappings":[{"containerPort":80,"name":"-Web"}]}})",
         "Invalid 'name' setting for container 'test-nginx'."},
        {R"({"taskRoleArn":"arn:aws:iam::123456789012:user/me"})", "Role is not valid"},
        {R"({"executionRoleArn":"a role"})", "Role is not valid"},
        {R"({"volumes":[{"name":"v","host":{},"efsVolumeConfiguration":{"fileSystemId":"fs-1"}}]})",
         "When the volume parameter is specified, only one volume configuration type should be used."},
        {R"({"c":{"startTimeout":121}})",
         "Tasks using the Fargate launch type must have a container start timeout of less than 120 seconds."},
        {R"({"runtimePlatform":{"operatingSystemFamily":"WINDOWS_SERVER_2022_CORE"}})",
         "No Fargate configuration exists for given values: 512 CPU, 4096 memory. See the Amazon ECS documentation "
         "for the valid values."},
        {R"({"c":{"portMappings":[{"containerPort":80,"containerPortRange":"80-90"}]}})",
         "cannot specify both single port and port range"},
        {R"({"c":{"links":["x"]}})", "Links are not supported on container when networkMode=awsvpc"},
        {R"({"c":{"extraHosts":[{"hostname":"a","ipAddress":"1.2.3.4"}]}})",
         "Extra hosts are not supported on container when networkMode=awsvpc"},
        {R"({"c":{"hostname":"h"}})", "Hostname is not supported on container when networkMode=awsvpc"},
        {R"({"c":{"disableNetworking":true}})",
         "Disable Networking is not supported on container when networkMode=awsvpc"},
        {R"({"c":{"privileged":true}})", "Fargate compatible task definitions do not support privileged"},
        {R"({"c":{"dockerSecurityOptions":["no-new-privileges"]}})",
         "Fargate compatible task definitions do not support dockerSecurityOptions"},
        {R"({"c":{"linuxParameters":{"maxSwap":1}}})",
         "Fargate compatible task definitions do not support maxSwap"},
        {R"({"c":{"linuxParameters":{"devices":[{"hostPath":"/dev/x"}]}}})",
         "Fargate compatible task definitions do not support devices"},
        {R"({"c":{"resourceRequirements":[{"type":"GPU","value":"1"}]}})",
         "Tasks using the Fargate launch type do not support GPU resource requirements."},
        {R"({"c":{"stopTimeout":121}})",
         "Tasks using the Fargate launch type must have a container stop timeout of less than 120 seconds."},
        {R"({"c":{"startTimeout":1}})",
         "Granular start timeout on container 'test-nginx' must be at least 2 seconds."},
        {R"({"ipcMode":"task"})", "Fargate compatible task definitions do not support ipcMode"},
        {R"({"placementConstraints":[{"type":"memberOf","expression":"x"}]})",
         "Fargate compatible task definitions do not support constraints"},
        {R"({"volumes":[{"name":"v","host":{"sourcePath":"/x"}}]})",
         "Fargate compatible task definitions do not support sourcePath"},
        {R"({"volumes":[{"name":"v","dockerVolumeConfiguration":{}}]})",
         "Fargate compatible task definitions do not support dockerVolumeConfiguration"},
        {R"({"c":{"mountPoints":[{"sourceVolume":"v","containerPath":"/x"}]}})", "Unknown volume 'v'."},
        {R"({"executionRoleArn":null})",
         "Fargate requires task definition to have execution role ARN to support log driver awslogs."},
        {R"({"executionRoleArn":null,"c":{"logConfiguration":null,
             "image":"123456789012.dkr.ecr.us-east-1.amazonaws.com/a"}})",
         "Fargate requires task definition to have execution role ARN to support ECR images."},
        {R"({"executionRoleArn":null,"c":{"secrets":[{"name":"a","valueFrom":"b"}]}})",
         "When you are specifying container secrets, you must also specify a value for 'executionRoleArn'."},
        {R"({"c":{"logConfiguration":{"logDriver":"json-file"}}})",
         "json-file is not a valid log driver. Must be one of [awslogs,splunk,awsfirelens]"},
        {R"({"c":{"logConfiguration":{"logDriver":"awslogs","options":{"awslogs-region":"x"}}}})",
         "Log driver awslogs requires options: awslogs-group"},
        {R"({"c":{"logConfiguration":{"logDriver":"awslogs"}}})",
         "Log driver awslogs requires options: awslogs-region, awslogs-group"},
        {R"({"c":{"logConfiguration":{"logDriver":"awslogs","options":{"awslogs-region":"x","awslogs-group":"y",
             "awslogs-frobnicate":"z"}}}})",
         "Log driver awslogs disallows options: awslogs-frobnicate"},
        {R"({"c":{"logConfiguration":{"logDriver":"awslogs","options":{"awslogs-region":"x","awslogs-group":"y"}}}})",
         "Fargate requires log configuration options to include awslogs-stream-prefix to support log driver awslogs."},
        {R"({"ephemeralStorage":{"sizeInGiB":20}})",
         "Invalid setting for ephemeral storage. Size must be between 21 GiB and 200 GiB."},
        {R"({"tags":[]})", "Tags can not be empty."},
        {R"({"containerDefinitions":[{"name":"a","image":"b"},{"name":"a","image":"b"}]})",
         "Container names must be unique within a Task Definition."},
        {R"({"containerDefinitions":[{"name":"a","image":"b","dependsOn":[{"containerName":"c","condition":"START"}]}]})",
         "Cannot depend on container + 'c' because it does not exist"},
        {R"({"containerDefinitions":[{"name":"a","image":"b","dependsOn":[{"containerName":"c","condition":"START"}]},
             {"name":"c","image":"b","dependsOn":[{"containerName":"a","condition":"START"}]}]})",
         "Container dependsOn contains a cycle"},
        {R"({"containerDefinitions":[{"name":"a","image":"b","volumesFrom":[{"sourceContainer":"c"}]},
             {"name":"c","image":"b","dependsOn":[{"containerName":"a","condition":"START"}]}]})",
         "Container volumesFrom contains a cycle"},
        {R"({"c":{"startTimeout":121}})",
         "Tasks using the Fargate launch type must have a container start timeout of less than 120 seconds."},
        {R"({"c":{"restartPolicy":{"enabled":true,"ignoredExitCodes":[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,
             19,20,21,22,23,24,25,26,27,28,29,30,31,32,33,34,35,36,37,38,39,40,41,42,43,44,45,46,47,48,49,50,51]}}})",
         "Invalid setting for container 'test-nginx'. 'ignoredExitCodes' must have at most 50 items."},
        {R"({"containerDefinitions":[{"name":"a","image":"b","dependsOn":[{"containerName":"c",
             "condition":"SUCCESS"}]},{"name":"c","image":"b"}]})",
         "A dependency container with SUCCESS or COMPLETE condition cannot be an essential container"},
        {R"({"containerDefinitions":[{"name":"a","image":"b","dependsOn":[{"containerName":"c",
             "condition":"HEALTHY"}]},{"name":"c","image":"b"}]})",
         "A dependency container with HEALTHY condition must have health check configured"},
    };
    for (const auto& [changes, message] : refusals) {
        const auto result = ask(register_task_definition, changed_article(changes));
        ASSERT_FALSE(result) << changes;
        EXPECT_EQ(result.error().code, "ClientException") << changes;
        EXPECT_EQ(result.error().message, message) << changes;
    }
    // A refusal uses no revision number up.
    EXPECT_EQ(ask(register_task_definition, kArticle)->task_definition->revision, 1);
    const auto eleven = [] {
        json::array containers;
        for (int i = 0; i < 11; ++i)
            containers.push_back({{"name", "c" + std::to_string(i)}, {"image", "x"}});
        return json::serialize(json::object{{"containerDefinitions", containers}});
    }();
    EXPECT_EQ(ask(register_task_definition, changed_article(eleven)).error().message, "Too many containers.");
    const std::string image = R"({"c":{"image":")" + std::string(256, 'x') + R"("}})";
    EXPECT_EQ(
        ask(register_task_definition, changed_article(image)).error().message,
        "Container.image should be 255 characters or less"
    );
    const std::string large = R"({"c":{"command":[")" + std::string(70'000, 'x') + R"("]}})";
    EXPECT_TRUE(
        ask(register_task_definition, changed_article(large)).error().message.starts_with("Actual length: '")
    );
}

TEST(TaskSize, ReadsEcsUnits) {
    EXPECT_EQ(parse_task_cpu("512").value(), 512);
    EXPECT_EQ(parse_task_cpu(".5 vCPU").value(), 512);
    EXPECT_EQ(parse_task_cpu("1vcpu").value(), 1024);
    EXPECT_EQ(parse_task_memory("0.5 GB").value(), 512);
    EXPECT_EQ(parse_task_memory("4gb").value(), 4096);
    for (const char* bad : {"", " ", "x", "1 2", "-1", "0", "nan", "inf", "1e99", "1.5"})
        EXPECT_FALSE(parse_task_cpu(bad)) << bad;
}

TEST(TaskSize, FargatesTable) {
    int sizes = 0;
    for (int cpu = 0; cpu <= 65536; cpu += 256) {
        for (int memory = 0; memory <= 262144; memory += 512) sizes += fargate_size(cpu, memory);
    }
    EXPECT_EQ(sizes, 3 + 4 + 7 + 13 + 23 + 12 + 12 + 3);
}

TEST_F(EcsTest, RevisionsLiveAndDie) {
    for (int i = 0; i < 3; ++i) ASSERT_TRUE(ask(register_task_definition, kArticle));
    ASSERT_TRUE(ask(register_task_definition, changed_article(R"({"family":"other"})")));
    const auto list = [&](const char* json) {
        return *ask(list_task_definitions, json)->task_definition_arns;
    };
    const auto families = [&](const char* json) {
        return *ask(list_task_definition_families, json)->families;
    };
    const std::string arn = "arn:aws:ecs:ap-northeast-1:123456789012:task-definition/test-nginx:";
    EXPECT_EQ(
        list(R"({"familyPrefix":"test-nginx"})"), (std::vector<std::string>{arn + "1", arn + "2", arn + "3"})
    );
    EXPECT_EQ(
        list(R"({"familyPrefix":"test-nginx","sort":"DESC","maxResults":2})"),
        (std::vector<std::string>{arn + "3", arn + "2"})
    );
    EXPECT_EQ(list("{}").size(), 4u);
    EXPECT_EQ(families(R"({"familyPrefix":"te"})"), std::vector<std::string>{"test-nginx"});

    EXPECT_EQ(
        ask(describe_task_definition, R"({"taskDefinition":"test-nginx"})")->task_definition->revision, 3
    );
    const auto gone = ask(deregister_task_definition, R"({"taskDefinition":"test-nginx:3"})");
    EXPECT_EQ(gone->task_definition->status, "INACTIVE");
    EXPECT_EQ(
        ask(describe_task_definition, R"({"taskDefinition":"test-nginx"})")->task_definition->revision, 2
    );
    EXPECT_EQ(
        ask(describe_task_definition, R"({"taskDefinition":"test-nginx:3"})")->task_definition->status,
        "INACTIVE"
    );
    EXPECT_EQ(list(R"({"status":"INACTIVE"})"), std::vector<std::string>{arn + "3"});
    EXPECT_EQ(ask(register_task_definition, kArticle)->task_definition->revision, 4);

    const auto deleted =
        ask(delete_task_definitions, R"({"taskDefinitions":["test-nginx:3","test-nginx:1","test-nginx:9"]})");
    EXPECT_EQ(deleted->task_definitions->size(), 1u);
    EXPECT_EQ(deleted->task_definitions->front().status, "DELETE_IN_PROGRESS");
    EXPECT_EQ(deleted->failures->size(), 2u);
    pass(std::chrono::hours(2));
    settle();
    EXPECT_EQ(
        ask(describe_task_definition, R"({"taskDefinition":"test-nginx:3"})").error().message,
        "Unable to describe task definition."
    );
    ask(deregister_task_definition, R"({"taskDefinition":"other:1"})");
    EXPECT_EQ(families(R"({"status":"INACTIVE"})"), std::vector<std::string>{"other"});
    EXPECT_EQ(families(R"({"status":"ACTIVE"})"), std::vector<std::string>{"test-nginx"});
    // Numbers are never used again.
    ask(delete_task_definitions, R"({"taskDefinitions":["other:1"]})");
    pass(std::chrono::hours(2));
    settle();
    EXPECT_EQ(families("{}"), std::vector<std::string>{"test-nginx"});
    EXPECT_EQ(
        ask(register_task_definition, changed_article(R"({"family":"other"})"))->task_definition->revision, 2
    );
}

// A value for every member of a shape, and one more that the model does not know.
json::value any_value(const shapes::Shape& shape, const std::string& name, state::Chance& chance) {
    switch (shape.kind) {
        case shapes::Kind::boolean:
            return chance.draw() % 2 == 0;
        case shapes::Kind::integer:
        case shapes::Kind::long_:
            return 60 + static_cast<std::int64_t>(chance.draw() % 60);
        case shapes::Kind::double_:
            return 1.5;
        case shapes::Kind::timestamp:
            return 1'700'000'000;
        case shapes::Kind::string:
            if (shape.enum_count > 0) return shape.enum_values[chance.draw() % shape.enum_count];
            return json::string(name + "-" + chance.hex(6));
        case shapes::Kind::blob:
            return "YQ==";
        case shapes::Kind::document:
            return json::object{{"x", 1}};
        case shapes::Kind::list:
            return json::array{any_value(*shape.element, name, chance)};
        case shapes::Kind::map:
            return json::object{{name + "-key", any_value(*shape.element, name, chance)}};
        case shapes::Kind::structure:
            break;
    }
    json::object object;
    for (int i = 0; i < shape.member_count; ++i) {
        const auto& member = shape.members[i];
        object[member.name] = any_value(*member.shape, member.name, chance);
    }
    if (shape.unknown_offset >= 0) object["memberOfTomorrow"] = json::object{{name, chance.hex(4)}};
    return object;
}

// Everything in `sent` is in `got`.
void expect_kept(const json::value& sent, const json::value& got, const std::string& path) {
    if (sent.is_object()) {
        ASSERT_TRUE(got.is_object()) << path;
        for (const auto& [key, value] : sent.get_object()) {
            const auto* found = got.get_object().if_contains(key);
            ASSERT_NE(found, nullptr) << path << "." << std::string(key);
            expect_kept(value, *found, path + "." + std::string(key));
        }
    } else if (sent.is_array()) {
        ASSERT_TRUE(got.is_array() && got.get_array().size() == sent.get_array().size()) << path;
        for (std::size_t i = 0; i < sent.get_array().size(); ++i)
            expect_kept(sent.get_array()[i], got.get_array()[i], path + "[" + std::to_string(i) + "]");
    } else {
        EXPECT_EQ(sent, got) << path;
    }
}

// A volume is of one kind; the first keeps the name.
json::array one_of_each_kind(const json::object& volume) {
    const std::vector<std::string> kinds = {
        "host", "dockerVolumeConfiguration", "efsVolumeConfiguration", "s3filesVolumeConfiguration",
        "fsxWindowsFileServerVolumeConfiguration"
    };
    json::array volumes;
    for (const auto& kind : kinds) {
        auto one = volume;
        for (const auto& other : kinds)
            if (other != kind) one.erase(other);
        if (!volumes.empty()) one["name"] = kind;
        volumes.push_back(std::move(one));
    }
    return volumes;
}

TEST_F(EcsTest, EveryModelledMemberComesBack) {
    using Request = shapes::ecs::RegisterTaskDefinitionRequest;
    for (int round = 0; round < 50; ++round) {
        auto sent = any_value(shapes::shape_of<Request>(), "request", dice).as_object();
        sent["family"] = "everything";
        sent["cpu"] = "1024";
        sent["memory"] = "2048";
        sent["networkMode"] = "bridge";
        sent["requiresCompatibilities"] = json::array{"EC2"};
        sent["ephemeralStorage"].as_object()["sizeInGiB"] = 30;
        const auto volume = sent["volumes"].as_array()[0].as_object();
        sent["volumes"] = one_of_each_kind(volume);
        auto& container = sent["containerDefinitions"].as_array()[0].as_object();
        // What must fit together.
        container["memory"] = 512;
        container["essential"] = true;
        container["mountPoints"].as_array()[0].as_object()["sourceVolume"] = volume.at("name");
        container["volumesFrom"] =
            json::array{json::object{{"sourceContainer", "second"}, {"readOnly", true}}};
        container["links"] = json::array{"second:alias"};
        container["dependsOn"] =
            json::array{json::object{{"containerName", "second"}, {"condition", "HEALTHY"}}};
        container["portMappings"].as_array()[0].as_object().erase("containerPortRange");
        container["ulimits"].as_array()[0].as_object()["softLimit"] = 10;
        container["healthCheck"].as_object()["interval"] = 30;
        container["healthCheck"].as_object()["timeout"] = 3;
        container["healthCheck"].as_object()["retries"] = 3;
        if (container["logConfiguration"].as_object()["logDriver"] == "awslogs") {
            container["logConfiguration"].as_object()["options"] =
                json::object{{"awslogs-group", "g"}, {"awslogs-region", "r"}};
        }
        auto second = json::object{
            {"name", "second"},
            {"image", "x"},
            {"memory", 128},
            {"healthCheck", {{"command", json::array{"CMD", "x"}}}}
        };
        sent["containerDefinitions"].as_array().push_back(second);

        const auto registered = ask(register_task_definition, json::serialize(sent));
        ASSERT_TRUE(registered) << registered.error().message << json::serialize(sent);
        const auto described =
            ask(describe_task_definition, R"({"taskDefinition":"everything","include":["TAGS"]})");
        const auto response = shapes::to_json(*described).as_object();
        auto definition = sent;
        definition.erase("tags");
        // Tags become those of a resource: pairs of key and value and nothing else.
        sent["tags"].as_array()[0].as_object().erase("memberOfTomorrow");
        expect_kept(definition, response.at("taskDefinition"), "");
        expect_kept(sent["tags"], response.at("tags"), "tags");
        // As stored and read again it is the same.
        const auto record = state::View(database).list<RevisionRecord>().back();
        const auto again = decode<RevisionRecord>(encode(*record));
        ASSERT_TRUE(again);
        EXPECT_EQ(encode(*again), encode(*record));
    }
}

TEST_F(EcsTest, ArticleComesBackWithDefaultsOnly) {
    ASSERT_TRUE(ask(register_task_definition, kArticle));
    const auto response =
        shapes::to_json(*ask(describe_task_definition, R"({"taskDefinition":"test-nginx"})"));
    const auto& definition = response.as_object().at("taskDefinition").as_object();
    expect_kept(json::parse(json::string_view(kArticle)), definition, "");
    const auto& container = definition.at("containerDefinitions").as_array()[0].as_object();
    std::set<std::string> added;
    const auto sent = json::parse(json::string_view(kArticle)).as_object();
    for (const auto& [key, _] : container) {
        if (!sent.at("containerDefinitions").as_array()[0].as_object().contains(key))
            added.insert(std::string(key));
    }
    EXPECT_EQ(
        added, (std::set<std::string>{"cpu", "environment", "mountPoints", "systemControls", "volumesFrom"})
    );
    const auto& compatible = definition.at("compatibilities").as_array();
    EXPECT_NE(std::find(compatible.begin(), compatible.end(), json::value("FARGATE")), compatible.end());
}

}  // namespace
}  // namespace gantry::ecs::testing
