// The baseline of bench/run.py's api part: Gantry's HTTP server with nothing behind it. Answers every request with as
// many bytes as the last part of its path says, with the headers of an ECS answer. Prints its port; runs until its
// standard input ends.
#include <malloc.h>

#include <boost/asio/io_context.hpp>
#include <cstdio>
#include <cstdlib>
#include <thread>

#include "adapter/beast/server.h"

int main() {
    using namespace gantry;
    // As the program itself.
    ::mallopt(M_MMAP_THRESHOLD, 1 << 20);
    ::mallopt(M_TRIM_THRESHOLD, 4 << 20);
    ::mallopt(M_TOP_PAD, 256 << 10);
    boost::asio::io_context context{1};
    adapter::beast::Server server(
        context.get_executor(),
        [](port::HttpRequest request, port::HttpPeer) -> boost::asio::awaitable<port::HttpResponse> {
            const auto slash = request.target.rfind('/');
            const std::size_t size = std::strtoul(request.target.c_str() + slash + 1, nullptr, 10);
            port::HttpResponse response{200, {}, {}};
            response.headers.emplace_back("x-amzn-RequestId", "00000000-0000-4000-8000-000000000000");
            response.headers.emplace_back("Content-Type", "application/x-amz-json-1.1");
            response.body.assign(size, 'x');
            co_return response;
        }
    );
    const auto port = server.listen("127.0.0.1", 0);
    if (!port) {
        std::fprintf(stderr, "%s\n", port.error().message.c_str());
        return 1;
    }
    std::printf("%d\n", *port);
    std::fflush(stdout);
    std::thread thread([&] { context.run(); });
    while (std::getchar() != EOF) {
    }
    // Nothing to lose: the connections end with the process.
    std::_Exit(0);
}
