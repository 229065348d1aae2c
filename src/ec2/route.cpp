#include <algorithm>

#include "ec2/limits.h"
#include "ec2/resource.h"
#include "ec2/tagging.h"

namespace gantry::ec2 {

using namespace shapes::ec2;
using state::Txn;

namespace {

// A route's destination in normal form: IPv4 or IPv6.
struct Destination {
    std::string cidr;
    std::string ipv6_cidr;

    const std::string& text() const { return cidr.empty() ? ipv6_cidr : cidr; }
    bool is_of(const Route& route) const { return route.cidr == cidr && route.ipv6_cidr == ipv6_cidr; }
};

Result<Destination> read_destination(
    const std::optional<std::string>& cidr,
    const std::optional<std::string>& ipv6_cidr,
    const std::optional<std::string>& prefix_list
) {
    if (prefix_list) return not_built("A route to a prefix list");
    if (cidr.has_value() == ipv6_cidr.has_value()) {
        return refuse(
            "MissingParameter",
            "The request must contain exactly one of destinationCidrBlock, destinationIpv6CidrBlock, "
            "destinationPrefixListId"
        );
    }
    if (cidr) {
        const auto block = parse_cidr(*cidr);
        if (!block) {
            return invalid_value(
                "Value (" + *cidr +
                ") for parameter destinationCidrBlock is invalid. This is not a valid CIDR block."
            );
        }
        return Destination{format(normalised(*block)), {}};
    }
    const auto block = normalise_ipv6_cidr(*ipv6_cidr);
    if (!block) {
        return invalid_value(
            "Value (" + *ipv6_cidr +
            ") for parameter destinationIpv6CidrBlock is invalid. This is not a valid CIDR block."
        );
    }
    return Destination{{}, *block};
}

// Where the route leads. Gateways of other kinds than the internet gateway do not exist here.
template <class Request>
Result<std::string> read_target(
    const Txn& txn, const Caller& caller, const RouteTableRecord& table, const Request& request
) {
    if (request.nat_gateway_id) {
        return refuse(
            "InvalidNatGatewayID.NotFound", "NatGateway " + *request.nat_gateway_id + " was not found"
        );
    }
    if (request.instance_id) {
        return refuse(
            "InvalidInstanceID.NotFound", "The instance ID '" + *request.instance_id + "' does not exist"
        );
    }
    if (request.vpc_peering_connection_id) {
        return refuse(
            "InvalidVpcPeeringConnectionID.NotFound",
            "The vpcPeeringConnection ID '" + *request.vpc_peering_connection_id + "' does not exist"
        );
    }
    if (request.transit_gateway_id) {
        return refuse(
            "InvalidTransitGatewayID.NotFound",
            "Transit Gateway " + *request.transit_gateway_id + " was deleted or does not exist."
        );
    }
    if (request.network_interface_id) return not_built("A route to a network interface");
    if (request.egress_only_internet_gateway_id) return not_built("An egress-only internet gateway");
    if (request.vpc_endpoint_id) return not_built("A route to a VPC endpoint");
    if (!request.gateway_id) {
        return refuse(
            "MissingParameter",
            "The request must contain exactly one of gatewayId, natGatewayId, networkInterfaceId, "
            "vpcPeeringConnectionId, egressOnlyInternetGatewayId, transitGatewayId"
        );
    }
    TRY(const auto gateway, find<InternetGatewayRecord>(txn, caller, *request.gateway_id));
    if (gateway->vpc != table.vpc) {
        return invalid_value(
            "route table " + table.id + " and network gateway " + gateway->id +
            " belong to different networks"
        );
    }
    return gateway->id;
}

Result<> check_outside_vpc(const Txn& txn, const RouteTableRecord& table, const Destination& destination) {
    const auto vpc = txn.get<VpcRecord>(key_of(table.account, table.region, table.vpc));
    if (!destination.cidr.empty() && vpc->block().contains(*parse_cidr(destination.cidr))) {
        return invalid_value(
            "The destination CIDR block " + destination.cidr +
            " is equal to or more specific than one of this VPC's CIDR blocks. This route can target only an "
            "interface or an instance."
        );
    }
    return {};
}

tl::unexpected<Error> no_route(const Destination& destination, const RouteTableRecord& table) {
    return refuse(
        "InvalidRoute.NotFound",
        "no route with destination-cidr-block " + destination.text() + " in route table " + table.id
    );
}

}  // namespace

Result<CreateRouteResponse> create_route(Txn& txn, const CreateRouteRequest& request, const Caller& caller) {
    TRY(const auto table, find<RouteTableRecord>(txn, caller, request.route_table_id));
    TRY(const Destination destination,
        read_destination(
            request.destination_cidr_block, request.destination_ipv6_cidr_block,
            request.destination_prefix_list_id
        ));
    TRY(const std::string target, read_target(txn, caller, *table, request));
    for (const auto& route : table->routes) {
        if (!destination.is_of(route) || route.gateway == "local") continue;
        if (route.gateway == target) return CreateRouteResponse{true};
        return refuse(
            "RouteAlreadyExists", "The route identified by " + destination.text() + " already exists."
        );
    }
    TRY_VOID(check_outside_vpc(txn, *table, destination));
    if (table->routes.size() >= kRoutesPerTable)
        return refuse("RouteLimitExceeded", "The maximum number of routes has been reached.");
    TRY_VOID(dry_run(request.dry_run));
    RouteTableRecord changed = *table;
    changed.routes.push_back({destination.cidr, destination.ipv6_cidr, target, "CreateRoute"});
    txn.put(std::move(changed));
    return CreateRouteResponse{true};
}

Result<ReplaceRouteResponse> replace_route(
    Txn& txn, const ReplaceRouteRequest& request, const Caller& caller
) {
    TRY(const auto table, find<RouteTableRecord>(txn, caller, request.route_table_id));
    TRY(const Destination destination,
        read_destination(
            request.destination_cidr_block, request.destination_ipv6_cidr_block,
            request.destination_prefix_list_id
        ));
    RouteTableRecord changed = *table;
    const auto route =
        std::find_if(changed.routes.begin(), changed.routes.end(), [&](const Route& candidate) {
            return destination.is_of(candidate);
        });
    if (route == changed.routes.end()) return no_route(destination, *table);
    if (route->gateway == "local") {
        if (request.local_target.value_or(false)) return ReplaceRouteResponse{};
        return not_built("A local route with another target");
    }
    TRY(route->gateway, read_target(txn, caller, *table, request));
    TRY_VOID(dry_run(request.dry_run));
    txn.put(std::move(changed));
    return ReplaceRouteResponse{};
}

Result<DeleteRouteResponse> delete_route(Txn& txn, const DeleteRouteRequest& request, const Caller& caller) {
    TRY(const auto table, find<RouteTableRecord>(txn, caller, request.route_table_id));
    TRY(const Destination destination,
        read_destination(
            request.destination_cidr_block, request.destination_ipv6_cidr_block,
            request.destination_prefix_list_id
        ));
    RouteTableRecord changed = *table;
    const auto route =
        std::find_if(changed.routes.begin(), changed.routes.end(), [&](const Route& candidate) {
            return destination.is_of(candidate);
        });
    if (route == changed.routes.end()) return no_route(destination, *table);
    if (route->gateway == "local") {
        return invalid_value(
            "cannot remove local route " + destination.text() + " in route table " + table->id
        );
    }
    TRY_VOID(dry_run(request.dry_run));
    changed.routes.erase(route);
    txn.put(std::move(changed));
    return DeleteRouteResponse{};
}

}  // namespace gantry::ec2
