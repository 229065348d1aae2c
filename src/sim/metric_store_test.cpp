#include "sim/metric_store.h"

#include "port/metric_store_contract.h"

namespace gantry::port {
INSTANTIATE_TEST_SUITE_P(Sim, MetricStoreContract, testing::Values(MakeMetricStore([] {
                             return std::make_shared<sim::MetricStore>();
                         })));
}  // namespace gantry::port
