#include "sim/network.h"

#include "port/balanced_network_contract.h"
#include "sim/virtual_clock.h"

namespace gantry::port {

// Interfaces and groups are not pretended so far that the whole contract would hold.
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(NetworkContract);

struct SimNetwork {
    std::unique_ptr<Network> make() { return std::make_unique<sim::Network>(faults); }

    boost::asio::io_context context;
    sim::VirtualClock clock{context};
    sim::Faults faults{clock, 1};
};

INSTANTIATE_TYPED_TEST_SUITE_P(Sim, BalancedNetworkContract, SimNetwork);

}  // namespace gantry::port
