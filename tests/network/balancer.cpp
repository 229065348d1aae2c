#include "network/balancer.h"

#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstdlib>

namespace gantry::network_test {

Balanced::Balanced() {
    group("sg-open").ingress = {everything()};
    group("sg-open").egress = {everything()};
    balancer("lb-a", "172.31.9.1");
    host_balancer("lb-a", "127.64.0.1");
}

void Balanced::balancer(
    const std::string& id, const std::string& address, std::vector<std::string> groups
) {
    auto eni = "eni-" + id + '-' + std::to_string(state_.balancers.size());
    state_.enis.push_back({eni, address, "vpc-a", std::move(groups)});
    state_.balancers.push_back({id, eni, address, {}});
}

void Balanced::host_balancer(const std::string& id, const std::string& host_address) {
    state_.host_balancers.push_back({id, host_address, true, {}});
}

std::string Balanced::open_task(const std::string& id, const std::string& address) {
    return task(id, address, {"sg-open"});
}

port::FlowListener& Balanced::listen(
    const std::string& at,
    std::uint16_t port,
    std::vector<port::FlowTarget> targets,
    const std::string& protocol
) {
    std::vector<port::FlowListener>* all = nullptr;
    for (auto& balancer : state_.balancers) {
        if (balancer.address == at) all = &balancer.listeners;
    }
    for (auto& host : state_.host_balancers) {
        if (host.host_address == at) all = &host.listeners;
    }
    if (all == nullptr) std::abort();
    for (auto& listener : *all) {
        if (listener.port != port || listener.protocol != protocol) continue;
        listener.targets = std::move(targets);
        return listener;
    }
    all->push_back({protocol, port, std::move(targets)});
    return all->back();
}

void Balanced::listen_everywhere(
    std::uint16_t port, const std::vector<port::FlowTarget>& targets, const std::string& protocol
) {
    listen("172.31.9.1", port, targets, protocol);
    listen("127.64.0.1", port, targets, protocol);
}

int Balanced::flows(const std::string& address, std::uint16_t port, const std::string& protocol) {
    auto counted = wait(network_->balanced_flows({{address, port, protocol}}));
    EXPECT_TRUE(counted.has_value()) << counted.error().message;
    return counted && counted->size() == 1 ? counted->front() : -1;
}

void Balanced::reset(const std::string& address, std::uint16_t port, const std::string& protocol) {
    auto done = wait(network_->reset_flows({address, port, protocol}));
    EXPECT_TRUE(done.has_value()) << done.error().message;
}

Reach Balanced::from_balancer(const std::string& balancer, const std::string& address, std::uint16_t port) {
    auto socket = wait(network_->socket_from(balancer));
    EXPECT_TRUE(socket.has_value()) << socket.error().message;
    if (!socket) return Reach::silent;
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    ::inet_pton(AF_INET, address.c_str(), &to.sin_addr);
    if (::connect(socket->get(), reinterpret_cast<sockaddr*>(&to), sizeof to) != 0 && errno != EINPROGRESS) {
        return Reach::unreachable;
    }
    pollfd ready{socket->get(), POLLOUT, 0};
    if (::poll(&ready, 1, 700) <= 0) return Reach::silent;
    int error = 0;
    socklen_t size = sizeof error;
    ::getsockopt(socket->get(), SOL_SOCKET, SO_ERROR, &error, &size);
    return error == 0 ? Reach::open : error == ECONNREFUSED ? Reach::refused : Reach::unreachable;
}

}  // namespace gantry::network_test
