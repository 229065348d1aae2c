#include "ecs/tables.h"

#include "ecs/account_setting.h"
#include "ecs/cluster.h"
#include "ecs/deployment.h"
#include "ecs/idempotency.h"
#include "ecs/presentation.h"
#include "ecs/service.h"
#include "ecs/service_deployment.h"
#include "ecs/service_event.h"
#include "ecs/service_revision.h"
#include "ecs/task_indexes.h"
#include "ecs/task_set.h"
#include "ecs/worker.h"

namespace gantry::ecs {

void declare_tables(state::Schema& schema) {
    schema.add_table<ClusterRecord>();
    schema.add_index<ClustersByStatus>();
    schema.add_index<ClustersDeleted>();
    schema.add_table<FamilyRecord>();
    schema.add_index<FamiliesByStatus>();
    schema.add_table<RevisionRecord>();
    schema.add_index<RevisionsByStatus>();
    schema.add_index<RevisionsDeleting>();
    schema.add_table<TaskRecord>();
    schema.add_index<TaskById>();
    schema.add_index<TasksByCluster>();
    schema.add_index<TasksByFilter>();
    schema.add_index<TasksCounted>();
    schema.add_index<TasksByService>();
    schema.add_index<TasksUncounted>();
    schema.add_index<TasksByDeployment>();
    schema.add_index<TasksByRevision>();
    schema.add_index<TasksStopped>();
    schema.add_index<TasksByWorker>();
    schema.add_index<TasksUnplaced>();
    schema.add_table<ServiceRecord>();
    schema.add_index<ServicesByCluster>();
    schema.add_index<ServicesInactive>();
    schema.add_table<ServiceRevisionRecord>();
    schema.add_table<DeploymentRecord>();
    schema.add_index<DeploymentsByDefinition>();
    schema.add_table<TaskSetRecord>();
    schema.add_index<TaskSetsByDefinition>();
    schema.add_table<ServiceDeploymentRecord>();
    schema.add_index<ServiceDeploymentsByService>();
    schema.add_index<ServiceDeploymentsWatching>();
    schema.add_table<ServiceEventRecord>();
    schema.add_table<ServiceRemainsRecord>();
    schema.add_table<PresentationRecord>();
    schema.add_table<AccountSettingRecord>();
    schema.add_table<TokenRecord>();
    schema.add_index<TokensByExpiry>();
    schema.add_table<WorkerRecord>();
    schema.add_index<WorkersByFreeMemory>();
    schema.add_index<WorkersConnected>();
}

}  // namespace gantry::ecs
