#include "elbv2/judgement.h"

#include <gtest/gtest.h>

namespace gantry::elbv2 {
namespace {

using link::ObservedTarget;
using link::ProbeOutcome;
using enum TargetHealth;

struct Judged {
    const char* protocol;
    TargetHealth before;
    ObservedTarget seen;
    TargetHealth after;
};

TEST(Judgement, FollowsTheThresholds) {
    const ObservedTarget nothing;
    const auto passed = [](int streak) { return ObservedTarget{ProbeOutcome::success, streak}; };
    const auto failed = [](int streak) { return ObservedTarget{ProbeOutcome::refused, streak}; };
    const Judged table[] = {
        {"TCP", initial, nothing, initial},
        {"TCP", healthy, nothing, healthy},  // a worker that started anew has not probed yet
        {"TCP", initial, passed(1), initial},
        {"TCP", initial, passed(4), initial},
        {"TCP", initial, passed(5), healthy},
        {"HTTP", initial, passed(1), healthy},  // the first success is enough
        {"HTTP", unhealthy, passed(4), unhealthy},
        {"HTTP", unhealthy, passed(5), healthy},
        {"TCP", initial, failed(1), initial},
        {"TCP", initial, failed(2), unhealthy},
        {"HTTP", healthy, failed(1), healthy},
        {"HTTP", healthy, failed(2), unhealthy},
        {"HTTP", draining, passed(5), draining},
        {"TCP", draining, failed(5), draining},
    };
    for (const auto& row : table) {
        TargetGroupRecord group;
        group.protocol = row.protocol;
        group.health_check.healthy_threshold = 5;
        group.health_check.unhealthy_threshold = 2;
        TargetRecord target;
        target.health = row.before;
        target.observed = row.seen;
        EXPECT_EQ(judge(group, target), row.after) << row.protocol << " " << row.seen.streak;
    }
}

TEST(Judgement, WordsAreAws) {
    struct Worded {
        const char* protocol;
        TargetHealth health;
        ObservedTarget seen;
        bool used;
        HealthWords words;
    };
    const ObservedTarget nothing;
    const ObservedTarget failing{ProbeOutcome::refused, 2};
    const Worded table[] = {
        {"HTTP", initial, nothing, true,
         {"initial", "Elb.RegistrationInProgress", "Target registration is in progress"}},
        {"HTTP", initial, {ProbeOutcome::refused, 1}, true,
         {"initial", "Elb.InitialHealthChecking", "Initial health checks in progress"}},
        {"HTTP", healthy, {ProbeOutcome::success, 1}, true, {"healthy", "", ""}},
        {"HTTP", unhealthy, {ProbeOutcome::wrong_response, 2, 404}, true,
         {"unhealthy", "Target.ResponseCodeMismatch", "Health checks failed with these codes: [404]"}},
        {"HTTP", unhealthy, {ProbeOutcome::wrong_response, 2, 0}, true,
         {"unhealthy", "Target.FailedHealthChecks", "Health checks failed"}},
        {"HTTP", unhealthy, {ProbeOutcome::timeout, 2}, true,
         {"unhealthy", "Target.Timeout", "Request timed out"}},
        {"TCP", unhealthy, {ProbeOutcome::timeout, 2}, true,
         {"unhealthy", "Target.FailedHealthChecks", "Health checks failed"}},
        {"TCP", unhealthy, failing, true, {"unhealthy", "Target.FailedHealthChecks", "Health checks failed"}},
        {"TCP", draining, failing, true,
         {"draining", "Target.DeregistrationInProgress", "Target deregistration is in progress"}},
        {"TCP", healthy, nothing, false,
         {"unused", "Target.NotInUse",
          "Target group is not configured to receive traffic from the load balancer"}},
    };
    for (const auto& row : table) {
        TargetGroupRecord group;
        group.protocol = row.protocol;
        TargetRecord target;
        target.health = row.health;
        target.observed = row.seen;
        const auto words = describe(group, target, row.used);
        EXPECT_EQ(words, row.words) << words.state << " " << words.reason << " " << words.description;
    }
}

}  // namespace
}  // namespace gantry::elbv2
