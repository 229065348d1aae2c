#include "iam/role.h"

#include <gtest/gtest.h>

#include "dispatch/iam_handlers.h"
#include "iam/iam_client_test.h"
#include "iam/policy_document.h"

namespace gantry::iam {
namespace {

using namespace shapes::iam;
using testing::Client;

constexpr const char* kTrust =
    R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ecs-tasks.amazonaws.com"},"Action":"sts:AssumeRole"}]})";
constexpr const char* kAllow =
    R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"logs:*","Resource":"*"}]})";
constexpr const char* kExecution = "arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy";

void make_role(Client& client, const std::string& name) {
    client.ok(create_role, {.role_name = name, .assume_role_policy_document = kTrust});
}

TEST(Seed, HasTheRolesThatEcsUsersExpect) {
    Client client;
    EXPECT_EQ(
        client.ok(get_role, {.role_name = "AWSServiceRoleForApplicationAutoScaling_ECSService"}).role->arn,
        "arn:aws:iam::123456789012:role/aws-service-role/ecs.application-autoscaling.amazonaws.com/"
        "AWSServiceRoleForApplicationAutoScaling_ECSService"
    );
    client.ok(get_role, {.role_name = "AWSServiceRoleForECS"});
    client.ok(get_role, {.role_name = "AWSServiceRoleForElasticLoadBalancing"});
    const auto attached =
        *client.ok(list_attached_role_policies, {.role_name = "ecsTaskExecutionRole"}).attached_policies;
    ASSERT_EQ(attached.size(), 1u);
    EXPECT_EQ(attached[0].policy_arn, kExecution);
    EXPECT_EQ(attached[0].policy_name, "AmazonECSTaskExecutionRolePolicy");
}

TEST(Seed, WhatWasDeletedStaysDeleted) {
    Client client;
    client.ok(detach_role_policy, {.role_name = "ecsTaskExecutionRole", .policy_arn = kExecution});
    client.ok(delete_role, {.role_name = "ecsTaskExecutionRole"});
    client.write([&](state::Txn& txn) { seed(txn, client.caller); });
    EXPECT_EQ(
        client.refused(get_role, {.role_name = "ecsTaskExecutionRole"}),
        "NoSuchEntity: The role with name ecsTaskExecutionRole cannot be found."
    );
}

// The calls that terraform makes for aws_iam_role, an inline policy and an attachment, in its order.
TEST(Role, TerraformsLifeOfARole) {
    Client client;
    EXPECT_EQ(
        client.refused(get_role, {.role_name = "task"}),
        "NoSuchEntity: The role with name task cannot be found."
    );
    client.ok(
        create_role, {.role_name = "task",
                      .assume_role_policy_document = kTrust,
                      .max_session_duration = 3600,
                      .tags = {{Tag{"a", "b"}}}}
    );
    const auto role = *client.ok(get_role, {.role_name = "task"}).role;
    EXPECT_EQ(role.assume_role_policy_document, url_encoded(kTrust));
    EXPECT_EQ(role.max_session_duration, 3600);
    EXPECT_EQ(role.path, "/");
    EXPECT_EQ(role.tags->at(0).value, "b");
    EXPECT_EQ(role.role_id->substr(0, 4), "AROA");
    EXPECT_EQ(role.role_id->size(), 21u);
    client.ok(put_role_policy, {.role_name = "task", .policy_name = "logs", .policy_document = kAllow});
    client.ok(attach_role_policy, {.role_name = "task", .policy_arn = kExecution});
    EXPECT_EQ(
        *client.ok(list_role_policies, {.role_name = "task"}).policy_names, (std::vector<std::string>{"logs"})
    );
    EXPECT_EQ(
        client.ok(get_role_policy, {.role_name = "task", .policy_name = "logs"}).policy_document,
        url_encoded(kAllow)
    );
    EXPECT_TRUE(client.ok(list_instance_profiles_for_role, {.role_name = "task"}).instance_profiles->empty());
    EXPECT_EQ(
        client.refused(delete_role, {.role_name = "task"}),
        "DeleteConflict: Cannot delete entity, must detach all policies first."
    );
    client.ok(detach_role_policy, {.role_name = "task", .policy_arn = kExecution});
    EXPECT_EQ(
        client.refused(delete_role, {.role_name = "task"}),
        "DeleteConflict: Cannot delete entity, must delete policies first."
    );
    client.ok(delete_role_policy, {.role_name = "task", .policy_name = "logs"});
    client.ok(delete_role, {.role_name = "task"});
}

TEST(Role, RefusesWhatIamRefuses) {
    Client client;
    make_role(client, "task");
    EXPECT_EQ(
        client.refused(create_role, {.role_name = "TASK", .assume_role_policy_document = kTrust}),
        "EntityAlreadyExists: Role with name TASK already exists."
    );
    EXPECT_EQ(
        client.refused(create_role, {.role_name = "x", .assume_role_policy_document = "{"}),
        "MalformedPolicyDocument: This policy contains invalid Json"
    );
    EXPECT_EQ(
        client.refused(tag_role, {.role_name = "task", .tags = {Tag{"Team", "a"}, Tag{"team", "b"}}}),
        "InvalidInput: Duplicate tag keys found. Please note that Tag keys are case insensitive."
    );
    // White space does not count.
    const std::string long_trust = std::string(3'000, ' ') + kTrust;
    client.ok(create_role, {.role_name = "spaced", .assume_role_policy_document = long_trust});
    const std::string too_long = std::string(R"({"Id":")") + std::string(2'048, 'x') + "\"," + (kTrust + 1);
    EXPECT_EQ(
        client.refused(create_role, {.role_name = "x", .assume_role_policy_document = too_long}),
        "LimitExceeded: Cannot exceed quota for ACLSizePerRole: 2048"
    );
    EXPECT_EQ(
        client.refused(
            attach_role_policy, {.role_name = "task", .policy_arn = "arn:aws:iam::aws:policy/None"}
        ),
        "NoSuchEntity: Policy arn:aws:iam::aws:policy/None does not exist or is not attachable."
    );
    EXPECT_EQ(
        client.refused(detach_role_policy, {.role_name = "task", .policy_arn = kExecution}),
        std::string("NoSuchEntity: Policy ") + kExecution + " was not found."
    );
    EXPECT_EQ(
        client.refused(get_role_policy, {.role_name = "task", .policy_name = "p"}),
        "NoSuchEntity: The role policy with name p cannot be found."
    );
    EXPECT_EQ(
        client.refused(delete_role, {.role_name = "AWSServiceRoleForECS"}),
        "UnmodifiableEntity: Cannot perform the operation on the protected role 'AWSServiceRoleForECS' - "
        "this role is "
        "only modifiable by AWS"
    );
}

TEST(Role, IsListedInPages) {
    Client client;
    for (int i = 0; i < 12; ++i) make_role(client, "role-" + std::to_string(100 + i));
    std::vector<std::string> names;
    std::optional<std::string> marker;
    do {
        const auto page = client.ok(list_roles, {.marker = marker, .max_items = 5});
        for (const auto& role : *page.roles) names.push_back(*role.role_name);
        marker = page.marker;
        EXPECT_EQ(page.is_truncated, marker.has_value());
    } while (marker);
    EXPECT_EQ(names.size(), 16u);
    EXPECT_EQ(client.ok(list_roles, {.path_prefix = "/aws-service-role/"}).roles->size(), 3u);
}

TEST(Role, TagsAndUpdates) {
    Client client;
    make_role(client, "task");
    client.ok(tag_role, {.role_name = "task", .tags = {Tag{"a", "1"}, Tag{"b", "2"}}});
    client.ok(untag_role, {.role_name = "task", .tag_keys = {"a"}});
    EXPECT_EQ(client.ok(list_role_tags, {.role_name = "task"}).tags->size(), 1u);
    client.ok(update_role, {.role_name = "task", .description = "d", .max_session_duration = 7200});
    EXPECT_EQ(client.ok(get_role, {.role_name = "task"}).role->max_session_duration, 7200);
    client.ok(
        update_assume_role_policy,
        {.role_name = "task",
         .policy_document = R"({"Statement":{"Effect":"Allow","Principal":"*","Action":"sts:AssumeRole"}})"}
    );
}

TEST(LinkedRole, ComesAndGoes) {
    Client client;
    EXPECT_EQ(
        client.refused(create_service_linked_role, {.aws_service_name = "ecs.amazonaws.com"}),
        "InvalidInput: Service role name AWSServiceRoleForECS has been taken in this account, please try a "
        "different "
        "suffix."
    );
    const auto task =
        client.ok(delete_service_linked_role, {.role_name = "AWSServiceRoleForECS"}).deletion_task_id;
    EXPECT_EQ(
        client.ok(get_service_linked_role_deletion_status, {.deletion_task_id = *task}).status, "SUCCEEDED"
    );
    EXPECT_EQ(
        client.ok(create_service_linked_role, {.aws_service_name = "ecs.amazonaws.com"}).role->path,
        "/aws-service-role/ecs.amazonaws.com/"
    );
}

TEST(Policy, LivesWithItsVersions) {
    Client client;
    const auto made = *client.ok(create_policy, {.policy_name = "p", .policy_document = kAllow}).policy;
    EXPECT_EQ(made.arn, "arn:aws:iam::123456789012:policy/p");
    const std::string arn = *made.arn;
    EXPECT_EQ(
        client.refused(create_policy, {.policy_name = "P", .policy_document = kAllow}),
        "EntityAlreadyExists: A policy called P already exists. Duplicate names are not allowed."
    );
    EXPECT_EQ(
        client.ok(get_policy_version, {.policy_arn = arn, .version_id = "v1"}).policy_version->document,
        url_encoded(kAllow)
    );
    client.ok(create_policy_version, {.policy_arn = arn, .policy_document = kAllow, .set_as_default = true});
    EXPECT_EQ(client.ok(get_policy, {.policy_arn = arn}).policy->default_version_id, "v2");
    EXPECT_EQ(
        client.refused(delete_policy_version, {.policy_arn = arn, .version_id = "v2"}),
        "DeleteConflict: Cannot delete the default version of a policy."
    );
    make_role(client, "task");
    client.ok(attach_role_policy, {.role_name = "task", .policy_arn = arn});
    EXPECT_EQ(client.ok(get_policy, {.policy_arn = arn}).policy->attachment_count, 1);
    EXPECT_EQ(
        client.refused(delete_policy, {.policy_arn = arn}),
        "DeleteConflict: Cannot delete a policy attached to entities."
    );
    client.ok(detach_role_policy, {.role_name = "task", .policy_arn = arn});
    client.ok(delete_policy_version, {.policy_arn = arn, .version_id = "v1"});
    for (int i = 0; i < 4; ++i)
        client.ok(create_policy_version, {.policy_arn = arn, .policy_document = kAllow});
    EXPECT_EQ(
        client.call(create_policy_version, {.policy_arn = arn, .policy_document = kAllow}).error().code,
        "LimitExceeded"
    );
    EXPECT_EQ(client.ok(list_policy_versions, {.policy_arn = arn}).versions->front().version_id, "v6");
    EXPECT_EQ(client.call(delete_policy, {.policy_arn = arn}).error().code, "DeleteConflict");
    EXPECT_EQ(
        client.refused(get_policy, {.policy_arn = arn + "x"}),
        "NoSuchEntity: Policy " + arn + "x was not found."
    );
    EXPECT_EQ(client.ok(list_policies, {.scope = "Local"}).policies->size(), 1u);
    EXPECT_EQ(client.ok(list_policies, {.scope = "AWS", .only_attached = true}).policies->size(), 4u);
}

TEST(User, HasTwoKeysAtMost) {
    Client client;
    client.ok(create_user, {.user_name = "ann"});
    const auto key = *client.ok(create_access_key, {.user_name = "ann"}).access_key;
    EXPECT_EQ(key.access_key_id->size(), 20u);
    EXPECT_EQ(key.secret_access_key->size(), 40u);
    client.ok(create_access_key, {.user_name = "ann"});
    EXPECT_EQ(
        client.refused(create_access_key, {.user_name = "ann"}),
        "LimitExceeded: Cannot exceed quota for AccessKeysPerUser: 2"
    );
    client.ok(
        update_access_key, {.user_name = "ann", .access_key_id = *key.access_key_id, .status = "Inactive"}
    );
    EXPECT_EQ(client.ok(list_access_keys, {.user_name = "ann"}).access_key_metadata->size(), 2u);
    EXPECT_EQ(
        client.refused(delete_user, {.user_name = "ann"}),
        "DeleteConflict: Cannot delete entity, must delete access keys first."
    );
    const auto keys = *client.ok(list_access_keys, {.user_name = "ann"}).access_key_metadata;
    for (const auto& metadata : keys)
        client.ok(delete_access_key, {.user_name = "ann", .access_key_id = *metadata.access_key_id});
    client.ok(delete_user, {.user_name = "ann"});
    EXPECT_EQ(
        client.refused(get_user, {.user_name = "ann"}),
        "NoSuchEntity: The user with name ann cannot be found."
    );
    EXPECT_EQ(client.ok(get_user, {}).user->arn, "arn:aws:iam::123456789012:root");
}

}  // namespace
}  // namespace gantry::iam
