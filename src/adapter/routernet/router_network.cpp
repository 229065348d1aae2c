#include "adapter/routernet/router_network.h"

#include <pthread.h>
#include <signal.h>

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <functional>

#include "adapter/routernet/router.h"

namespace gantry::adapter::routernet {
namespace asio = boost::asio;

struct RouterNetwork::Work {
    explicit Work(Options options) : router(std::move(options)) {
        asio::post(thread, [] {
            // nft may die while it is written to; that is an error value and not the end of the process.
            sigset_t pipe;
            ::sigemptyset(&pipe);
            ::sigaddset(&pipe, SIGPIPE);
            ::pthread_sigmask(SIG_BLOCK, &pipe, nullptr);
        });
    }
    // The thread ends before the router that it works on goes.
    ~Work() { thread.join(); }

    template <class T>
    asio::awaitable<T> run(std::function<T(Router&)> job) {
        co_return co_await asio::async_initiate<decltype(asio::use_awaitable), void(T)>(
            [this](auto handler, std::function<T(Router&)> what) {
                auto back = asio::get_associated_executor(handler);
                auto guard = asio::make_work_guard(back);
                auto shared = std::make_shared<decltype(handler)>(std::move(handler));
                asio::post(thread, [this, back, guard, shared, what = std::move(what)] {
                    auto result = std::make_shared<T>(what(router));
                    asio::post(back, [shared, result] { std::move (*shared)(std::move(*result)); });
                });
            },
            asio::use_awaitable, std::move(job)
        );
    }

    Router router;
    asio::thread_pool thread{1};
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
