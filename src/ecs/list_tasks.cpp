#include <algorithm>

#include "ecs/cluster.h"
#include "ecs/paging.h"
#include "ecs/service_name.h"
#include "ecs/task_indexes.h"
#include "operation/later.h"
#include "shapes/json.h"

namespace gantry::ecs {

using namespace shapes::ecs;
using state::Txn;

namespace {

// Looked at in one call, however few of them match.
constexpr std::size_t kWalkedMax = 2'000;

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

struct Wanted {
    std::string cluster;
    std::string desired;
    std::vector<Filter> filters;
    PageStart start;
    bool none = false;  // whatever there is
};

Result<Wanted> admit(const state::View& view, const ListTasksRequest& request, const Caller& caller) {
    TRY(const auto cluster, find_cluster(view, request.cluster, caller));
    Wanted wanted;
    TRY(wanted.start, admit_page(request.next_token, request.max_results, caller.scope()));
    const auto some = [](const std::optional<std::string>& text) { return text && !text->empty(); };
    if (some(request.started_by) && (some(request.family) || some(request.service_name) ||
                                     some(request.container_instance) || some(request.launch_type))) {
        return refuse(
            "InvalidParameterException",
            "When you specify startedBy as the filter, it must be the only filter that you use."
        );
    }
    wanted.cluster = cluster->name;
    wanted.desired = request.desired_status.value_or("RUNNING");
    // There are no container instances and no daemons, and nothing desires PENDING.
    wanted.none = some(request.container_instance) || some(request.daemon_name) || wanted.desired == "PENDING";
    if (wanted.none) return wanted;
    auto& filters = wanted.filters;
    if (some(request.started_by)) filters.push_back({"startedBy", *request.started_by});
    if (some(request.service_name)) {
        TRY(const auto service, find_service(view, *request.service_name, cluster->name, caller));
        filters.push_back({"service", service->name});
    }
    if (some(request.family)) filters.push_back({"family", *request.family});
    if (some(request.launch_type)) filters.push_back({"launchType", *request.launch_type});
    return wanted;
}

// Calls take(record key) for what the index has under that key, until it says no. The records themselves stay
// unread: a task's id stands in its key.
template <class Index, class Take>
void walk(const state::View& view, const std::string& index_key, const std::string& after, const Take& take) {
    const auto& entries = view.database().entries(view.schema().index_of<Index>());
    auto entry = after.empty() ? entries.lower_bound({index_key, {}}) : entries.upper_bound({index_key, after});
    for (; entry != entries.end() && entry->first == index_key; ++entry)
        if (!take(entry->second)) return;
}

// Calls emit(id) for each task of a page and gives the token of the next. The index of the narrowest filter is walked
// and the others are applied to what it has, a bounded number of tasks a call: a page may then be short.
template <class Emit>
std::optional<std::string> list(
    const state::View& view, const Wanted& wanted, const std::string& scope, const Emit& emit
) {
    const auto& filters = wanted.filters;
    const bool indexed = !filters.empty() && filters.front().value != "FARGATE";
    const std::size_t prefix = TaskRecord::key(scope, wanted.cluster, "").size();
    std::size_t found = 0;
    std::size_t walked = 0;
    const std::string* last = nullptr;
    std::optional<std::string> next_after;
    const auto take = [&](const std::string& key) {
        if (found == wanted.start.limit || walked == kWalkedMax) {
            next_after = *last;
            return false;
        }
        ++walked;
        last = &key;
        if (filters.size() > (indexed ? 1u : 0u)) {
            const auto task = view.get<TaskRecord>(key);
            for (const auto& filter : filters)
                if (!matches(*task, filter)) return true;
        }
        emit(std::string_view(key).substr(prefix));
        ++found;
        return true;
    };
    if (indexed) {
        const auto& first = filters.front();
        const auto key = TasksByFilter::key(scope, wanted.cluster, first.kind, first.value, wanted.desired);
        walk<TasksByFilter>(view, key, wanted.start.after, take);
    } else {
        const auto key = TasksByCluster::key(scope, wanted.cluster, wanted.desired);
        walk<TasksByCluster>(view, key, wanted.start.after, take);
    }
    return next_token(next_after, scope);
}

}  // namespace

Result<ListTasksResponse> list_tasks(Txn& txn, const ListTasksRequest& request, const Caller& caller) {
    TRY(const auto wanted, admit(txn, request, caller));
    ListTasksResponse response;
    auto& arns = response.task_arns.emplace();
    if (wanted.none) return response;
    const auto scope = caller.scope();
    const std::string prefix = task_arn(scope, wanted.cluster, "");
    response.next_token = list(txn, wanted, scope, [&](std::string_view id) {
        arns.emplace_back().append(prefix).append(id);
    });
    return response;
}

// The same answer as text at once: a hundred ARNs that differ in their ids are dearer to make, escape and free than to
// find.
Result<Later> list_tasks_later(Txn& txn, const ListTasksRequest& request, const Caller& caller) {
    TRY(const auto wanted, admit(txn, request, caller));
    if (wanted.none)
        return Later([](std::string& out, TextCache&) { out += R"({"taskArns":[]})"; });
    const auto scope = caller.scope();
    std::string prefix;
    shapes::append_json_string(prefix, task_arn(scope, wanted.cluster, ""));
    prefix.back() = ',';  // instead of the closing quote; turned round: ,"arn:…/
    std::rotate(prefix.begin(), prefix.end() - 1, prefix.end());
    constexpr std::string_view kStart = R"({"taskArns":[)";
    std::string text(kStart);
    constexpr std::size_t kIdAndQuote = 33;
    text.reserve(64 + wanted.start.limit * (prefix.size() + kIdAndQuote));
    // Ids are hexadecimal: nothing to escape.
    const auto token = list(txn, wanted, scope, [&](std::string_view id) { text.append(prefix).append(id) += '"'; });
    if (text.size() > kStart.size()) text.erase(kStart.size(), 1);
    text += ']';
    if (token) text.append(R"(,"nextToken":")").append(*token) += '"';
    text += '}';
    return Later([text = std::move(text)](std::string& out, TextCache&) mutable {
        if (out.empty()) {
            out = std::move(text);
        } else {
            out += text;
        }
    });
}

}  // namespace gantry::ecs
