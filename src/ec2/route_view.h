#pragma once

#include "ec2/route_table.h"
#include "ec2/subnet.h"
#include "state/view.h"

namespace gantry::ec2 {

// Whether the route leads anywhere; a route to a gateway that was detached or deleted is a black hole.
bool is_live(const state::View& view, const RouteTableRecord& table, const Route& route);

// The subnet's own table, else its VPC's main one.
state::Pinned<RouteTableRecord> table_of(const state::View& view, const SubnetRecord& subnet);

// Whether the subnet's table sends at least part of the IPv4 internet to a live internet gateway.
bool leads_outside(const state::View& view, const SubnetRecord& subnet);

}  // namespace gantry::ec2
