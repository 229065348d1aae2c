#include <algorithm>

#include "ec2/filter.h"
#include "ec2/new_vpc.h"
#include "ec2/resource.h"
#include "ec2/tagging.h"
#include "ec2/zones.h"

namespace gantry::ec2 {

using namespace shapes::ec2;
using state::Txn;

namespace {

// Every region is open here: nobody has to opt in.
const char* opt_in_status(const RegionFacts* region) {
    return region != nullptr && region->opt_in ? "opted-in" : "opt-in-not-required";
}

AvailabilityZone show(const Zone& zone) {
    const RegionFacts* region = find_region(zone.region);
    AvailabilityZone out;
    out.opt_in_status = "opt-in-not-required";
    out.messages.emplace();
    out.region_name = zone.region;
    out.zone_name = zone.name;
    out.zone_id = zone.id;
    out.group_name = zone.region + "-zg-1";
    out.network_border_group = zone.region;
    out.zone_type = "availability-zone";
    if (region != nullptr) out.group_long_name = std::string(region->long_name) + " 1";
    out.state = "available";
    return out;
}

FilterValues fields(const Zone& zone, const std::string& name) {
    if (name == "group-name") return Values{zone.region + "-zg-1"};
    if (name == "group-long-name") {
        const RegionFacts* region = find_region(zone.region);
        return region == nullptr ? Values{} : Values{std::string(region->long_name) + " 1"};
    }
    if (name == "message" || name == "parent-zone-id" || name == "parent-zone-name") return Values{};
    if (name == "opt-in-status") return Values{"opt-in-not-required"};
    if (name == "region-name") return Values{zone.region};
    if (name == "state") return Values{"available"};
    if (name == "zone-id") return Values{zone.id};
    if (name == "zone-name") return Values{zone.name};
    if (name == "zone-type") return Values{"availability-zone"};
    return {};
}

bool listed(const std::optional<std::vector<std::string>>& wanted, const std::string& name) {
    return !wanted || wanted->empty() || std::find(wanted->begin(), wanted->end(), name) != wanted->end();
}

Result<> all_known(
    const std::optional<std::vector<std::string>>& wanted,
    const std::vector<std::string>& known,
    const std::string& what
) {
    for (const auto& name : wanted.value_or(std::vector<std::string>{})) {
        if (std::find(known.begin(), known.end(), name) == known.end())
            return invalid_value("Invalid " + what + ": [" + name + "]");
    }
    return {};
}

std::string endpoint(std::string_view region) { return "ec2." + std::string(region) + ".amazonaws.com"; }

AccountAttribute attribute(const std::string& name, std::vector<std::string> values) {
    AccountAttribute out{name, std::vector<AccountAttributeValue>{}};
    for (auto& value : values) out.attribute_values->push_back({std::move(value)});
    return out;
}

}  // namespace

Result<DescribeAvailabilityZonesResponse> describe_availability_zones(
    Txn&, const DescribeAvailabilityZonesRequest& request, const Caller& caller
) {
    const auto zones = zones_of(caller.region);
    std::vector<std::string> names;
    std::vector<std::string> ids;
    for (const auto& zone : zones) {
        names.push_back(zone.name);
        ids.push_back(zone.id);
    }
    TRY_VOID(all_known(request.zone_names, names, "availability zone"));
    TRY_VOID(all_known(request.zone_ids, ids, "availability zone-id"));
    TRY_VOID(dry_run(request.dry_run));
    DescribeAvailabilityZonesResponse response{std::vector<AvailabilityZone>{}};
    for (const auto& zone : zones) {
        TRY(const bool good,
            matches_all(request.filters, {}, [&](const std::string& name) { return fields(zone, name); }));
        if (good && listed(request.zone_names, zone.name) && listed(request.zone_ids, zone.id))
            response.availability_zones->push_back(show(zone));
    }
    return response;
}

Result<DescribeRegionsResponse> describe_regions(Txn&, const DescribeRegionsRequest& request, const Caller&) {
    std::vector<std::string> names;
    for (const auto& region : regions()) names.emplace_back(region.name);
    TRY_VOID(all_known(request.region_names, names, "region name"));
    TRY_VOID(dry_run(request.dry_run));
    DescribeRegionsResponse response{std::vector<Region>{}};
    for (const auto& region : regions()) {
        TRY(const bool good, matches_all(request.filters, {}, [&](const std::string& name) -> FilterValues {
                if (name == "endpoint") return Values{endpoint(region.name)};
                if (name == "opt-in-status") return Values{opt_in_status(&region)};
                if (name == "region-name") return Values{std::string(region.name)};
                return {};
            }));
        if (!good || !listed(request.region_names, std::string(region.name))) continue;
        Region out;
        out.opt_in_status = opt_in_status(&region);
        out.region_name = region.name;
        out.endpoint = endpoint(region.name);
        response.regions->push_back(std::move(out));
    }
    return response;
}

Result<DescribeAccountAttributesResponse> describe_account_attributes(
    Txn& txn, const DescribeAccountAttributesRequest& request, const Caller& caller
) {
    const auto vpc = default_vpc(txn, caller.account, caller.region);
    const std::vector<AccountAttribute> all = {
        attribute("supported-platforms", {"VPC"}), attribute("vpc-max-security-groups-per-interface", {"5"}),
        attribute("max-elastic-ips", {"5"}),       attribute("max-instances", {"20"}),
        attribute("vpc-max-elastic-ips", {"5"}),   attribute("default-vpc", {vpc ? vpc->id : "none"}),
    };
    std::vector<std::string> names;
    for (const auto& item : all) names.push_back(*item.attribute_name);
    TRY_VOID(all_known(request.attribute_names, names, "attribute name"));
    TRY_VOID(dry_run(request.dry_run));
    DescribeAccountAttributesResponse response{std::vector<AccountAttribute>{}};
    for (const auto& item : all) {
        if (listed(request.attribute_names, *item.attribute_name))
            response.account_attributes->push_back(item);
    }
    return response;
}

}  // namespace gantry::ec2
