#include <functional>

#include "ecs/arn.h"
#include "ecs/cluster.h"
#include "ecs/service.h"
#include "ecs/task.h"
#include "ecs/task_definition.h"
#include "ecs/task_set.h"

namespace gantry::ecs {

using namespace shapes::ecs;
using state::Txn;

namespace {

constexpr const char* kInvalid = "InvalidParameterException";

// Reads the tags of the resource, or, with `edit`, changes them and puts the record.
using Edit = std::function<Result<void>(Tags&)>;

template <class R>
Result<Tags> visit(Txn& txn, const R& record, const Edit& edit) {
    if (!edit) return record.tags;
    R changed = record;
    TRY_VOID(edit(changed.tags));
    Tags after = changed.tags;
    txn.put(std::move(changed));
    return after;
}

Result<Tags> with_resource(Txn& txn, const std::string& text, const Caller& caller, const Edit& edit) {
    const auto arn = parse_arn(text);
    if (!arn) return refuse(kInvalid, "Invalid arn syntax");
    if (arn->account != caller.account || arn->region != caller.region)
        return refuse(kInvalid, "The specified resource is of another account or region.");
    const auto scope = caller.scope();
    const auto resource = std::string(arn->resource);
    const auto slash = resource.find('/');
    if (slash == std::string::npos) return refuse(kInvalid, "Invalid arn syntax");
    const std::string kind = resource.substr(0, slash);
    const std::string name = resource.substr(slash + 1);
    if (kind == "cluster") {
        const auto cluster = txn.get<ClusterRecord>(scope + name);
        if (!cluster) return refuse("ClusterNotFoundException", "Cluster not found.");
        if (!cluster->active())
            return refuse(
                kInvalid, "The specified cluster is inactive. Specify an active cluster and try again."
            );
        return visit(txn, *cluster, edit);
    }
    if (kind == "task-definition") {
        TRY(const auto parsed, parse_revision_name(text, caller));
        const auto revision = parsed.revision ? find_revision(txn, scope, parsed) : nullptr;
        if (!revision) {
            return refuse(
                "ClientException",
                "The specified task definition does not exist. Specify a valid account, family, revision and "
                "try again."
            );
        }
        if (edit && !revision->active())
            return refuse(
                kInvalid,
                "The specified task definition is inactive. Specify an active task definition and try again."
            );
        return visit(txn, *revision, edit);
    }
    if (kind == "task") {
        if (name.find('/') == std::string::npos)
            return refuse(kInvalid, "Long arn format must be used for tagging operations");
        const auto task = txn.get<TaskRecord>(scope + name);
        if (!task) return refuse(kInvalid, "The specified task does not exist.");
        if (task->stopped())
            return refuse(kInvalid, "The specified task is stopped. Specify a running task and try again.");
        return visit(txn, *task, edit);
    }
    if (kind == "service") {
        if (name.find('/') == std::string::npos)
            return refuse(kInvalid, "Long arn format must be used for tagging operations");
        const auto service = txn.get<ServiceRecord>(scope + name);
        if (!service) return refuse(kInvalid, "The specified service does not exist.");
        if (service->status == ServiceStatus::INACTIVE)
            return refuse(
                kInvalid, "The specified service is inactive. Specify an active service and try again."
            );
        return visit(txn, *service, edit);
    }
    if (kind == "task-set") {
        // CLUSTER/SERVICE/ecs-svc/DIGITS
        const auto end = name.find("/ecs-svc/");
        const auto service =
            end == std::string::npos ? nullptr : txn.get<ServiceRecord>(scope + name.substr(0, end));
        const auto set = service ? task_set_of(txn, *service, name.substr(end + 1)) : nullptr;
        if (!set) return refuse(kInvalid, "The specified task-set does not exist.");
        return visit(txn, *set, edit);
    }
    if (kind == "container-instance")
        return refuse(kInvalid, "The specified " + kind + " does not exist.");
    if (kind == "capacity-provider")
        return refuse(kInvalid, "The specified capacity provider cannot be tagged.");
    return refuse(kInvalid, "The type of resource '" + kind + "' cannot be tagged.");
}

}  // namespace

Result<TagResourceResponse> tag_resource(Txn& txn, const TagResourceRequest& request, const Caller& caller) {
    TRY(const auto tags, admit_tags(request.tags));
    const auto edit = [&](Tags& known) -> Result<void> {
        merge_tags(known, tags);
        if (too_many(known)) return refuse(kInvalid, "The maximum number of tags per resource is 50.");
        return {};
    };
    TRY_VOID(with_resource(txn, request.resource_arn, caller, edit));
    return TagResourceResponse();
}

Result<UntagResourceResponse> untag_resource(
    Txn& txn, const UntagResourceRequest& request, const Caller& caller
) {
    if (request.tag_keys.empty()) return refuse(kInvalid, "Tag keys can not be empty.");
    const auto edit = [&](Tags& known) -> Result<void> {
        drop_tags(known, request.tag_keys);
        return {};
    };
    TRY_VOID(with_resource(txn, request.resource_arn, caller, edit));
    return UntagResourceResponse();
}

Result<ListTagsForResourceResponse> list_tags_for_resource(
    Txn& txn, const ListTagsForResourceRequest& request, const Caller& caller
) {
    TRY(const auto tags, with_resource(txn, request.resource_arn, caller, nullptr));
    ListTagsForResourceResponse response;
    response.tags = tag_shapes(tags);
    return response;
}

}  // namespace gantry::ecs
