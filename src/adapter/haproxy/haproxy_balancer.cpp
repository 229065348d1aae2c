#include "adapter/haproxy/haproxy_balancer.h"

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <functional>

#include "adapter/haproxy/proxy.h"

namespace gantry::adapter::haproxy {
namespace asio = boost::asio;

struct HaproxyBalancer::Work {
    explicit Work(Options options) : proxy(std::move(options)) {}
    // The thread ends before the proxy that it works on goes.
    ~Work() { thread.join(); }

    template <class T>
    asio::awaitable<T> run(std::function<T(Proxy&)> job) {
        co_return co_await asio::async_initiate<decltype(asio::use_awaitable), void(T)>(
            [this](auto handler, std::function<T(Proxy&)> what) {
                auto back = asio::get_associated_executor(handler);
                auto guard = asio::make_work_guard(back);
                auto shared = std::make_shared<decltype(handler)>(std::move(handler));
                asio::post(thread, [this, back, guard, shared, what = std::move(what)] {
                    auto result = std::make_shared<T>(what(proxy));
                    asio::post(back, [shared, result] { std::move (*shared)(std::move(*result)); });
                });
            },
            asio::use_awaitable, std::move(job)
        );
    }

    Proxy proxy;
    asio::thread_pool thread{1};
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

HaproxyBalancer::Async<> HaproxyBalancer::shut(std::string group, std::string address, std::uint16_t port) {
    return work_->run<Result<>>([group = std::move(group), address = std::move(address), port](Proxy& proxy) {
        return proxy.shut(group, address, port);
    });
}

HaproxyBalancer::Async<> HaproxyBalancer::teardown() {
    return work_->run<Result<>>([](Proxy& proxy) { return proxy.teardown(); });
}

}  // namespace gantry::adapter::haproxy
