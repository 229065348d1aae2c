// Describing, deleting and moving load balancers.
#include <algorithm>

#include "ec2/address_pool.h"
#include "ec2/task_eni.h"
#include "elbv2/attributes.h"
#include "elbv2/balancer_network.h"
#include "elbv2/certificates.h"
#include "elbv2/find.h"
#include "elbv2/page.h"
#include "elbv2/show_balancer.h"
#include "elbv2/usage.h"

namespace gantry::elbv2 {

using namespace shapes::elbv2;
using state::Txn;

namespace {

tl::unexpected<Error> balancers_not_found(const std::string& name) {
    return refuse("LoadBalancerNotFound", "Load balancers '[" + name + "]' not found");
}

Result<std::vector<state::Pinned<LoadBalancerRecord>>> named(
    const Txn& txn, const DescribeLoadBalancersRequest& request, const Caller& caller
) {
    std::vector<state::Pinned<LoadBalancerRecord>> found;
    const bool by_arn = request.load_balancer_arns && !request.load_balancer_arns->empty();
    const bool by_name = request.names && !request.names->empty();
    if (by_arn && by_name)
        return invalid("Load balancer names and load balancer ARNs cannot be specified at the same time");
    if (by_arn) {
        for (const auto& arn : *request.load_balancer_arns) {
            TRY(auto balancer, look_for_balancer(txn, caller, arn));
            if (!balancer) return balancers_not_found(arn);
            found.push_back(std::move(balancer));
        }
    } else if (by_name) {
        for (const auto& name : *request.names) {
            auto balancer = txn.find_one<LoadBalancerByName>(key_of(caller.account, caller.region, name));
            if (!balancer) return balancers_not_found(name);
            found.push_back(std::move(balancer));
        }
    } else {
        found = txn.list<LoadBalancerRecord>(caller.scope());
    }
    return found;
}

}  // namespace

Result<DescribeLoadBalancersResponse> describe_load_balancers(
    Txn& txn, const DescribeLoadBalancersRequest& request, const Caller& caller
) {
    TRY(auto found, named(txn, request, caller));
    DescribeLoadBalancersResponse response;
    TRY(response.next_marker,
        cut_page(found, request.marker, request.page_size, [](const auto& balancer) { return balancer->id; }));
    response.load_balancers.emplace();
    for (const auto& balancer : found) response.load_balancers->push_back(show(*balancer));
    return response;
}

// Deleting what is gone succeeds, as on AWS.
Result<DeleteLoadBalancerResponse> delete_load_balancer(
    Txn& txn, const DeleteLoadBalancerRequest& request, const Caller& caller
) {
    TRY(const auto balancer, look_for_balancer(txn, caller, request.load_balancer_arn));
    if (!balancer) return DeleteLoadBalancerResponse{};
    if (attributes_of(*balancer).at("deletion_protection.enabled") == "true") {
        return refuse(
            "OperationNotPermitted", "Load balancer '" + balancer->arn() +
                                         "' cannot be deleted because deletion protection is enabled"
        );
    }
    const auto certificates = certificates_of(txn, *balancer);
    for (const auto& listener : listeners_of(txn, balancer->key())) txn.erase<ListenerRecord>(listener->key());
    claim_certificates(txn, *balancer, certificates);
    ec2::EniAllocator enis(txn);
    for (const auto& eni : txn.find<ec2::EniByOwner>(balancer->key())) enis.release(eni->key());
    enis.write(txn);
    ec2::AddressPool pool(txn);
    pool.free(*ec2::parse_ipv4(balancer->host_address));
    pool.write(txn);
    txn.erase<LoadBalancerRecord>(balancer->key());
    return DeleteLoadBalancerResponse{};
}

Result<SetSubnetsResponse> set_subnets(Txn& txn, const SetSubnetsRequest& request, const Caller& caller) {
    TRY(const auto known, find_balancer(txn, caller, request.load_balancer_arn));
    if (request.ip_address_type.value_or("ipv4") != "ipv4")
        return refuse("InvalidSubnet", "You must specify subnets with an associated IPv6 CIDR block");
    if (request.enable_prefix_for_ipv6_source_nat.value_or("off") != "off")
        return invalid_configuration("Prefixes for IPv6 source NAT need a dualstack load balancer");
    TRY(const auto subnets, choose_subnets(
                                txn, caller, known->type, known->scheme, request.subnets,
                                request.subnet_mappings
                            ));
    if (subnets.front().subnet->vpc != known->vpc) {
        return refuse(
            "InvalidSubnet", "The subnets must belong to the load balancer's VPC '" + known->vpc + "'"
        );
    }
    LoadBalancerRecord balancer = *known;
    TRY_VOID(place(txn, subnets, balancer));
    SetSubnetsResponse response;
    response.availability_zones = show_zones(balancer);
    response.ip_address_type = balancer.ip_address_type;
    if (balancer.network()) response.enable_prefix_for_ipv6_source_nat = "off";
    txn.put(std::move(balancer));
    return response;
}

Result<SetSecurityGroupsResponse> set_security_groups(
    Txn& txn, const SetSecurityGroupsRequest& request, const Caller& caller
) {
    TRY(const auto known, find_balancer(txn, caller, request.load_balancer_arn));
    if (known->network() && known->groups.empty()) {
        return invalid_configuration(
            "Security groups cannot be set on a network load balancer that was created without security groups"
        );
    }
    TRY(const auto groups, choose_groups(txn, caller, known->vpc, request.security_groups));
    if (groups.empty()) return invalid("At least one security group must be specified");
    LoadBalancerRecord balancer = *known;
    balancer.groups = groups;
    if (request.enforce_security_group_inbound_rules_on_private_link_traffic) {
        if (!balancer.network()) {
            return invalid_configuration(
                "Rules on PrivateLink traffic can be set on network load balancers only"
            );
        }
        balancer.enforce_groups_on_private_link =
            *request.enforce_security_group_inbound_rules_on_private_link_traffic;
    }
    apply_groups(txn, balancer);
    SetSecurityGroupsResponse response;
    response.security_group_ids = groups;
    if (balancer.network()) {
        response.enforce_security_group_inbound_rules_on_private_link_traffic =
            balancer.enforce_groups_on_private_link;
    }
    txn.put(std::move(balancer));
    return response;
}

Result<SetIpAddressTypeResponse> set_ip_address_type(
    Txn& txn, const SetIpAddressTypeRequest& request, const Caller& caller
) {
    TRY(const auto balancer, find_balancer(txn, caller, request.load_balancer_arn));
    if (request.ip_address_type != "ipv4")
        return refuse("InvalidSubnet", "You must specify subnets with an associated IPv6 CIDR block");
    return SetIpAddressTypeResponse{balancer->ip_address_type};
}

// No capacity is reserved; clients ask whenever they read a balancer.
Result<DescribeCapacityReservationResponse> describe_capacity_reservation(
    Txn& txn, const DescribeCapacityReservationRequest& request, const Caller& caller
) {
    TRY_VOID(find_balancer(txn, caller, request.load_balancer_arn));
    DescribeCapacityReservationResponse response;
    response.decrease_requests_remaining = 2;
    response.capacity_reservation_state.emplace();
    return response;
}

}  // namespace gantry::elbv2
