#include "sim/runtime.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <optional>

#include "port/runtime_contract.h"
#include "sim/virtual_clock.h"

namespace gantry::sim {
namespace {

// The runtime outlives who asks it, so a new process has the same one.
struct PretendedContainers {
    PretendedContainers() {
        Program ends;
        ends.runs = Duration{50};
        ends.exit_code = 3;
        pretended.set_program("ends", ends);
    }

    template <class T>
    T wait(boost::asio::awaitable<T> work) {
        std::optional<T> value;
        boost::asio::co_spawn(context, std::move(work), [&](std::exception_ptr, T result) {
            value = std::move(result);
        });
        clock.settle();
        while (!value && clock.step({clock.steady_now().ms + 60'000})) continue;
        return std::move(value.value());
    }
    port::Runtime& runtime() { return pretended; }
    port::ContainerSpec endless(const std::string& id) { return spec_of(id, "endless"); }
    port::ContainerSpec ending(const std::string& id) { return spec_of(id, "ends"); }
    void restart() {}

    static port::ContainerSpec spec_of(const std::string& id, const char* image) {
        port::ContainerSpec spec;
        spec.id = id;
        spec.task = "task-" + id;
        spec.image = image;
        return spec;
    }

    boost::asio::io_context context;
    VirtualClock clock{context};
    Faults faults{clock, 1};
    Runtime pretended{context.get_executor(), faults};
};

}  // namespace
}  // namespace gantry::sim

namespace gantry::port {
INSTANTIATE_TYPED_TEST_SUITE_P(Pretended, RuntimeContract, sim::PretendedContainers);
}
