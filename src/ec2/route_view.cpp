#include "ec2/route_view.h"

#include "ec2/internet_gateway.h"
#include "ec2/vpc.h"

namespace gantry::ec2 {

bool is_live(const state::View& view, const RouteTableRecord& table, const Route& route) {
    if (route.gateway == "local") return true;
    const auto gateway = view.get<InternetGatewayRecord>(key_of(table.account, table.region, route.gateway));
    return gateway && gateway->vpc == table.vpc;
}

state::Pinned<RouteTableRecord> table_of(const state::View& view, const SubnetRecord& subnet) {
    if (auto own = view.find_one<RouteTableByAssociation>(subnet.key())) return own;
    const auto vpc = view.get<VpcRecord>(key_of(subnet.account, subnet.region, subnet.vpc));
    return vpc ? view.get<RouteTableRecord>(key_of(vpc->account, vpc->region, vpc->main_route_table))
               : nullptr;
}

bool leads_outside(const state::View& view, const SubnetRecord& subnet) {
    const auto table = table_of(view, subnet);
    if (!table) return false;
    for (const auto& route : table->routes) {
        if (route.gateway != "local" && !route.cidr.empty() && is_live(view, *table, route)) return true;
    }
    return false;
}

}  // namespace gantry::ec2
