#include "ecs/cluster.h"
#include "ecs/paging.h"
#include "ecs/service.h"
#include "ecs/service_revision.h"

namespace gantry::ecs {

using namespace shapes::ecs;
using state::Txn;

namespace {

// ECS's page, unless the request says otherwise.
constexpr std::size_t kPage = 10;

bool matches(const state::View& view, const ServiceRecord& service, const ListServicesRequest& request) {
    if (request.scheduling_strategy && *request.scheduling_strategy != service.scheduling_strategy)
        return false;
    // Express services, which ECS manages itself, are not built.
    if (request.resource_management_type && *request.resource_management_type != "CUSTOMER") return false;
    if (!request.launch_type) return true;
    const auto revision =
        view.get<ServiceRevisionRecord>(ServiceRevisionRecord::key(service.parts(), service.primary));
    // A capacity provider's tasks run on Fargate too.
    // A service of no task set yet is shown as EC2, as on AWS.
    if (!revision && service.primary.empty()) return *request.launch_type == "EC2";
    return revision &&
           (revision->launch_type.empty() ? "FARGATE" : revision->launch_type) == *request.launch_type;
}

}  // namespace

// ACTIVE services only, as on AWS, by name. A bounded number is looked at in a call: a page may then be
// short, and its token says where to go on.
Result<ListServicesResponse> list_services(
    Txn& txn, const ListServicesRequest& request, const Caller& caller
) {
    TRY(const auto cluster, find_cluster(txn, request.cluster, caller));
    const auto scope = caller.scope();
    TRY(auto start, admit_page(request.next_token, request.max_results, scope));
    if (!request.max_results) start.limit = kPage;
    ListServicesResponse response;
    auto& arns = response.service_arns.emplace();
    constexpr std::size_t kWalkedMax = 1'000;
    std::size_t walked = 0;
    std::string after = start.after;
    while (true) {
        const auto page = txn.page_of<ServicesByCluster>(
            ServicesByCluster::key(scope, cluster->name, ServiceStatus::ACTIVE), after,
            start.limit - arns.size()
        );
        for (const auto& service : page.records) {
            if (matches(txn, *service, request)) arns.push_back(service->arn());
        }
        walked += page.records.size();
        if (!page.next_after) return response;
        after = *page.next_after;
        if (arns.size() == start.limit || walked >= kWalkedMax) {
            response.next_token = next_token(after, scope);
            return response;
        }
    }
}

// Service Connect is not built, so there is no namespace that a service could be in.
Result<ListServicesByNamespaceResponse> list_services_by_namespace(
    Txn&, const ListServicesByNamespaceRequest& request, const Caller&
) {
    if (request.namespace_.empty())
        return refuse("InvalidParameterException", "Namespace cannot be empty.");
    return refuse("NamespaceNotFoundException", "The specified namespace was not found.");
}

}  // namespace gantry::ecs
