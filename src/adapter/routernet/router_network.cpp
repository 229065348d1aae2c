#include "adapter/routernet/router_network.h"

#include <pthread.h>
#include <signal.h>

#include "adapter/routernet/router.h"
#include "base/blocking_thread.h"

namespace gantry::adapter::routernet {

struct RouterNetwork::Work : BlockingThread<Router> {
    explicit Work(Options options) : BlockingThread(std::move(options)) {
        first([] {
            // nft may die while it is written to; that is an error value and not the end of the process.
            sigset_t pipe;
            ::sigemptyset(&pipe);
            ::sigaddset(&pipe, SIGPIPE);
            ::pthread_sigmask(SIG_BLOCK, &pipe, nullptr);
        });
    }
};

RouterNetwork::RouterNetwork(Options options) : work_(std::make_unique<Work>(std::move(options))) {}

RouterNetwork::~RouterNetwork() = default;

RouterNetwork::Async<> RouterNetwork::ensure_router() {
    return work_->run<Result<>>([](Router& r) { return r.ensure(); });
}

RouterNetwork::Async<port::Attached> RouterNetwork::attach(port::EniSpec spec) {
    return work_->run<Result<port::Attached>>([spec = std::move(spec)](Router& r) { return r.attach(spec); });
}

RouterNetwork::Async<> RouterNetwork::detach(std::string eni_id) {
    return work_->run<Result<>>([id = std::move(eni_id)](Router& r) { return r.detach(id); });
}

RouterNetwork::Async<std::vector<port::FoundEni>> RouterNetwork::list() {
    return work_->run<Result<std::vector<port::FoundEni>>>([](Router& r) { return r.list(); });
}

RouterNetwork::Async<port::EniUsage> RouterNetwork::usage(std::string eni_id) {
    return work_->run<Result<port::EniUsage>>([id = std::move(eni_id)](Router& r) { return r.usage(id); });
}

RouterNetwork::Async<port::Applied> RouterNetwork::apply(port::NetworkState state) {
    return work_->run<Result<port::Applied>>([state = std::move(state)](Router& r) { return r.apply(state); }
    );
}

RouterNetwork::Async<port::Descriptor> RouterNetwork::listen_tcp(std::string address, std::uint16_t port) {
    return work_->run<Result<port::Descriptor>>([address = std::move(address), port](Router& r) {
        return r.listen(address, port, true);
    });
}

RouterNetwork::Async<port::Descriptor> RouterNetwork::listen_udp(std::string address, std::uint16_t port) {
    return work_->run<Result<port::Descriptor>>([address = std::move(address), port](Router& r) {
        return r.listen(address, port, false);
    });
}

RouterNetwork::Async<std::vector<int>> RouterNetwork::balanced_flows(std::vector<port::FlowEnd> targets) {
    return work_->run<Result<std::vector<int>>>([targets = std::move(targets)](Router& r) {
        return r.balanced_flows(targets);
    });
}

RouterNetwork::Async<std::vector<port::EntranceTraffic>> RouterNetwork::traffic() {
    return work_->run<Result<std::vector<port::EntranceTraffic>>>([](Router& r) { return r.traffic(); });
}

RouterNetwork::Async<> RouterNetwork::reset_flows(port::FlowEnd target) {
    return work_->run<Result<>>([target = std::move(target)](Router& r) { return r.reset_flows(target); });
}

RouterNetwork::Async<port::Descriptor> RouterNetwork::socket_from(std::string balancer_address) {
    return work_->run<Result<port::Descriptor>>([address = std::move(balancer_address)](Router& r) {
        return r.socket_from(address);
    });
}

RouterNetwork::Async<> RouterNetwork::teardown() {
    return work_->run<Result<>>([](Router& r) { return r.teardown(); });
}

}  // namespace gantry::adapter::routernet
