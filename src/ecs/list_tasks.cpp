#include "ecs/cluster.h"
#include "ecs/paging.h"
#include "ecs/service_name.h"
#include "ecs/task_indexes.h"

namespace gantry::ecs {

using namespace shapes::ecs;
using state::Txn;

namespace {

struct Filter {
    const char* kind;
    std::string value;
};

bool matches(const TaskRecord& task, const Filter& filter) {
    const std::string_view kind = filter.kind;
    if (kind == "family") return task.family == filter.value;
    if (kind == "service") return task.service() == filter.value;
    if (kind == "startedBy") return task.started_by == filter.value;
    // A task of a capacity provider runs on Fargate too.
    return (task.launch_type.empty() ? "FARGATE" : task.launch_type) == filter.value;
}

}  // namespace

// The index of the narrowest filter is walked and the others are applied to what it has, a bounded number of
// tasks a call: a page may then be short, and its token says where to go on.
Result<ListTasksResponse> list_tasks(Txn& txn, const ListTasksRequest& request, const Caller& caller) {
    TRY(const auto cluster, find_cluster(txn, request.cluster, caller));
    const auto scope = caller.scope();
    TRY(const auto start, admit_page(request.next_token, request.max_results, scope));
    const auto some = [](const std::optional<std::string>& text) { return text && !text->empty(); };
    if (some(request.started_by) && (some(request.family) || some(request.service_name) ||
                                     some(request.container_instance) || some(request.launch_type))) {
        return refuse(
            "InvalidParameterException",
            "When you specify startedBy as the filter, it must be the only filter that you use."
        );
    }
    ListTasksResponse response;
    auto& arns = response.task_arns.emplace();
    const std::string desired = request.desired_status.value_or("RUNNING");
    // There are no container instances and no daemons, and nothing desires PENDING.
    if (some(request.container_instance) || some(request.daemon_name) || desired == "PENDING")
        return response;

    std::vector<Filter> filters;
    if (some(request.started_by)) filters.push_back({"startedBy", *request.started_by});
    if (some(request.service_name)) {
        TRY(const auto service, find_service(txn, *request.service_name, cluster->name, caller));
        filters.push_back({"service", service->name});
    }
    if (some(request.family)) filters.push_back({"family", *request.family});
    if (some(request.launch_type)) filters.push_back({"launchType", *request.launch_type});

    constexpr std::size_t kWalkedMax = 2'000;
    std::size_t walked = 0;
    std::string after = start.after;
    const std::string prefix = task_arn(scope, cluster->name, "");
    const bool indexed = !filters.empty() && filters.front().value != "FARGATE";
    while (true) {
        const std::size_t limit = start.limit - arns.size();
        const auto page =
            indexed ? txn.page_of<TasksByFilter>(
                          TasksByFilter::key(
                              scope, cluster->name, filters.front().kind, filters.front().value, desired
                          ),
                          after, limit
                      )
                    : txn.page_of<TasksByCluster>(
                          TasksByCluster::key(scope, cluster->name, desired), after, limit
                      );
        arns.reserve(arns.size() + page.records.size());
        for (const auto& task : page.records) {
            bool all = true;
            for (const auto& filter : filters) all = all && matches(*task, filter);
            if (all) arns.emplace_back().append(prefix).append(task->id);
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

}  // namespace gantry::ecs
