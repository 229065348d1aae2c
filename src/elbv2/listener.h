#pragma once

#include <boost/describe.hpp>
#include <string>
#include <vector>

#include "elbv2/scope.h"
#include "shapes/elbv2/shapes.h"
#include "shapes/record_codec.h"
#include "state/schema.h"

namespace gantry::elbv2 {

// A rule of an application balancer's listener. Actions and conditions are kept as the client gave them,
// completed with AWS's defaults.
struct Rule {
    std::string id;
    int priority = 0;
    std::vector<shapes::elbv2::RuleCondition> conditions;
    std::vector<shapes::elbv2::Action> actions;
    Tags tags;
};
BOOST_DESCRIBE_STRUCT(Rule, (), (id, priority, conditions, actions, tags))

// A listener with its rules: at most a hundred, so that a listener stays one record and a change of several
// priorities is one write.
struct ListenerRecord {
    static constexpr state::TableInfo kTable{"elbv2.listener", 1};

    std::string account;
    std::string region;
    std::string balancer;       // its id
    std::string balancer_path;  // "net/NAME/ID": makes the ARNs
    std::string id;
    std::string protocol;  // "TCP", "UDP", "TCP_UDP"; "HTTP", "HTTPS"
    int port = 0;
    std::vector<shapes::elbv2::Action> actions;  // the default ones
    std::vector<Rule> rules;                     // by priority
    std::string default_rule;                    // the default rule's id
    // ARNs; the first is the default certificate.
    std::vector<std::string> certificates;
    std::string ssl_policy;
    Attributes attributes;  // those that somebody set
    Tags tags;
    Tags default_rule_tags;

    static std::string key(
        std::string_view account, std::string_view region, std::string_view balancer, std::string_view id
    ) {
        return key_of(account, region, balancer) + "/" + std::string(id);
    }
    std::string key() const { return key(account, region, balancer, id); }
    std::string balancer_key() const { return key_of(account, region, balancer); }
    std::string arn() const;
    std::string rule_arn(std::string_view rule) const;
    bool secure() const { return protocol == "HTTPS" || protocol == "TLS"; }
};
BOOST_DESCRIBE_STRUCT(
    ListenerRecord,
    (),
    (account,
     region,
     balancer,
     balancer_path,
     id,
     protocol,
     port,
     actions,
     rules,
     default_rule,
     certificates,
     ssl_policy,
     attributes,
     tags,
     default_rule_tags)
)

// The record keys of the target groups that these actions forward to, each once.
std::vector<std::string> groups_of(const std::vector<shapes::elbv2::Action>& actions);
// Of the default actions and of all rules.
std::vector<std::string> groups_of(const ListenerRecord& listener);

// By the record keys of the target groups that it forwards to.
struct ListenersByGroup {
    using Record = ListenerRecord;
    static void keys(const ListenerRecord& listener, std::vector<std::string>& out) {
        for (auto& group : groups_of(listener)) out.push_back(std::move(group));
    }
};

// By the ARNs of its certificates.
struct ListenersByCertificate {
    using Record = ListenerRecord;
    static void keys(const ListenerRecord& listener, std::vector<std::string>& out) {
        for (const auto& arn : listener.certificates) out.push_back(arn);
    }
};

}  // namespace gantry::elbv2
