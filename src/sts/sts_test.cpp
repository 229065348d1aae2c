#include <gtest/gtest.h>

#include "dispatch/iam_handlers.h"
#include "dispatch/sts_handlers.h"
#include "iam/iam_client_test.h"
#include "sts/identity.h"
#include "sts/session_expiry.h"
#include "sts/task_credentials.h"

namespace gantry::sts {
namespace {

struct Client : iam::testing::Client {
    Client() : iam::testing::Client(&sts::declare) {}

    std::optional<Identity> who(const std::string& key) { return find_identity(view(), key); }
};

constexpr const char* kRole = "arn:aws:iam::123456789012:role/ecsTaskExecutionRole";

TEST(CallerIdentity, IsTheCaller) {
    Client client;
    const auto answer = client.ok(get_caller_identity, {});
    EXPECT_EQ(answer.account, "123456789012");
    EXPECT_EQ(answer.arn, "arn:aws:iam::123456789012:root");
    EXPECT_EQ(answer.user_id, "123456789012");
}

TEST(AssumeRole, GivesCredentialsThatStandForTheSession) {
    Client client;
    const auto answer = client.ok(assume_role, {.role_arn = kRole, .role_session_name = "me"});
    EXPECT_EQ(
        answer.assumed_role_user->arn, "arn:aws:sts::123456789012:assumed-role/ecsTaskExecutionRole/me"
    );
    const auto& credentials = *answer.credentials;
    EXPECT_EQ(credentials.access_key_id->substr(0, 4), "ASIA");
    EXPECT_EQ(credentials.expiration->ms, client.turn.real_now.ms + 3'600'000);
    const auto identity = client.who(*credentials.access_key_id);
    ASSERT_TRUE(identity);
    EXPECT_EQ(identity->arn, answer.assumed_role_user->arn);
    EXPECT_EQ(identity->user_id, answer.assumed_role_user->assumed_role_id);
    EXPECT_EQ(identity->secret, credentials.secret_access_key);
    const std::string token = *credentials.session_token;
    const RealInstant end{credentials.expiration->ms};
    EXPECT_EQ(judge(identity, token, client.turn.real_now), Authentication::accepted);
    EXPECT_EQ(judge(identity, "", client.turn.real_now), Authentication::wrong_token);
    EXPECT_EQ(judge(identity, token, end), Authentication::expired);
    EXPECT_EQ(judge(client.who("ASIANOBODY"), token, end), Authentication::unknown_key);
}

TEST(AssumeRole, RefusesWhatStsRefuses) {
    Client client;
    EXPECT_EQ(
        client.refused(
            assume_role, {.role_arn = "arn:aws:iam::123456789012:role/none", .role_session_name = "me"}
        ),
        "AccessDenied: User: arn:aws:iam::123456789012:root is not authorized to perform: sts:AssumeRole on "
        "resource: "
        "arn:aws:iam::123456789012:role/none"
    );
    EXPECT_EQ(
        client.refused(assume_role, {.role_arn = kRole, .role_session_name = "me", .duration_seconds = 7200}),
        "ValidationError: The requested DurationSeconds exceeds the MaxSessionDuration set for this role."
    );
    EXPECT_EQ(
        client.refused(assume_role, {.role_arn = kRole, .role_session_name = "me", .policy = "x"}),
        "MalformedPolicyDocument: Syntax errors in policy."
    );
    EXPECT_EQ(
        client.refused(assume_role, {.role_arn = "role/none", .role_session_name = "me"}),
        "ValidationError: role/none is invalid"
    );
}

TEST(Identity, OfUsersKeysAndOfDevelopment) {
    Client client;
    client.ok(iam::create_user, {.user_name = "ann"});
    const std::string key =
        *client.ok(iam::create_access_key, {.user_name = "ann"}).access_key->access_key_id;
    EXPECT_EQ(client.who(key)->arn, "arn:aws:iam::123456789012:user/ann");
    client.ok(iam::update_access_key, {.user_name = "ann", .access_key_id = key, .status = "Inactive"});
    EXPECT_EQ(judge(client.who(key), "", {0}), Authentication::inactive_key);
    EXPECT_EQ(development_identity("000000000007").arn, "arn:aws:iam::000000000007:root");
    EXPECT_EQ(development_identity("test").account, "123456789012");
    EXPECT_EQ(
        client.ok(get_access_key_info, {.access_key_id = "AKIAIOSFODNN7EXAMPLE"}).account, "123456789012"
    );
}

TEST(TaskCredentials, AreASessionNamedAfterTheTask) {
    Client client;
    const auto session = task_session(client.view(), client.turn, kRole, "0123abcd", "task-key");
    ASSERT_TRUE(session);
    EXPECT_EQ(session->arn, "arn:aws:sts::123456789012:assumed-role/ecsTaskExecutionRole/0123abcd");
    EXPECT_EQ(session->expires, client.turn.real_now + kTaskCredentialsLast);
    EXPECT_FALSE(task_session(client.view(), client.turn, "arn:aws:iam::123456789012:role/none", "t", "k"));
    EXPECT_FALSE(task_session(
        client.view(), client.turn, "arn:aws:iam::123456789012:role/x/ecsTaskExecutionRole", "t", "k"
    ));
}

TEST(SessionExpiry, RemovesWhatEndedAnHourAgo) {
    Client client;
    for (int i = 0; i < 60; ++i)
        client.ok(assume_role, {.role_arn = kRole, .role_session_name = "me", .duration_seconds = 900 + i});
    const SessionExpiry controller;
    const auto run = [&] {
        const auto plan = controller.reconcile(client.view(), "all", client.turn);
        client.write([&](state::Txn& txn) { txn.apply(plan); });
        return plan;
    };
    EXPECT_TRUE(run().actions().empty());
    EXPECT_EQ(run().real_again(), client.turn.real_now + Duration{900'000} + kExpiredKept);
    client.turn.real_now = client.turn.real_now + Duration{2 * 3'600'000};
    EXPECT_EQ(run().actions().size(), 50u);
    EXPECT_EQ(run().actions().size(), 10u);
    EXPECT_TRUE(run().actions().empty());
    EXPECT_FALSE(run().real_again());
}

}  // namespace
}  // namespace gantry::sts
