#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/instant.h"
#include "iam/role.h"

namespace gantry::iam {

// What a service calls the role that it makes for itself, and the policy attached to it.
struct LinkedService {
    std::string_view principal;  // "ecs.amazonaws.com"
    std::string_view role_name;  // "AWSServiceRoleForECS"
    std::string_view policy;     // name of an AWS-managed policy; may be empty
    std::string_view description;
};

// nullptr for a service that has no service-linked role.
const LinkedService* find_linked_service(std::string_view principal);

// {"Version":…,"Statement":[{Allow, Principal Service, sts:AssumeRole}]}
std::string service_trust_document(std::string_view principal);

// The role without its id and creation time.
RoleRecord build_linked_role(const LinkedService& service, const std::string& account);

}  // namespace gantry::iam
