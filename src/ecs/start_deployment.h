#pragma once

#include <optional>
#include <string>

#include "ecs/deployment.h"
#include "ecs/service.h"
#include "ecs/service_deployment.h"
#include "ecs/service_revision.h"
#include "state/txn.h"

namespace gantry::ecs {

// Makes `revision` (whose `id` and `created_at` it gives) the service's PRIMARY deployment: what was PRIMARY
// becomes ACTIVE, a service deployment that was under way ends as STOPPED, and a new one begins. Puts
// everything but the service, which is the caller's to put.
void start_deployment(state::Txn& txn, ServiceRecord& service, ServiceRevisionRecord revision);

// A fresh id of a service revision, and so of its deployment or task set: 19 digits, the first of them not 0.
std::string revision_id(Chance& chance);

// The newest; null only for a service that never deployed.
state::Pinned<ServiceDeploymentRecord> current_service_deployment(
    const state::View& view, const ServiceRecord& service
);

// Of those alarms, the ones that are in ALARM.
std::vector<std::string> alarms_in_alarm(
    const state::View& view, std::string_view scope, const shapes::ecs::DeploymentAlarms& alarms
);

// The service revision to go back to: the one that was deployed last with success, other than the PRIMARY,
// and that is still known; of a deployment that shifts traffic, the one that had it. Absent: there is none.
std::optional<std::string> rollback_target(const state::View& view, const ServiceRecord& service);

}  // namespace gantry::ecs
