#include "sim/log_store.h"

#include "port/log_store_contract.h"

namespace gantry::port {
INSTANTIATE_TEST_SUITE_P(Sim, LogStoreContract, testing::Values(MakeLogStore([] {
                             return std::make_shared<sim::LogStore>();
                         })));
}  // namespace gantry::port
