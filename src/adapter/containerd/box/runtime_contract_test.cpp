#include "port/runtime_contract.h"

#include "adapter/containerd/box/machine.h"

// The contract of port::Runtime on real containers. Run by tests/box.sh.
namespace gantry::adapter::containerd::box {
namespace {

struct RealContainers {
    template <class T>
    T wait(boost::asio::awaitable<T> work) {
        return machine.wait(std::move(work));
    }
    port::Runtime& runtime() { return machine.runtime(); }
    port::ContainerSpec endless(const std::string& id) { return machine.container(id, "exec sleep 100000"); }
    port::ContainerSpec ending(const std::string& id) { return machine.container(id, "exit 3"); }
    void restart() { machine.restart_gantry(); }

    Machine machine;
};

}  // namespace
}  // namespace gantry::adapter::containerd::box

namespace gantry::port {
INSTANTIATE_TYPED_TEST_SUITE_P(Containerd, RuntimeContract, adapter::containerd::box::RealContainers);
}
