#include "adapter/routernet/router_network.h"
#include "port/balanced_network_contract.h"

namespace gantry::port {

struct RealNetwork {
    std::unique_ptr<Network> make() {
        return std::make_unique<adapter::routernet::RouterNetwork>(
            adapter::routernet::options_for("contract", "/run/gantry-contract", 2)
        );
    }
};

INSTANTIATE_TYPED_TEST_SUITE_P(RouterNetwork, NetworkContract, RealNetwork);
INSTANTIATE_TYPED_TEST_SUITE_P(RouterNetwork, BalancedNetworkContract, RealNetwork);

}  // namespace gantry::port
