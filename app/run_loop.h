#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <exception>
#include <optional>

namespace gantry::app {

// Runs one coroutine to its end on a context that nothing else runs, for client commands.
template <class T>
T run_to_end(boost::asio::io_context& context, boost::asio::awaitable<T> work) {
    std::optional<T> result;
    boost::asio::co_spawn(context, std::move(work), [&](std::exception_ptr failed, T value) {
        if (failed) std::rethrow_exception(failed);
        result.emplace(std::move(value));
        context.stop();
    });
    context.restart();
    context.run();
    return std::move(*result);
}

}  // namespace gantry::app
