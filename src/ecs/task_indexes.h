#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "ecs/task.h"

// How tasks are found. Every list filter has one of these, so that no operation walks over tasks that it does
// not answer.
namespace gantry::ecs {

inline std::string_view desired_text(const TaskRecord& task) {
    return task.stopping() ? "STOPPED" : "RUNNING";
}

// By id alone, as workers name them.
struct TaskById {
    using Record = TaskRecord;
    static void keys(const TaskRecord& task, std::vector<std::string>& out) { out.push_back(task.id); }
};

// By cluster and desired status; ListTasks without other filters.
struct TasksByCluster {
    using Record = TaskRecord;
    static std::string key(std::string_view scope, std::string_view cluster, std::string_view desired) {
        return std::string(scope) + std::string(cluster) + "/" + std::string(desired);
    }
    static void keys(const TaskRecord& task, std::vector<std::string>& out) {
        out.push_back(key(task.scope, task.cluster, desired_text(task)));
    }
};

// By cluster, the kind of filter ("family", "service", "startedBy", "launchType"), its value and desired
// status. Launch type FARGATE is left out: nearly every task has it, so TasksByCluster serves.
struct TasksByFilter {
    using Record = TaskRecord;
    static std::string key(
        std::string_view scope,
        std::string_view cluster,
        std::string_view filter,
        std::string_view value,
        std::string_view desired
    ) {
        std::string text(scope);
        text.append(cluster).append("/").append(filter).append("=").append(value).append("/").append(desired);
        return text;
    }
    static void keys(const TaskRecord& task, std::vector<std::string>& out) {
        const auto add = [&](std::string_view filter, std::string_view value) {
            if (!value.empty())
                out.push_back(key(task.scope, task.cluster, filter, value, desired_text(task)));
        };
        add("family", task.family);
        add("service", task.service());
        add("startedBy", task.started_by);
        if (task.launch_type != "FARGATE") add("launchType", task.launch_type);
    }
};

// What DescribeClusters counts: "…/running" has lastStatus RUNNING, "…/pending" is on its way there.
struct TasksCounted {
    using Record = TaskRecord;
    static constexpr bool kCounted = true;
    static std::string key(std::string_view scope, std::string_view cluster, std::string_view what) {
        return std::string(scope) + std::string(cluster) + "/" + std::string(what);
    }
    static void keys(const TaskRecord& task, std::vector<std::string>& out) {
        if (task.stopped()) return;
        out.push_back(key(task.scope, task.cluster, "unstopped"));
        if (!task.capacity_provider.empty())
            out.push_back(key(task.scope, task.cluster, "provider=" + task.capacity_provider));
        if (task.last_status == link::TaskStatus::RUNNING) {
            out.push_back(key(task.scope, task.cluster, "running"));
        } else if (task.last_status < link::TaskStatus::RUNNING && !task.stopping()) {
            out.push_back(key(task.scope, task.cluster, "pending"));
        }
    }
};

// A service's tasks that are not STOPPED, by the service's record key.
struct TasksByService {
    using Record = TaskRecord;
    static void keys(const TaskRecord& task, std::vector<std::string>& out) {
        if (!task.stopped() && !task.service_revision.empty())
            out.push_back(task.service_key());
    }
};

// A service's tasks that are to stop and of which its scheduler does not know yet, by the service's record key.
struct TasksUncounted {
    using Record = TaskRecord;
    static void keys(const TaskRecord& task, std::vector<std::string>& out) {
        if (task.stopping() && !task.counted && !task.service_revision.empty())
            out.push_back(task.service_key());
    }
};

// What DescribeServices counts, by the record key of the service revision (which is its deployment's too):
// "…/running", "…/pending" as in TasksCounted, "…/unstopped".
struct TasksByDeployment {
    using Record = TaskRecord;
    static constexpr bool kCounted = true;
    static std::string key(std::string_view revision, std::string_view what) {
        return std::string(revision) + "/" + std::string(what);
    }
    static void keys(const TaskRecord& task, std::vector<std::string>& out) {
        if (task.stopped() || task.service_revision.empty()) return;
        out.push_back(key(task.service_revision, "unstopped"));
        if (task.last_status == link::TaskStatus::RUNNING) {
            out.push_back(key(task.service_revision, "running"));
        } else if (task.last_status < link::TaskStatus::RUNNING && !task.stopping()) {
            out.push_back(key(task.service_revision, "pending"));
        }
    }
};

// By their revision's record key; stopped ones too, which show what their definition says.
struct TasksByRevision {
    using Record = TaskRecord;
    static constexpr bool kCounted = true;
    static void keys(const TaskRecord& task, std::vector<std::string>& out) {
        out.push_back(task.revision_key());
    }
};

// Stopped tasks in the order in which they stopped, for their removal.
struct TasksStopped {
    using Record = TaskRecord;
    static void keys(const TaskRecord& task, std::vector<std::string>& out) {
        if (task.stopped() && task.stopped_at) out.push_back(padded(task.stopped_at->ms, 15));
    }
};

// Tasks that are not STOPPED, by the worker that has them. What a worker shall hold is exactly this.
struct TasksByWorker {
    using Record = TaskRecord;
    static void keys(const TaskRecord& task, std::vector<std::string>& out) {
        if (!task.stopped() && !task.worker.empty()) out.push_back(task.worker);
    }
};

// Tasks that no worker has yet.
struct TasksUnplaced {
    using Record = TaskRecord;
    static void keys(const TaskRecord& task, std::vector<std::string>& out) {
        if (!task.stopped() && task.worker.empty()) out.push_back("unplaced");
    }
};

}  // namespace gantry::ecs
