#pragma once

#include <string>
#include <string_view>

#include "ecs/service.h"
#include "operation/caller.h"
#include "state/view.h"

namespace gantry::ecs {

// The name of the service in words of a request: a name or an ARN. An ARN of another account, region or
// cluster gives a name that no service has; InvalidParameterException for what is neither.
Result<std::string> service_name(
    std::string_view given, const std::string& cluster, const Caller& caller
);

// ServiceNotFoundException when there is none; one that is INACTIVE is found.
Result<state::Pinned<ServiceRecord>> find_service(
    const state::View& view, std::string_view given, const std::string& cluster, const Caller& caller
);

// "service-deployment/CLUSTER/SERVICE/ID" or "service-revision/…": the record that the ARN is of, and the
// id.
struct ServicePartName {
    state::Pinned<ServiceRecord> service;
    std::string id;
};
// A null service: there is none of this name. InvalidParameterException when the text is no such ARN.
Result<ServicePartName> service_part(
    const state::View& view, const std::string& arn, std::string_view kind, const Caller& caller
);

}  // namespace gantry::ecs
