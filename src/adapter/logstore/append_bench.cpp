// Events per second into the store: `append_bench FOLDER`. One line for each batch size, 16 callers.
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <cstdio>

#include "adapter/logstore/store.h"

using namespace gantry;

namespace {

boost::asio::awaitable<void> append(port::LogStore& store, int caller, int size, int rounds) {
    for (int round = 0; round < rounds; ++round) {
        port::LogBatch batch{{"g", "s" + std::to_string(caller)}, {}, {}};
        for (int i = 0; i < size; ++i) {
            const std::int64_t at = 1'700'000'000'000 + round * 100 + i;
            batch.events.push_back(
                {{at, 0},
                 at,
                 "10.0.0." + std::to_string(i) + " - - \"GET /index.html?q=" +
                     std::to_string(round * 7919 + i) + " HTTP/1.1\" 200 612 \"-\" \"curl/7.88.1\""}
            );
        }
        auto done = co_await store.append(std::move(batch));
        if (!done) std::fprintf(stderr, "%s\n", done.error().message.c_str());
    }
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 2) return 2;
    for (const int size : {1, 20, 500, 5000}) {
        auto store =
            adapter::logstore::Store::open({.folder = std::string(argv[1]) + "/" + std::to_string(size)});
        if (!store) return 1;
        const int rounds = size == 1 ? 1000 : 250'000 / size / 4;
        boost::asio::io_context context;
        for (int caller = 0; caller < 16; ++caller)
            boost::asio::co_spawn(context, append(**store, caller, size, rounds), [](std::exception_ptr) {});
        const auto start = std::chrono::steady_clock::now();
        context.run();
        const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
        std::printf("batch %5d: %9.0f events/s\n", size, 16.0 * size * rounds / took.count());
    }
}
