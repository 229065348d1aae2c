#include <algorithm>

#include "ec2/listing.h"
#include "ec2/tagging.h"

namespace gantry::ec2 {

using namespace shapes::ec2;
using state::Txn;

namespace {

// Whether fn ran: on the tags of the resource if it is an R by its id, which must exist.
template <class R, class Fn>
Result<bool> change_tags_of(Txn& txn, const Caller& caller, const std::string& id, const Fn& fn) {
    if (!id.starts_with(kWords<R>.prefix)) return false;
    TRY(const auto record, find<R>(txn, caller, id));
    R changed = *record;
    TRY_VOID(fn(changed.tags));
    txn.put(std::move(changed));
    return true;
}

template <class Fn>
Result<> change_rule_tags(Txn& txn, const Caller& caller, const std::string& id, const Fn& fn) {
    const auto group = txn.find_one<SecurityGroupByRule>(key_of(caller.account, caller.region, id));
    if (!group) {
        return refuse(
            "InvalidSecurityGroupRuleId.NotFound", "The security group rule ID '" + id + "' does not exist"
        );
    }
    SecurityGroupRecord changed = *group;
    for (auto& rule : changed.rules) {
        if (rule.id == id) TRY_VOID(fn(rule.tags));
    }
    txn.put(std::move(changed));
    return {};
}

template <class Fn>
Result<> change_tags(Txn& txn, const Caller& caller, const std::string& id, const Fn& fn) {
    if (id.starts_with("sgr-")) return change_rule_tags(txn, caller, id, fn);
    bool done = false;
    const auto attempt = [&]<class R>(const R*) -> Result<> {
        if (done) return {};
        TRY(done, change_tags_of<R>(txn, caller, id, fn));
        return {};
    };
    TRY_VOID(attempt(static_cast<const VpcRecord*>(nullptr)));
    TRY_VOID(attempt(static_cast<const SubnetRecord*>(nullptr)));
    TRY_VOID(attempt(static_cast<const InternetGatewayRecord*>(nullptr)));
    TRY_VOID(attempt(static_cast<const RouteTableRecord*>(nullptr)));
    TRY_VOID(attempt(static_cast<const SecurityGroupRecord*>(nullptr)));
    TRY_VOID(attempt(static_cast<const NetworkAclRecord*>(nullptr)));
    TRY_VOID(attempt(static_cast<const EniRecord*>(nullptr)));
    if (!done) return refuse("InvalidID", "The ID '" + id + "' is not valid");
    return {};
}

FilterValues fields(const TagDescription& tag, const std::string& name) {
    if (name == "key") return Values{tag.key.value_or("")};
    if (name == "resource-id") return Values{tag.resource_id.value_or("")};
    if (name == "resource-type") return Values{tag.resource_type.value_or("")};
    if (name == "value") return Values{tag.value.value_or("")};
    return {};
}

void collect(std::vector<TagDescription>& list, const std::string& id, const char* type, const Tags& tags) {
    for (const auto& [key, value] : tags) {
        TagDescription tag;
        tag.key = key;
        tag.resource_id = id;
        tag.resource_type = type;
        tag.value = value;
        list.push_back(std::move(tag));
    }
}

template <class R>
void collect(std::vector<TagDescription>& list, const Txn& txn, const Caller& caller) {
    for (const auto& record : txn.list<R>(caller.scope()))
        collect(list, record->id, kWords<R>.type, record->tags);
}

std::string name_of(const TagDescription& tag) { return *tag.resource_id + "/" + *tag.key; }

}  // namespace

Result<CreateTagsResponse> create_tags(Txn& txn, const CreateTagsRequest& request, const Caller& caller) {
    if (request.tags.empty()) return refuse("MissingParameter", "The request must contain the parameter tag");
    for (const auto& id : request.resources)
        TRY_VOID(change_tags(txn, caller, id, [&](Tags& tags) { return add_tags(tags, request.tags); }));
    TRY_VOID(dry_run(request.dry_run));
    return CreateTagsResponse{};
}

Result<DeleteTagsResponse> delete_tags(Txn& txn, const DeleteTagsRequest& request, const Caller& caller) {
    const auto remove = [&](Tags& tags) -> Result<> {
        if (!request.tags || request.tags->empty()) {
            std::erase_if(tags, [](const auto& tag) { return !tag.first.starts_with("aws:"); });
            return {};
        }
        for (const auto& tag : *request.tags) {
            const std::string key = tag.key.value_or("");
            if (key.starts_with("aws:"))
                return invalid_value("Tag keys starting with 'aws:' are reserved for internal use");
            const auto found = tags.find(key);
            // A value narrows: the tag goes only if it has it.
            if (found != tags.end() && (!tag.value || *tag.value == found->second)) tags.erase(found);
        }
        return {};
    };
    for (const auto& id : request.resources) TRY_VOID(change_tags(txn, caller, id, remove));
    TRY_VOID(dry_run(request.dry_run));
    return DeleteTagsResponse{};
}

Result<DescribeTagsResponse> describe_tags(
    Txn& txn, const DescribeTagsRequest& request, const Caller& caller
) {
    TRY_VOID(dry_run(request.dry_run));
    std::vector<TagDescription> list;
    collect<VpcRecord>(list, txn, caller);
    collect<SubnetRecord>(list, txn, caller);
    collect<InternetGatewayRecord>(list, txn, caller);
    collect<RouteTableRecord>(list, txn, caller);
    collect<SecurityGroupRecord>(list, txn, caller);
    collect<NetworkAclRecord>(list, txn, caller);
    collect<EniRecord>(list, txn, caller);
    for (const auto& group : txn.list<SecurityGroupRecord>(caller.scope())) {
        for (const auto& rule : group->rules) collect(list, rule.id, "security-group-rule", rule.tags);
    }
    const auto matching = [&](const TagDescription& tag) {
        const Tags tags = {{tag.key.value_or(""), tag.value.value_or("")}};
        return matches_all(request.filters, tags, [&](const std::string& name) { return fields(tag, name); });
    };
    TRY_VOID(matching({}));
    std::erase_if(list, [&](const TagDescription& tag) { return !*matching(tag); });
    std::sort(list.begin(), list.end(), [](const auto& a, const auto& b) { return name_of(a) < name_of(b); });
    DescribeTagsResponse response;
    TRY(response.next_token, cut_page(list, request.next_token, request.max_results, name_of));
    response.tags = std::move(list);
    return response;
}

}  // namespace gantry::ec2
