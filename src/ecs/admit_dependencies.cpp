#include <functional>
#include <map>
#include <set>

#include "ecs/admit_task_definition.h"
#include "ecs/scope.h"

namespace gantry::ecs {

using namespace shapes::ecs;

namespace {

constexpr const char* kClient = "ClientException";

// Ten containers at most, so recursion is shallow.
bool has_cycle(const std::vector<std::vector<std::size_t>>& edges) {
    std::vector<int> mark(edges.size(), 0);  // 0 new, 1 on the path, 2 done
    const std::function<bool(std::size_t)> visit = [&](std::size_t at) {
        if (mark[at] != 0) return mark[at] == 1;
        mark[at] = 1;
        for (const auto next : edges[at]) {
            if (visit(next)) return true;
        }
        mark[at] = 2;
        return false;
    };
    for (std::size_t at = 0; at < edges.size(); ++at) {
        if (visit(at)) return true;
    }
    return false;
}

}  // namespace

Result<void> admit_dependencies(const TaskDefinition& definition) {
    const auto& containers = *definition.container_definitions;
    std::map<std::string, std::size_t> position;
    for (std::size_t i = 0; i < containers.size(); ++i) position[*containers[i].name] = i;
    std::vector<std::vector<std::size_t>> waits(containers.size());
    std::vector<std::vector<std::size_t>> volumes(containers.size());
    std::vector<std::vector<std::size_t>> links(containers.size());
    for (std::size_t i = 0; i < containers.size(); ++i) {
        if (containers[i].depends_on) {
            for (const auto& dependency : *containers[i].depends_on) {
                const auto found = position.find(dependency.container_name);
                if (found == position.end()) {
                    return refuse(
                        kClient, "Cannot depend on container + '" + dependency.container_name +
                                     "' because it does not exist"
                    );
                }
                const auto& other = containers[found->second];
                const bool ends = dependency.condition == "SUCCESS" || dependency.condition == "COMPLETE";
                if (ends && other.essential.value_or(true)) {
                    return refuse(
                        kClient,
                        "A dependency container with SUCCESS or COMPLETE condition cannot be an essential "
                        "container"
                    );
                }
                if (dependency.condition == "HEALTHY" && !other.health_check) {
                    return refuse(
                        kClient,
                        "A dependency container with HEALTHY condition must have health check configured"
                    );
                }
                waits[i].push_back(found->second);
            }
        }
        // One whose volumes are taken is created before, so these are dependencies too.
        for (const auto& from : *containers[i].volumes_from) {
            if (const auto found = position.find(from.source_container.value_or("")); found != position.end())
                volumes[i].push_back(found->second);
        }
        if (containers[i].links) {
            for (const auto& link : *containers[i].links) {
                const auto name = link.substr(0, link.find(':'));
                const auto found = position.find(name);
                if (found == position.end())
                    return refuse(
                        kClient, "Cannot link to container '" + name + "' because it does not exist"
                    );
                links[i].push_back(found->second);
            }
        }
    }
    if (has_cycle(waits)) return refuse(kClient, "Container dependsOn contains a cycle");
    for (std::size_t i = 0; i < containers.size(); ++i)
        volumes[i].insert(volumes[i].end(), waits[i].begin(), waits[i].end());
    if (has_cycle(volumes)) return refuse(kClient, "Container volumesFrom contains a cycle");
    if (has_cycle(links)) return refuse(kClient, "Container links should not have a cycle");
    return {};
}

Result<void> admit_volumes(const TaskDefinition& definition) {
    std::set<std::string> volumes;
    for (const auto& volume : *definition.volumes) {
        const std::string name = volume.name.value_or("");
        if (name.empty()) return refuse(kClient, "volume.name should not be null or empty.");
        if (!is_name(name)) return refuse(kClient, "volume.name contains invalid characters.");
        if (!volumes.insert(name).second)
            return refuse(kClient, "Volume names must be unique within a Task Definition.");
        const int kinds = volume.host.has_value() + volume.docker_volume_configuration.has_value() +
                          volume.efs_volume_configuration.has_value() +
                          volume.s3files_volume_configuration.has_value() +
                          volume.fsx_windows_file_server_volume_configuration.has_value();
        if (kinds > 1) {
            return refuse(
                kClient,
                "When the volume parameter is specified, only one volume configuration type should be used."
            );
        }
    }
    std::set<std::string> names;
    for (const auto& container : *definition.container_definitions) names.insert(*container.name);
    for (const auto& container : *definition.container_definitions) {
        std::set<std::string> paths;
        for (const auto& mount : *container.mount_points) {
            const std::string volume = mount.source_volume.value_or("");
            if (!volumes.contains(volume)) return refuse(kClient, "Unknown volume '" + volume + "'.");
            const std::string path = mount.container_path.value_or("");
            if (path.empty()) return refuse(kClient, "MountPoint.containerPath should not be null or empty.");
            if (!paths.insert(path).second) return refuse(kClient, "Duplicate mount point: " + path);
        }
        for (const auto& from : *container.volumes_from) {
            const std::string source = from.source_container.value_or("");
            if (!names.contains(source) || source == *container.name)
                return refuse(
                    kClient, "Cannot mount volumes from container '" + source + "' because it does not exist"
                );
        }
    }
    return {};
}

}  // namespace gantry::ecs
