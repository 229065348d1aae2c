#pragma once

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <functional>
#include <memory>
#include <utility>

namespace gantry {

// One object whose calls block, on a thread of its own. The caller's coroutine resumes on its own executor; a
// call that has begun runs to its end, whoever waits for it. The destructor waits for the work in hand.
template <class Object>
class BlockingThread {
  public:
    template <class... Arguments>
    explicit BlockingThread(Arguments&&... arguments) : object_(std::forward<Arguments>(arguments)...) {}
    // The thread ends before the object that it works on goes.
    ~BlockingThread() { thread_.join(); }

    template <class T>
    boost::asio::awaitable<T> run(std::function<T(Object&)> job) {
        namespace asio = boost::asio;
        co_return co_await asio::async_initiate<decltype(asio::use_awaitable), void(T)>(
            [this](auto handler, std::function<T(Object&)> what) {
                auto back = asio::get_associated_executor(handler);
                auto guard = asio::make_work_guard(back);
                auto shared = std::make_shared<decltype(handler)>(std::move(handler));
                asio::post(thread_, [this, back, guard, shared, what = std::move(what)] {
                    auto result = std::make_shared<T>(what(object_));
                    asio::post(back, [shared, result] { std::move (*shared)(std::move(*result)); });
                });
            },
            asio::use_awaitable, std::move(job)
        );
    }

    // Runs something on the thread before the first call.
    void first(std::function<void()> job) { boost::asio::post(thread_, std::move(job)); }

  private:
    Object object_;
    boost::asio::thread_pool thread_{1};
};

}  // namespace gantry
