#pragma once

#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <memory>
#include <type_traits>
#include <utility>

namespace gantry::adapter::containerd {

// Runs `work` on the pool and comes back to the coroutine's own executor with what it returned. Never cut short: a
// mount is not left half made. `work` owns all that it touches.
// Pass a named closure by std::move: GCC 12 destroys a temporary one with captures twice in a co_await expression.
template <class Work>
boost::asio::awaitable<std::invoke_result_t<Work>> on_pool(boost::asio::thread_pool& pool, Work work) {
    using Value = std::invoke_result_t<Work>;
    auto executor = co_await boost::asio::this_coro::executor;
    auto initiate = [&pool, executor, &work](auto handler) {
        auto shared = std::make_shared<decltype(handler)>(std::move(handler));
        boost::asio::post(pool, [shared, work = std::move(work), guard = boost::asio::make_work_guard(executor)]() mutable {
            auto value = std::make_shared<Value>(work());
            boost::asio::post(guard.get_executor(), [shared, value] { (*shared)(std::move(*value)); });
        });
    };
    co_return co_await boost::asio::async_initiate<decltype(boost::asio::use_awaitable), void(Value)>(
        initiate, boost::asio::use_awaitable);
}

}  // namespace gantry::adapter::containerd
