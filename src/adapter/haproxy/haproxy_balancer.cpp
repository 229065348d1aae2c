#include "adapter/haproxy/haproxy_balancer.h"

#include "adapter/haproxy/proxy.h"
#include "base/blocking_thread.h"

namespace gantry::adapter::haproxy {

struct HaproxyBalancer::Work : BlockingThread<Proxy> {
    using BlockingThread::BlockingThread;
};

HaproxyBalancer::HaproxyBalancer(Options options) : work_(std::make_unique<Work>(std::move(options))) {}
HaproxyBalancer::~HaproxyBalancer() = default;

HaproxyBalancer::Async<std::vector<port::HttpEntrance>> HaproxyBalancer::apply(port::HttpBalancerState state
) {
    return work_->run<Result<std::vector<port::HttpEntrance>>>(
        [state = std::move(state)](Proxy& proxy) mutable { return proxy.apply(std::move(state)); }
    );
}

HaproxyBalancer::Async<std::vector<port::HttpServerUse>> HaproxyBalancer::use() {
    return work_->run<Result<std::vector<port::HttpServerUse>>>([](Proxy& proxy) { return proxy.use(); });
}

HaproxyBalancer::Async<port::HttpTraffic> HaproxyBalancer::traffic() {
    return work_->run<Result<port::HttpTraffic>>([](Proxy& proxy) { return proxy.traffic(); });
}

HaproxyBalancer::Async<> HaproxyBalancer::shut(std::string group, std::string address, std::uint16_t port) {
    return work_->run<Result<>>([group = std::move(group), address = std::move(address), port](Proxy& proxy) {
        return proxy.shut(group, address, port);
    });
}

HaproxyBalancer::Async<> HaproxyBalancer::teardown() {
    return work_->run<Result<>>([](Proxy& proxy) { return proxy.teardown(); });
}

}  // namespace gantry::adapter::haproxy
