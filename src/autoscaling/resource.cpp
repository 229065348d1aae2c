#include "autoscaling/resource.h"

namespace gantry::autoscaling {

tl::unexpected<Error> invalid(std::string message) {
    return refuse("ValidationException", std::move(message));
}

Result<Resource> admit_resource(
    const std::string& service_namespace, const std::string& resource_id, const std::string& dimension
) {
    if (!dimension.starts_with(service_namespace + ":"))
        return invalid("Unsupported service namespace, resource type or scalable dimension");
    if (service_namespace != kNamespace || dimension != kDimension) {
        return invalid(
            "Gantry does not scale " + dimension + " yet, only the service namespace " + kNamespace +
            " with the scalable dimension " + kDimension + "."
        );
    }
    Resource resource;
    resource.id = resource_id;
    constexpr std::string_view prefix = "service/";
    const auto slash = resource_id.find('/', prefix.size());
    if (!resource_id.starts_with(prefix) || slash == std::string::npos)
        return invalid("Unsupported service namespace, resource type or scalable dimension");
    resource.cluster = resource_id.substr(prefix.size(), slash - prefix.size());
    resource.service = resource_id.substr(slash + 1);
    if (!ecs::is_name(resource.cluster) || !ecs::is_name(resource.service))
        return invalid("Unsupported service namespace, resource type or scalable dimension");
    return resource;
}

state::Pinned<ecs::ServiceRecord> find_service(
    const state::View& view, const std::string& scope, const Resource& resource
) {
    auto service =
        view.get<ecs::ServiceRecord>(ecs::ServiceRecord::key(scope, resource.cluster, resource.service));
    return service && service->status == ecs::ServiceStatus::ACTIVE ? service : nullptr;
}

std::string named(const Resource& resource) {
    return std::string("service namespace: ") + kNamespace + ", resource ID: " + resource.id +
           ", scalable dimension: " + kDimension;
}

}  // namespace gantry::autoscaling
