#include "ecs/admit_network.h"

#include "ec2/task_eni.h"

namespace gantry::ecs {

using namespace shapes::ecs;

namespace {

constexpr const char* kInvalid = "InvalidParameterException";

Error awsvpc_error(const ec2::AwsvpcFault& fault) {
    using Kind = ec2::AwsvpcFault::Kind;
    const auto& id = fault.id;
    std::string text;
    switch (fault.kind) {
        case Kind::subnet_not_found:
            text = "Error retrieving subnet information for [" + id + "]: The subnet ID '" + id +
                   "' does not exist (ErrorCode: InvalidSubnetID.NotFound)";
            break;
        case Kind::subnets_of_two_vpcs:
            text = "All subnets must belong to the same VPC: " + id;
            break;
        case Kind::group_not_found:
            text = "Error retrieving security group information for [" + id + "]: The security group '" + id +
                   "' does not exist (ErrorCode: InvalidGroup.NotFound)";
            break;
        case Kind::group_of_another_vpc:
            text =
                "Security group " + id + " does not appear to belong to the same VPC as the input subnets.";
            break;
    }
    return Error{Errc::refused, kInvalid, std::move(text)};
}

}  // namespace

Result<Network> admit_network(
    const state::View& view, const std::optional<NetworkConfiguration>& network, const Caller& caller
) {
    if (!network || !network->awsvpc_configuration) {
        return refuse(
            kInvalid, "Network Configuration must be provided when networkMode 'awsvpc' is specified."
        );
    }
    const auto& awsvpc = *network->awsvpc_configuration;
    if (awsvpc.subnets.empty()) return refuse(kInvalid, "subnets can not be empty.");
    if (awsvpc.subnets.size() > 16) return refuse(kInvalid, "subnets can have at most 16 items.");
    Network admitted;
    admitted.security_groups = awsvpc.security_groups.value_or(std::vector<std::string>());
    if (admitted.security_groups.size() > 5)
        return refuse(kInvalid, "securityGroups can have at most 5 items.");
    auto checked = ec2::check_awsvpc(
        view, caller.account, caller.region, awsvpc.subnets, admitted.security_groups
    );
    if (!checked) return tl::unexpected<Error>(awsvpc_error(checked.error()));
    admitted.vpc = std::move(checked->vpc);
    admitted.subnets = std::move(checked->subnets);
    admitted.interface_groups = std::move(checked->groups);
    admitted.assign_public_ip = awsvpc.assign_public_ip == "ENABLED";
    return admitted;
}

}  // namespace gantry::ecs
