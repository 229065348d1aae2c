// What a group can have in CloudWatch and cannot have in Gantry: the lists are empty, truthfully.
#include "logs/find.h"
#include "shapes/logs/shapes.h"
#include "state/txn.h"

namespace gantry::logs {

using namespace shapes::logs;
using state::Txn;

Result<DescribeMetricFiltersResponse> describe_metric_filters(
    Txn& txn, const DescribeMetricFiltersRequest& request, const Caller& caller
) {
    if (request.log_group_name) TRY_VOID(find_group(txn, caller, *request.log_group_name));
    DescribeMetricFiltersResponse response;
    response.metric_filters.emplace();
    return response;
}

Result<DescribeSubscriptionFiltersResponse> describe_subscription_filters(
    Txn& txn, const DescribeSubscriptionFiltersRequest& request, const Caller& caller
) {
    TRY_VOID(find_group(txn, caller, request.log_group_name));
    DescribeSubscriptionFiltersResponse response;
    response.subscription_filters.emplace();
    return response;
}

}  // namespace gantry::logs
