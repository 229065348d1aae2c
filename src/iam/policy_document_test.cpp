#include "iam/policy_document.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <boost/json.hpp>

#include "iam/managed_policies.h"

namespace gantry::iam {
namespace {

std::string judge(std::string_view document, DocumentKind kind) {
    const auto result = check_policy_document(document, kind);
    if (result) return "good";
    EXPECT_EQ(result.error().code, "MalformedPolicyDocument");
    return result.error().message;
}

TEST(PolicyDocument, TrustTable) {
    struct Row {
        const char* document;
        const char* verdict;
    };
    for (const Row& row : std::initializer_list<Row>{
             {R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ecs-tasks.amazonaws.com"},"Action":"sts:AssumeRole"}]})",
              "good"},
             {R"({"Statement":{"Effect":"Allow","Principal":"*","Action":["sts:AssumeRole"]}})", "good"},
             {"{not json", "This policy contains invalid Json"},
             {"[]", "This policy contains invalid Json"},
             {"{}", "Missing required field Statement"},
             {R"({"Statement":[]})", "Could not parse the policy: Statement is empty!"},
             {R"({"Statement":[{"Principal":"*","Action":"sts:AssumeRole"}]})",
              "Missing required field Effect"},
             {R"({"Statement":[{"Effect":"Allow","Action":"sts:AssumeRole"}]})",
              "Missing required field Principal"},
             {R"({"Statement":[{"Effect":"Allow","Principal":"*"}]})", "Missing required field Action"},
             {R"({"Statement":[{"Effect":"Allow","Principal":"*","Action":"sts:AssumeRole","Resource":"*"}]})",
              "Has prohibited field Resource"},
             {R"({"Statement":[{"Effect":"Perhaps","Principal":"*","Action":"sts:AssumeRole"}]})",
              "Invalid effect: \"Perhaps\""},
             {R"({"Statment":[]})", "Unknown field Statment"},
         })
        EXPECT_EQ(judge(row.document, DocumentKind::trust), row.verdict) << row.document;
}

TEST(PolicyDocument, IdentityTable) {
    struct Row {
        const char* document;
        const char* verdict;
    };
    for (const Row& row : std::initializer_list<Row>{
             {R"({"Version":"2012-10-17","Statement":[{"Sid":"a","Effect":"Allow","Action":"*","Resource":"*"}]})",
              "good"},
             {R"({"Version":"2012-10-17","Statement":{"Effect":"Deny","NotAction":["iam:*"],"NotResource":["*"]}})",
              "good"},
             {"", "Syntax errors in policy."},
             {R"({"Statement":{"Effect":"Allow","Action":"*","Resource":"*"}})",
              "Policy document must be version 2012-10-17 or greater."},
             {R"({"Version":"2012-10-17","Statement":{"Effect":"Allow","Resource":"*"}})",
              "Policy statement must contain actions."},
             {R"({"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:Get*"}})",
              "Policy statement must contain resources."},
             {R"({"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"GetObject","Resource":"*"}})",
              "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc."},
             {R"({"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*","Principal":"*"}})",
              "Policy document should not specify a principal."},
             {R"({"Version":"2013-01-01","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}})",
              "The policy must contain a valid version string"},
         })
        EXPECT_EQ(judge(row.document, DocumentKind::identity), row.verdict) << row.document;
}

TEST(PolicyDocument, IsEncodedAsIamDoes) {
    EXPECT_EQ(url_encoded("{\"a\": [\"*\"]}~-_."), "%7B%22a%22%3A%20%5B%22%2A%22%5D%7D~-_.");
}

TEST(ManagedPolicies, AreSortedFoundAndGood) {
    const auto all = managed_policies();
    EXPECT_TRUE(std::is_sorted(all.begin(), all.end(), [](const auto& a, const auto& b) {
        return a.name < b.name;
    }));
    for (const auto& policy : all) {
        EXPECT_EQ(find_managed_policy(policy.arn()), &policy) << policy.name;
        EXPECT_EQ(judge(policy.document(), DocumentKind::identity), "good") << policy.name;
    }
    for (const char* arn :
         {"arn:aws:iam::aws:policy/AWSCodeDeployRoleForECS",
          "arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy",
          "arn:aws:iam::aws:policy/service-role/AmazonEC2ContainerServiceEventsRole"})
        EXPECT_NE(find_managed_policy(arn), nullptr) << arn;
    EXPECT_EQ(find_managed_policy("arn:aws:iam::aws:policy/AmazonECSTaskExecutionRolePolicy"), nullptr);
}

}  // namespace
}  // namespace gantry::iam
