// The network that bench/network_balancer.py measures: a task behind a network load balancer, made by the
// real adapter. Prints {"netns": …, "direct": …, "balancer": …, "host": …, "localhost": …} and waits until its
// input ends.
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>
#include <boost/json.hpp>
#include <cstdio>
#include <cstdlib>
#include <iostream>

#include "adapter/routernet/router_network.h"

namespace {

namespace asio = boost::asio;
namespace port = gantry::port;

template <class T>
T must(asio::awaitable<gantry::Result<T>> call) {
    asio::io_context context;
    auto future = asio::co_spawn(context, std::move(call), asio::use_future);
    context.run();
    auto result = future.get();
    if (!result) {
        std::fprintf(stderr, "%s\n", result.error().message.c_str());
        std::exit(1);
    }
    if constexpr (!std::is_void_v<T>) return std::move(*result);
}

port::NetworkState state() {
    port::GroupRule everything;
    everything.protocol = "-1";
    everything.cidr = "0.0.0.0/0";
    port::FlowListener listener;
    listener.protocol = "tcp";
    listener.port = 8081;
    listener.targets = {{"172.31.0.10", 80}};
    port::NetworkState made;
    made.vpcs = {{"vpc-1", {"172.31.0.0/16"}}};
    made.groups = {{"sg-1", {everything}, {everything}}};
    made.enis = {{"eni-lb", "172.31.9.1", "vpc-1", {"sg-1"}}, {"eni-web", "172.31.0.10", "vpc-1", {"sg-1"}}};
    made.balancers = {{"lb", "eni-lb", "172.31.9.1", {listener}}};
    made.host_balancers = {{"lb", "127.64.0.1", true, {listener}}};
    return made;
}

}  // namespace

int main() {
    gantry::adapter::routernet::RouterNetwork network(
        gantry::adapter::routernet::options_for("bench", "/run/gantry-bench-network", 40)
    );
    port::EniSpec spec{.id = "eni-web", .address = "172.31.0.10", .mac = "02:00:00:00:00:01"};
    auto attached = must(network.attach(spec));
    must(network.apply(state()));
    boost::json::object made{
        {"netns", attached.netns_path}, {"direct", "172.31.0.10:80"}, {"balancer", "172.31.9.1:8081"},
        {"host", "127.64.0.1:8081"},    {"localhost", "127.0.0.1:8081"}
    };
    std::cout << boost::json::serialize(made) << std::endl;
    for (std::string line; std::getline(std::cin, line);) {
    }
    must(network.teardown());
}
