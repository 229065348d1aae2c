#include "elbv2/find.h"
#include "elbv2/limits.h"
#include "elbv2/page.h"
#include "state/txn.h"

namespace gantry::elbv2 {

using namespace shapes::elbv2;
using state::Txn;

Result<DescribeAccountLimitsResponse> describe_account_limits(
    Txn&, const DescribeAccountLimitsRequest& request, const Caller&
) {
    struct Quota {
        const char* name;
        std::size_t most;
    };
    constexpr Quota kQuotas[] = {
        {"application-load-balancers", kBalancersOfAType},
        {"certificates-per-application-load-balancer", kCertificatesPerBalancer},
        {"certificates-per-network-load-balancer", kCertificatesPerBalancer},
        {"condition-values-per-alb-rule", kConditionValuesPerRule},
        {"condition-wildcards-per-alb-rule", kConditionWildcardsPerRule},
        {"listeners-per-application-load-balancer", kListenersPerBalancer},
        {"listeners-per-network-load-balancer", kListenersPerBalancer},
        {"network-load-balancers", kBalancersOfAType},
        {"rules-per-application-load-balancer", kRulesPerBalancer},
        {"target-groups", kGroups},
        {"target-groups-per-action-on-application-load-balancer", kGroupsPerAction},
        {"target-groups-per-action-on-network-load-balancer", kGroupsPerAction},
        {"target-groups-per-application-load-balancer", kGroupsPerBalancer},
        {"targets-per-application-load-balancer", kTargetsPerGroup},
        {"targets-per-network-load-balancer", 3 * kTargetsPerGroup},
        {"targets-per-target-group", kTargetsPerGroup},
    };
    std::vector<Limit> limits;
    for (const auto& quota : kQuotas) {
        auto& limit = limits.emplace_back();
        limit.name = quota.name;
        limit.max = std::to_string(quota.most);
    }
    DescribeAccountLimitsResponse response;
    TRY(response.next_marker, cut_page(limits, request.marker, request.page_size, [](const auto& limit) {
            return *limit.name;
        }));
    response.limits = std::move(limits);
    return response;
}

}  // namespace gantry::elbv2
