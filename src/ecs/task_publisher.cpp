#include "ecs/task_publisher.h"

#include "ecs/task_indexes.h"
#include "ecs/task_lifecycle.h"
#include "ecs/worker_spec.h"

namespace gantry::ecs {

namespace {

bool published(const TaskRecord& task) { return placed(task) && !task.stopped(); }

// Reports change tasks often and what is published of them never.
bool same_spec(const TaskRecord& a, const TaskRecord& b) {
    return published(a) == published(b) && a.worker == b.worker && may_be_signalled(a) == may_be_signalled(b) &&
           a.stop_code == b.stop_code && a.stopped_reason == b.stopped_reason && a.tags == b.tags &&
           a.interface == b.interface;
}

}  // namespace

void TaskPublisher::affected(const state::View& view, const state::Change& change, const KeySink& look_at)
    const {
    const auto* before = changed<TaskRecord>(view, change, change.before);
    const auto* after = changed<TaskRecord>(view, change, change.after);
    if (before == nullptr && after == nullptr) return;
    if (before != nullptr && after != nullptr && same_spec(*before, *after)) return;
    look_at(after != nullptr ? after->id : before->id);
}

void TaskPublisher::all(const state::View& view, const KeySink& look_at) const {
    for (const auto& task : view.list<TaskRecord>()) {
        if (published(*task)) look_at(task->id);
    }
}

std::optional<Published> TaskPublisher::build(const state::View& view, std::string_view key) const {
    const auto task = view.find_one<TaskById>(key);
    if (!task || !published(*task)) return std::nullopt;
    const auto revision = view.get<RevisionRecord>(task->revision_key());
    const auto subnet = subnet_of(view, *task);
    const auto service_revision = view.get<ServiceRevisionRecord>(task->service_revision);
    Published object;
    object.workers.push_back(task->worker);
    object.body = [task, revision, subnet, service_revision] {
        return encode(worker_spec(*task, *revision, subnet.get(), service_revision.get())).as_object();
    };
    return object;
}

}  // namespace gantry::ecs
