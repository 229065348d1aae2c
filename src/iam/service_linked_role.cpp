#include "iam/service_linked_role.h"

#include <algorithm>
#include <array>
#include <boost/json.hpp>

#include "iam/managed_policies.h"

namespace gantry::iam {
namespace {

constexpr std::array kServices = {
    LinkedService{
        "ecs.amazonaws.com", "AWSServiceRoleForECS", "AmazonECSServiceRolePolicy",
        "Role to enable Amazon ECS to manage your cluster."
    },
    LinkedService{
        "ecs.application-autoscaling.amazonaws.com", "AWSServiceRoleForApplicationAutoScaling_ECSService",
        "AWSApplicationAutoscalingECSServicePolicy", ""
    },
    LinkedService{
        "elasticloadbalancing.amazonaws.com", "AWSServiceRoleForElasticLoadBalancing",
        "AWSElasticLoadBalancingServiceRolePolicy", "Allows ELB to call AWS services on your behalf."
    },
    LinkedService{"autoscaling.amazonaws.com", "AWSServiceRoleForAutoScaling", "", ""},
    LinkedService{"spot.amazonaws.com", "AWSServiceRoleForEC2Spot", "", ""},
    LinkedService{"events.amazonaws.com", "AWSServiceRoleForCloudWatchEvents", "", ""},
    LinkedService{"rds.amazonaws.com", "AWSServiceRoleForRDS", "", ""},
};

}  // namespace

const LinkedService* find_linked_service(std::string_view principal) {
    const auto found = std::find_if(kServices.begin(), kServices.end(), [&](const LinkedService& service) {
        return service.principal == principal;
    });
    return found == kServices.end() ? nullptr : &*found;
}

std::string service_trust_document(std::string_view principal) {
    boost::json::object statement{
        {"Effect", "Allow"},
        {"Principal", boost::json::object{{"Service", principal}}},
        {"Action", "sts:AssumeRole"}
    };
    return boost::json::serialize(boost::json::object{
        {"Version", "2012-10-17"}, {"Statement", boost::json::array{std::move(statement)}}
    });
}

RoleRecord build_linked_role(const LinkedService& service, const std::string& account) {
    RoleRecord role;
    role.account = account;
    role.name = service.role_name;
    role.path = "/aws-service-role/" + std::string(service.principal) + "/";
    role.trust_document = service_trust_document(service.principal);
    if (!service.description.empty()) role.description = service.description;
    role.linked_service = service.principal;
    if (!service.policy.empty())
        role.attached_policies.push_back(arn_of("aws", "policy", "/aws-service-role/", service.policy));
    return role;
}

}  // namespace gantry::iam
