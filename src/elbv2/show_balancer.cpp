#include "elbv2/show_balancer.h"

#include <algorithm>

#include "elbv2/balancer_network.h"

namespace gantry::elbv2 {
namespace {

struct HostedZones {
    const char* region;
    const char* application;
    const char* network;
};

// Facts of AWS. A region that is not here gets those of the first one.
constexpr HostedZones kHostedZones[] = {
    {"us-east-1", "Z35SXDOTRQ7X7K", "Z26RNL4JYFTOTI"},
    {"us-east-2", "Z3AADJGX6KTTL2", "ZLMOA37VPKANP"},
    {"us-west-1", "Z368ELLRRE2KJ0", "Z24FKFUX50B4VW"},
    {"us-west-2", "Z1H1FL5HABSF5", "Z18D5FSROUN65G"},
    {"af-south-1", "Z268VQBMOI5EKX", "Z203XCE67M25HM"},
    {"ap-east-1", "Z3DQVH9N71FHZ0", "Z12Y7K3UBGUAD1"},
    {"ap-northeast-1", "Z14GRHDCWA56QT", "Z31USIVHYNEOWT"},
    {"ap-northeast-2", "ZWKZPGTI48KDX", "ZIBE1TIR4HY56"},
    {"ap-northeast-3", "Z5LXEXXYW11ES", "Z1GWIQ4HH19I5X"},
    {"ap-south-1", "ZP97RAFLXTNZK", "ZVDDRBQ08TROA"},
    {"ap-southeast-1", "Z1LMS91P8CMLE5", "ZKVM4W9LS7TM"},
    {"ap-southeast-2", "Z1GM3OXH4ZPM65", "ZCT6FZBF4DROD"},
    {"ca-central-1", "ZQSVJUPU6J1EY", "Z2EPGBW3API2WT"},
    {"eu-central-1", "Z215JYRZR1TBD5", "Z3F0SRJ5LGBH90"},
    {"eu-north-1", "Z23TAZ6LKFMNIO", "Z1UDT6IFJ4EJM"},
    {"eu-south-1", "Z3ULH7SSC9OV64", "Z23146JA1KNAFP"},
    {"eu-west-1", "Z32O12XQLNTSW2", "Z2IFOLAFXWLO4F"},
    {"eu-west-2", "ZHURV8PSTC4K8", "ZD4D7Y8KGAS4G"},
    {"eu-west-3", "Z3Q77PNBQS71R4", "Z1CMS0P5QUZ6D5"},
    {"me-south-1", "ZS929ML54UICD", "Z3QSRYVP46NYYV"},
    {"sa-east-1", "Z2P70J7HTTTPLU", "ZTK26PT1VY4CU"},
};

}  // namespace

std::string hosted_zone(const std::string& region, bool network) {
    const auto* end = std::end(kHostedZones);
    const auto* found =
        std::find_if(kHostedZones, end, [&](const auto& zones) { return region == zones.region; });
    if (found == end) found = kHostedZones;
    return network ? found->network : found->application;
}

shapes::elbv2::LoadBalancer show(const LoadBalancerRecord& balancer) {
    shapes::elbv2::LoadBalancer out;
    out.load_balancer_arn = balancer.arn();
    out.dns_name = balancer.dns_name();
    out.canonical_hosted_zone_id = hosted_zone(balancer.region, balancer.network());
    out.created_time = shapes::Timestamp{balancer.created_at.ms};
    out.load_balancer_name = balancer.name;
    out.scheme = balancer.scheme;
    out.vpc_id = balancer.vpc;
    out.state.emplace().code = "active";
    out.type = balancer.type;
    out.availability_zones = show_zones(balancer);
    if (!balancer.network() || !balancer.groups.empty()) out.security_groups = balancer.groups;
    out.ip_address_type = balancer.ip_address_type;
    if (balancer.network()) {
        if (!balancer.enforce_groups_on_private_link.empty())
            out.enforce_security_group_inbound_rules_on_private_link_traffic =
                balancer.enforce_groups_on_private_link;
        out.enable_prefix_for_ipv6_source_nat = "off";
    }
    return out;
}

}  // namespace gantry::elbv2
