#include "ec2/schema.h"

#include "ec2/address_pool.h"
#include "ec2/eni.h"
#include "ec2/internet_gateway.h"
#include "ec2/network_acl.h"
#include "ec2/route_table.h"
#include "ec2/security_group.h"
#include "ec2/subnet.h"
#include "ec2/vpc.h"

namespace gantry::ec2 {

void declare(state::Schema& schema) {
    schema.add_table<VpcRecord>();
    schema.add_index<VpcById>();
    schema.add_table<SubnetRecord>();
    schema.add_index<SubnetsByVpc>();
    schema.add_table<InternetGatewayRecord>();
    schema.add_index<InternetGatewayByVpc>();
    schema.add_table<RouteTableRecord>();
    schema.add_index<RouteTablesByVpc>();
    schema.add_index<RouteTableByAssociation>();
    schema.add_index<RouteTablesByGateway>();
    schema.add_index<RouteTableByToken>();
    schema.add_table<SecurityGroupRecord>();
    schema.add_index<SecurityGroupById>();
    schema.add_index<SecurityGroupsByVpc>();
    schema.add_index<SecurityGroupByName>();
    schema.add_index<SecurityGroupByRule>();
    schema.add_index<SecurityGroupsByReference>();
    schema.add_table<NetworkAclRecord>();
    schema.add_table<EniRecord>();
    schema.add_index<EnisBySubnet>();
    schema.add_index<EnisByVpc>();
    schema.add_index<EnisByGroup>();
    schema.add_index<EniByAddress>();
    schema.add_index<EniByOwner>();
    schema.add_index<EniById>();
    schema.add_index<EnisByWorkersNeed>();
    schema.add_table<AddressBlockRecord>();
}

}  // namespace gantry::ec2
