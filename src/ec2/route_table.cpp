#include "ec2/route_table.h"

#include "ec2/limits.h"
#include "ec2/listing.h"
#include "ec2/route_view.h"
#include "ec2/tagging.h"

namespace gantry::ec2 {

using namespace shapes::ec2;
using state::Txn;

namespace {

shapes::ec2::RouteTable show(const state::View& view, const RouteTableRecord& table) {
    shapes::ec2::RouteTable out;
    out.associations.emplace();
    for (const auto& association : table.associations) {
        RouteTableAssociation shown;
        shown.main = association.subnet.empty();
        shown.route_table_association_id = association.id;
        shown.route_table_id = table.id;
        if (!association.subnet.empty()) shown.subnet_id = association.subnet;
        shown.association_state = RouteTableAssociationState{"associated", {}};
        out.associations->push_back(std::move(shown));
    }
    out.propagating_vgws.emplace();
    out.route_table_id = table.id;
    out.routes.emplace();
    for (const auto& route : table.routes) {
        shapes::ec2::Route shown;
        if (!route.cidr.empty()) shown.destination_cidr_block = route.cidr;
        if (!route.ipv6_cidr.empty()) shown.destination_ipv6_cidr_block = route.ipv6_cidr;
        shown.gateway_id = route.gateway;
        shown.origin = route.origin;
        shown.state = is_live(view, table, route) ? "active" : "blackhole";
        out.routes->push_back(std::move(shown));
    }
    out.tags = shown(table.tags);
    out.vpc_id = table.vpc;
    out.owner_id = table.account;
    return out;
}

FilterValues association_fields(const RouteTableRecord& table, const std::string& name) {
    Values values;
    for (const auto& association : table.associations) {
        if (name == "association.main") values.push_back(text_of(association.subnet.empty()));
        if (name == "association.route-table-association-id") values.push_back(association.id);
        if (name == "association.route-table-id") values.push_back(table.id);
        if (name == "association.subnet-id" && !association.subnet.empty())
            values.push_back(association.subnet);
    }
    const bool known = name == "association.main" || name == "association.route-table-association-id" ||
                       name == "association.route-table-id" || name == "association.subnet-id" ||
                       name == "association.gateway-id";
    return known ? FilterValues(values) : FilterValues{};
}

FilterValues fields(const state::View& view, const RouteTableRecord& table, const std::string& name) {
    if (name == "owner-id") return Values{table.account};
    if (name == "route-table-id") return Values{table.id};
    if (name == "vpc-id") return Values{table.vpc};
    if (name.starts_with("association.")) return association_fields(table, name);
    if (!name.starts_with("route.")) return {};
    Values values;
    for (const auto& route : table.routes) {
        if (name == "route.destination-cidr-block") values.push_back(route.cidr);
        if (name == "route.destination-ipv6-cidr-block") values.push_back(route.ipv6_cidr);
        if (name == "route.gateway-id") values.push_back(route.gateway);
        if (name == "route.origin") values.push_back(route.origin);
        if (name == "route.state") values.push_back(is_live(view, table, route) ? "active" : "blackhole");
    }
    return values;
}

tl::unexpected<Error> no_association(const std::string& id) {
    return refuse("InvalidAssociationID.NotFound", "The association ID '" + id + "' does not exist");
}

Result<state::Pinned<RouteTableRecord>> table_with(
    const Txn& txn, const Caller& caller, const std::string& association
) {
    auto table = txn.find_one<RouteTableByAssociation>(key_of(caller.account, caller.region, association));
    if (!table || association.starts_with("subnet-")) return no_association(association);
    return table;
}

// Takes the association out of the record and hands it over.
RouteAssociation take(RouteTableRecord& table, const std::string& id) {
    RouteAssociation taken;
    std::erase_if(table.associations, [&](const RouteAssociation& association) {
        if (association.id != id) return false;
        taken = association;
        return true;
    });
    return taken;
}

}  // namespace

Result<CreateRouteTableResponse> create_route_table(
    Txn& txn, const CreateRouteTableRequest& request, const Caller& caller
) {
    const std::string token = request.client_token.value_or("");
    if (!token.empty()) {
        if (const auto known =
                txn.find_one<RouteTableByToken>(key_of(caller.account, caller.region, token))) {
            if (known->vpc != request.vpc_id) {
                return refuse(
                    "IdempotentParameterMismatch",
                    "The client token that you have provided was used before with other parameters."
                );
            }
            return CreateRouteTableResponse{show(txn, *known), token};
        }
    }
    TRY(const auto vpc, find<VpcRecord>(txn, caller, request.vpc_id));
    TRY(Tags tags, requested_tags(request.tag_specifications, "route-table"));
    if (txn.count<RouteTablesByVpc>(vpc->key()) >= kRouteTablesPerVpc)
        return refuse("RouteTableLimitExceeded", "The maximum number of route tables has been reached.");
    TRY_VOID(dry_run(request.dry_run));
    RouteTableRecord table;
    table.account = caller.account;
    table.region = caller.region;
    table.id = fresh_id("rtb-", txn.chance());
    table.vpc = vpc->id;
    table.routes.push_back({vpc->cidr, {}, "local", "CreateRouteTable"});
    table.client_token = token;
    table.tags = std::move(tags);
    txn.put(table);
    CreateRouteTableResponse response{show(txn, table), {}};
    if (!token.empty()) response.client_token = token;
    return response;
}

Result<DescribeRouteTablesResponse> describe_route_tables(
    Txn& txn, const DescribeRouteTablesRequest& request, const Caller& caller
) {
    TRY_VOID(dry_run(request.dry_run));
    const auto values = [&](const RouteTableRecord& table, const std::string& name) {
        return fields(txn, table, name);
    };
    TRY(auto found, describe<RouteTableRecord>(txn, caller, request.route_table_ids, request, values));
    DescribeRouteTablesResponse response;
    response.next_token = found.next_token;
    response.route_tables.emplace();
    for (const auto& table : found.records) response.route_tables->push_back(show(txn, *table));
    return response;
}

Result<DeleteRouteTableResponse> delete_route_table(
    Txn& txn, const DeleteRouteTableRequest& request, const Caller& caller
) {
    TRY(const auto table, find<RouteTableRecord>(txn, caller, request.route_table_id));
    if (!table->associations.empty()) return in_use("routeTable", table->id);
    TRY_VOID(dry_run(request.dry_run));
    txn.erase<RouteTableRecord>(table->key());
    return DeleteRouteTableResponse{};
}

Result<AssociateRouteTableResponse> associate_route_table(
    Txn& txn, const AssociateRouteTableRequest& request, const Caller& caller
) {
    TRY(const auto table, find<RouteTableRecord>(txn, caller, request.route_table_id));
    if (request.gateway_id) return not_built("A route table association with a gateway");
    if (!request.subnet_id) {
        return refuse("MissingParameter", "The request must contain the parameter subnetId or gatewayId");
    }
    TRY(const auto subnet, find<SubnetRecord>(txn, caller, *request.subnet_id));
    if (subnet->vpc != table->vpc) {
        return invalid_value(
            "route table " + table->id + " and subnet " + subnet->id + " belong to different networks"
        );
    }
    const RouteTableAssociationState associated{"associated", {}};
    if (const auto present = txn.find_one<RouteTableByAssociation>(subnet->key())) {
        for (const auto& association : present->associations) {
            if (present->id == table->id && association.subnet == subnet->id)
                return AssociateRouteTableResponse{association.id, associated};
        }
        return refuse(
            "Resource.AlreadyAssociated", "the specified association for route table " + table->id +
                                              " conflicts with an existing association"
        );
    }
    TRY_VOID(dry_run(request.dry_run));
    RouteTableRecord changed = *table;
    const std::string id = fresh_id("rtbassoc-", txn.chance());
    changed.associations.push_back({id, subnet->id});
    txn.put(std::move(changed));
    return AssociateRouteTableResponse{id, associated};
}

Result<DisassociateRouteTableResponse> disassociate_route_table(
    Txn& txn, const DisassociateRouteTableRequest& request, const Caller& caller
) {
    TRY(const auto table, table_with(txn, caller, request.association_id));
    RouteTableRecord changed = *table;
    if (take(changed, request.association_id).subnet.empty()) {
        return invalid_value(
            "cannot disassociate the main route table association " + request.association_id
        );
    }
    TRY_VOID(dry_run(request.dry_run));
    txn.put(std::move(changed));
    return DisassociateRouteTableResponse{};
}

Result<ReplaceRouteTableAssociationResponse> replace_route_table_association(
    Txn& txn, const ReplaceRouteTableAssociationRequest& request, const Caller& caller
) {
    TRY(const auto from, table_with(txn, caller, request.association_id));
    TRY(const auto to, find<RouteTableRecord>(txn, caller, request.route_table_id));
    if (from->vpc != to->vpc) {
        return invalid_value(
            "route table " + to->id + " and association " + request.association_id +
            " belong to different networks"
        );
    }
    TRY_VOID(dry_run(request.dry_run));
    ReplaceRouteTableAssociationResponse response;
    response.association_state = RouteTableAssociationState{"associated", {}};
    response.new_association_id = request.association_id;
    if (from->id == to->id) return response;
    RouteTableRecord source = *from;
    RouteTableRecord target = *to;
    RouteAssociation association = take(source, request.association_id);
    association.id = fresh_id("rtbassoc-", txn.chance());
    response.new_association_id = association.id;
    if (association.subnet.empty()) {
        VpcRecord vpc = *txn.get<VpcRecord>(key_of(caller.account, caller.region, to->vpc));
        vpc.main_route_table = to->id;
        txn.put(std::move(vpc));
    }
    target.associations.push_back(std::move(association));
    txn.put(std::move(source));
    txn.put(std::move(target));
    return response;
}

}  // namespace gantry::ec2
