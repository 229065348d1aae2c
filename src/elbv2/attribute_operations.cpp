// Attributes of balancers, target groups and listeners: describing and modifying.
#include "elbv2/attributes.h"
#include "elbv2/find.h"
#include "state/txn.h"

namespace gantry::elbv2 {

using namespace shapes::elbv2;
using state::Txn;

namespace {

template <class Attribute, class Record>
std::vector<Attribute> shown(const Record& record) {
    std::vector<Attribute> list;
    for (const auto& [key, value] : attributes_of(record)) {
        auto& attribute = list.emplace_back();
        attribute.key = key;
        attribute.value = value;
    }
    return list;
}

template <class Attribute>
Attributes given(const std::vector<Attribute>& attributes) {
    Attributes changes;
    for (const auto& attribute : attributes)
        changes[attribute.key.value_or("")] = attribute.value.value_or("");
    return changes;
}

// Changes the record, writes it and shows what it has then.
template <class Attribute, class Record>
Result<std::vector<Attribute>> modify(
    Txn& txn, const state::Pinned<Record>& known, const std::vector<Attribute>& attributes
) {
    Record record = *known;
    TRY_VOID(set_attributes(record, given(attributes)));
    auto list = shown<Attribute>(record);
    txn.put(std::move(record));
    return list;
}

}  // namespace

Result<DescribeLoadBalancerAttributesResponse> describe_load_balancer_attributes(
    Txn& txn, const DescribeLoadBalancerAttributesRequest& request, const Caller& caller
) {
    TRY(const auto balancer, find_balancer(txn, caller, request.load_balancer_arn));
    return DescribeLoadBalancerAttributesResponse{shown<LoadBalancerAttribute>(*balancer)};
}

Result<ModifyLoadBalancerAttributesResponse> modify_load_balancer_attributes(
    Txn& txn, const ModifyLoadBalancerAttributesRequest& request, const Caller& caller
) {
    TRY(const auto balancer, find_balancer(txn, caller, request.load_balancer_arn));
    for (const auto& attribute : request.attributes) {
        const std::string key = attribute.key.value_or("");
        if (key.ends_with("_logs.s3.enabled") && attribute.value == "true")
            return not_built(key.substr(0, key.find('.')) + " of load balancers");
    }
    TRY(auto list, modify(txn, balancer, request.attributes));
    return ModifyLoadBalancerAttributesResponse{std::move(list)};
}

Result<DescribeTargetGroupAttributesResponse> describe_target_group_attributes(
    Txn& txn, const DescribeTargetGroupAttributesRequest& request, const Caller& caller
) {
    TRY(const auto group, find_group(txn, caller, request.target_group_arn));
    return DescribeTargetGroupAttributesResponse{shown<TargetGroupAttribute>(*group)};
}

Result<ModifyTargetGroupAttributesResponse> modify_target_group_attributes(
    Txn& txn, const ModifyTargetGroupAttributesRequest& request, const Caller& caller
) {
    TRY(const auto group, find_group(txn, caller, request.target_group_arn));
    TRY(auto list, modify(txn, group, request.attributes));
    return ModifyTargetGroupAttributesResponse{std::move(list)};
}

Result<DescribeListenerAttributesResponse> describe_listener_attributes(
    Txn& txn, const DescribeListenerAttributesRequest& request, const Caller& caller
) {
    TRY(const auto listener, find_listener(txn, caller, request.listener_arn));
    return DescribeListenerAttributesResponse{shown<ListenerAttribute>(*listener)};
}

Result<ModifyListenerAttributesResponse> modify_listener_attributes(
    Txn& txn, const ModifyListenerAttributesRequest& request, const Caller& caller
) {
    TRY(const auto listener, find_listener(txn, caller, request.listener_arn));
    TRY(auto list, modify(txn, listener, request.attributes));
    return ModifyListenerAttributesResponse{std::move(list)};
}

}  // namespace gantry::elbv2
