#include "adapter/haproxy/haproxy_relay.h"

#include "adapter/haproxy/tcp_proxy.h"
#include "base/blocking_thread.h"

namespace gantry::adapter::haproxy {

struct HaproxyRelay::Work : BlockingThread<TcpProxy> {
    using BlockingThread::BlockingThread;
};

HaproxyRelay::HaproxyRelay(Options options) : work_(std::make_unique<Work>(std::move(options))) {}
HaproxyRelay::~HaproxyRelay() = default;

HaproxyRelay::Async<std::vector<port::RelayRefusal>> HaproxyRelay::apply(
    std::vector<port::RelayEntrance> entrances
) {
    return work_->run<Result<std::vector<port::RelayRefusal>>>([entrances = std::move(entrances
                                                                )](TcpProxy& proxy) mutable {
        return proxy.apply(std::move(entrances));
    });
}

HaproxyRelay::Async<> HaproxyRelay::teardown() {
    return work_->run<Result<>>([](TcpProxy& proxy) { return proxy.teardown(); });
}

}  // namespace gantry::adapter::haproxy
