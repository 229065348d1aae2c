#include "ec2/internet_gateway.h"

#include "ec2/limits.h"
#include "ec2/listing.h"
#include "ec2/tagging.h"

namespace gantry::ec2 {

using namespace shapes::ec2;
using state::Txn;

namespace {

InternetGateway show(const InternetGatewayRecord& gateway) {
    InternetGateway out;
    out.attachments.emplace();
    if (!gateway.vpc.empty()) out.attachments->push_back({"available", gateway.vpc});
    out.internet_gateway_id = gateway.id;
    out.owner_id = gateway.account;
    out.tags = shown(gateway.tags);
    return out;
}

FilterValues fields(const InternetGatewayRecord& gateway, const std::string& name) {
    const bool attached = !gateway.vpc.empty();
    if (name == "attachment.vpc-id") return attached ? Values{gateway.vpc} : Values{};
    if (name == "attachment.state") return attached ? Values{"available"} : Values{};
    if (name == "internet-gateway-id") return Values{gateway.id};
    if (name == "owner-id") return Values{gateway.account};
    return {};
}

bool has_public_addresses(const state::View& view, const VpcRecord& vpc) {
    for (const auto& eni : view.find<EnisByVpc>(vpc.key())) {
        if (!eni->public_address.empty()) return true;
    }
    return false;
}

}  // namespace

Result<CreateInternetGatewayResponse> create_internet_gateway(
    Txn& txn, const CreateInternetGatewayRequest& request, const Caller& caller
) {
    TRY(Tags tags, requested_tags(request.tag_specifications, "internet-gateway"));
    if (txn.list<InternetGatewayRecord>(caller.scope()).size() >= kGatewaysPerRegion) {
        return refuse(
            "InternetGatewayLimitExceeded", "The maximum number of internet gateways has been reached."
        );
    }
    TRY_VOID(dry_run(request.dry_run));
    const InternetGatewayRecord gateway{
        caller.account, caller.region, fresh_id("igw-", txn.chance()), {}, std::move(tags)
    };
    txn.put(gateway);
    return CreateInternetGatewayResponse{show(gateway)};
}

Result<AttachInternetGatewayResponse> attach_internet_gateway(
    Txn& txn, const AttachInternetGatewayRequest& request, const Caller& caller
) {
    TRY(const auto gateway, find<InternetGatewayRecord>(txn, caller, request.internet_gateway_id));
    TRY(const auto vpc, find<VpcRecord>(txn, caller, request.vpc_id));
    if (!gateway->vpc.empty()) {
        return refuse(
            "Resource.AlreadyAssociated",
            "resource " + gateway->id + " is already attached to network " + gateway->vpc
        );
    }
    if (txn.find_one<InternetGatewayByVpc>(vpc->key()))
        return invalid_value("Network " + vpc->id + " already has an internet gateway attached");
    TRY_VOID(dry_run(request.dry_run));
    InternetGatewayRecord changed = *gateway;
    changed.vpc = vpc->id;
    txn.put(std::move(changed));
    return AttachInternetGatewayResponse{};
}

Result<DescribeInternetGatewaysResponse> describe_internet_gateways(
    Txn& txn, const DescribeInternetGatewaysRequest& request, const Caller& caller
) {
    TRY_VOID(dry_run(request.dry_run));
    TRY(auto found,
        describe<InternetGatewayRecord>(txn, caller, request.internet_gateway_ids, request, fields));
    DescribeInternetGatewaysResponse response;
    response.next_token = found.next_token;
    response.internet_gateways.emplace();
    for (const auto& gateway : found.records) response.internet_gateways->push_back(show(*gateway));
    return response;
}

Result<DetachInternetGatewayResponse> detach_internet_gateway(
    Txn& txn, const DetachInternetGatewayRequest& request, const Caller& caller
) {
    TRY(const auto gateway, find<InternetGatewayRecord>(txn, caller, request.internet_gateway_id));
    TRY(const auto vpc, find<VpcRecord>(txn, caller, request.vpc_id));
    if (gateway->vpc != vpc->id) {
        return refuse(
            "Gateway.NotAttached", "resource " + gateway->id + " is not attached to network " + vpc->id
        );
    }
    if (has_public_addresses(txn, *vpc)) {
        return refuse(
            "DependencyViolation",
            "Network " + vpc->id +
                " has some mapped public address(es). Please unmap those public address(es) before detaching "
                "the gateway."
        );
    }
    TRY_VOID(dry_run(request.dry_run));
    InternetGatewayRecord changed = *gateway;
    changed.vpc.clear();
    txn.put(std::move(changed));
    return DetachInternetGatewayResponse{};
}

Result<DeleteInternetGatewayResponse> delete_internet_gateway(
    Txn& txn, const DeleteInternetGatewayRequest& request, const Caller& caller
) {
    TRY(const auto gateway, find<InternetGatewayRecord>(txn, caller, request.internet_gateway_id));
    if (!gateway->vpc.empty()) return in_use("internetGateway", gateway->id);
    TRY_VOID(dry_run(request.dry_run));
    txn.erase<InternetGatewayRecord>(gateway->key());
    return DeleteInternetGatewayResponse{};
}

}  // namespace gantry::ec2
