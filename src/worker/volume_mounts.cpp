#include "worker/volume_mounts.h"

#include <algorithm>

namespace gantry::worker {
namespace {

using Mounts = std::vector<port::Mount>;

std::string_view place(std::string_view path) {
    while (path.size() > 1 && path.back() == '/') path.remove_suffix(1);
    return path;
}

bool covers(const Mounts& mounts, std::string_view path) {
    return std::any_of(mounts.begin(), mounts.end(), [&](const auto& mount) {
        return place(mount.target) == place(path);
    });
}

const link::DesiredContainer* find(const link::DesiredTask& task, const std::string& name) {
    for (const auto& container : task.containers)
        if (container.name == name) return &container;
    return nullptr;
}

port::Mount volume_mount(const link::DesiredTask& task, const link::MountPoint& point) {
    port::Mount mount;
    mount.kind = port::Mount::Kind::volume;
    mount.source = point.source_volume;
    for (const auto& volume : task.volumes) {
        if (volume.name != point.source_volume || volume.host_path.empty()) continue;
        mount.kind = port::Mount::Kind::bind;
        mount.source = volume.host_path;
        mount.options = {"rbind"};
    }
    mount.target = point.container_path;
    mount.read_only = point.read_only;
    return mount;
}

bool others_take_from(const link::DesiredTask& task, const std::string& name) {
    return std::any_of(task.containers.begin(), task.containers.end(), [&](const auto& container) {
        return std::any_of(
            container.volumes_from.begin(), container.volumes_from.end(),
            [&](const auto& from) { return from.source_container == name; }
        );
    });
}

void add_image_volumes(const TaskFacts& facts, const std::string& name, Mounts& mounts) {
    const auto* seen = facts.find(name);
    if (seen == nullptr) return;
    for (std::size_t i = 0; i < seen->image_volumes.size(); ++i) {
        const std::string& path = seen->image_volumes[i];
        if (!path.starts_with('/') || place(path) == "/" || covers(mounts, path)) continue;
        mounts.push_back(
            {port::Mount::Kind::volume, "image-" + seen->id + "-" + std::to_string(i), path, false, {}}
        );
    }
}

// depth: admission refuses circles; a task of an older build might still have one.
Mounts mounts_of(
    const link::DesiredTask& task,
    const TaskFacts& facts,
    const link::DesiredContainer& container,
    std::size_t depth
) {
    Mounts own;
    for (const auto& point : container.mount_points) own.push_back(volume_mount(task, point));
    Mounts inherited;
    for (const auto& from : container.volumes_from) {
        const auto* source = find(task, from.source_container);
        if (source == nullptr || depth == task.containers.size()) continue;
        for (auto& mount : mounts_of(task, facts, *source, depth + 1)) {
            if (covers(own, mount.target)) continue;
            std::erase_if(inherited, [&](const auto& other) {
                return place(other.target) == place(mount.target);
            });
            mount.read_only = mount.read_only || from.read_only;
            inherited.push_back(std::move(mount));
        }
    }
    own.insert(own.end(), inherited.begin(), inherited.end());
    if (others_take_from(task, container.name)) add_image_volumes(facts, container.name, own);
    return own;
}

}  // namespace

std::vector<port::Mount> volume_mounts(
    const link::DesiredTask& task, const TaskFacts& facts, const link::DesiredContainer& container
) {
    return mounts_of(task, facts, container, 0);
}

}  // namespace gantry::worker
