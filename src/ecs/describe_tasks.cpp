#include <algorithm>

#include "ecs/cluster.h"
#include "ecs/failure.h"
#include "ecs/task_name.h"
#include "ecs/task_shape.h"
#include "operation/later.h"
#include "shapes/json.h"

namespace gantry::ecs {

using namespace shapes::ecs;
using state::Txn;

namespace {

struct Wanted {
    bool with_tags = false;
    std::vector<state::Pinned<TaskRecord>> tasks;
    std::vector<Failure> failures;
};

Result<Wanted> find_tasks(const state::View& view, const DescribeTasksRequest& request, const Caller& caller) {
    TRY(const auto cluster, find_cluster(view, request.cluster, caller));
    if (request.tasks.empty()) return refuse("InvalidParameterException", "Tasks cannot be empty.");
    if (request.tasks.size() > 100)
        return refuse("InvalidParameterException", "You can specify up to 100 tasks.");
    const auto& include = request.include;
    Wanted wanted;
    wanted.with_tags = include && std::find(include->begin(), include->end(), "TAGS") != include->end();
    wanted.tasks.reserve(request.tasks.size());
    const auto scope = caller.scope();
    std::string key = TaskRecord::key(scope, cluster->name, "");
    const auto prefix = key.size();
    for (const auto& text : request.tasks) {
        TRY(const auto id, task_id(text, cluster->name, caller));
        key.replace(prefix, std::string::npos, id);
        if (auto task = view.get<TaskRecord>(key)) {
            wanted.tasks.push_back(std::move(task));
        } else {
            wanted.failures.push_back(
                failure(text.starts_with("arn:") ? text : task_arn(scope, cluster->name, id), "MISSING")
            );
        }
    }
    return wanted;
}

}  // namespace

Result<DescribeTasksResponse> describe_tasks(
    Txn& txn, const DescribeTasksRequest& request, const Caller& caller
) {
    TRY(auto wanted, find_tasks(txn, request, caller));
    DescribeTasksResponse response;
    auto& tasks = response.tasks.emplace();
    tasks.reserve(wanted.tasks.size());
    for (const auto& task : wanted.tasks) tasks.push_back(task_shape(txn, *task, wanted.with_tags));
    response.failures = std::move(wanted.failures);
    return response;
}

// Whoever waits for tasks asks for the same ones again and again, and few have changed. A task's definition stays as
// long as the task does, so its record and whether tags were asked for say all.
Result<Later> describe_tasks_later(Txn& txn, const DescribeTasksRequest& request, const Caller& caller) {
    TRY(auto found, find_tasks(txn, request, caller));
    std::vector<state::Pinned<RevisionRecord>> revisions;
    revisions.reserve(found.tasks.size());
    const TaskRecord* before = nullptr;
    for (const auto& task : found.tasks) {
        const bool same = before != nullptr && before->revision == task->revision && before->family == task->family;
        revisions.push_back(same ? revisions.back() : txn.get<RevisionRecord>(task->revision_key()));
        before = task.get();
    }
    return Later([wanted = std::move(found), revisions = std::move(revisions)](std::string& out, TextCache& texts) {
        out += "{\"tasks\":[";
        for (std::size_t i = 0; i < wanted.tasks.size(); ++i) {
            if (i != 0) out += ',';
            const auto& task = wanted.tasks[i];
            texts.append(out, task, wanted.with_tags, [&](std::string& to) {
                const auto shape = task_shape(*task, revisions[i].get(), wanted.with_tags);
                shapes::append_json(to, &shape, shapes::shape_of<Task>());
            });
            // The others will hardly be smaller or larger.
            if (i == 0) out.reserve(out.size() * (wanted.tasks.size() + 1));
        }
        out += ']';
        DescribeTasksResponse rest;
        rest.failures = wanted.failures;
        out += ',';
        out += shapes::to_json_text(rest).substr(1);
    });
}

}  // namespace gantry::ecs
