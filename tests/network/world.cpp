#include "network/world.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <optional>

namespace gantry::network_test {
namespace {

template <class T>
boost::asio::awaitable<void> keep(boost::asio::awaitable<Result<T>> call, std::optional<Result<T>>& into) {
    into = co_await std::move(call);
}

}  // namespace

template <class T>
Result<T> World::wait(boost::asio::awaitable<Result<T>> call) {
    boost::asio::io_context context;
    std::optional<Result<T>> result;
    boost::asio::co_spawn(context, keep(std::move(call), result), boost::asio::detached);
    context.run();
    return std::move(*result);
}

template Result<void> World::wait(boost::asio::awaitable<Result<void>>);
template Result<port::Attached> World::wait(boost::asio::awaitable<Result<port::Attached>>);
template Result<port::Applied> World::wait(boost::asio::awaitable<Result<port::Applied>>);
template Result<port::Descriptor> World::wait(boost::asio::awaitable<Result<port::Descriptor>>);
template Result<port::EniUsage> World::wait(boost::asio::awaitable<Result<port::EniUsage>>);
template Result<std::vector<int>> World::wait(boost::asio::awaitable<Result<std::vector<int>>>);
template Result<std::vector<port::EntranceTraffic>>
    World::wait(boost::asio::awaitable<Result<std::vector<port::EntranceTraffic>>>);
template Result<std::vector<port::FoundEni>>
    World::wait(boost::asio::awaitable<Result<std::vector<port::FoundEni>>>);

World::World(unsigned number)
    : options_(adapter::routernet::options_for(
          "box" + std::to_string(number), "/run/gantry-test" + std::to_string(number), number
      )) {
    options_.resolv_conf = "/run/resolv-test.conf";
    shell("echo nameserver 127.0.0.1 > /run/resolv-test.conf");
    state_.vpcs = {{"vpc-a", {"172.31.0.0/16"}}};
    start();
}

World::~World() {
    auto removed = wait(network_->teardown());
    EXPECT_TRUE(removed.has_value()) << removed.error().message;
}

void World::start() {
    network_.reset();
    network_ = std::make_unique<adapter::routernet::RouterNetwork>(options_);
}

port::Attached World::attach(const std::string& id, const std::string& address) {
    auto made = wait(network_->attach({.id = id, .address = address, .mac = "02:00:00:00:00:01"}));
    EXPECT_TRUE(made.has_value()) << made.error().message;
    return made.value_or(port::Attached{});
}

std::string World::task(const std::string& id, const std::string& address, std::vector<std::string> groups) {
    state_.enis.push_back({id, address, "vpc-a", std::move(groups)});
    return attach(id, address).netns_path;
}

port::Applied World::apply() {
    auto made = wait(network_->apply(state_));
    EXPECT_TRUE(made.has_value()) << made.error().message;
    return made.value_or(port::Applied{});
}

port::GroupState& World::group(const std::string& id) {
    for (auto& group : state_.groups) {
        if (group.id == id) return group;
    }
    state_.groups.push_back({id, {}, {}});
    return state_.groups.back();
}

port::EniState& World::eni(const std::string& id) {
    for (auto& eni : state_.enis) {
        if (eni.id == id) return eni;
    }
    std::abort();
}

port::GroupRule rule(std::string protocol, int from, int to, std::string peer) {
    port::GroupRule made;
    made.protocol = std::move(protocol);
    if (from >= 0) made.from = static_cast<std::uint16_t>(from);
    if (to >= 0) made.to = static_cast<std::uint16_t>(to);
    (peer.starts_with("sg-") ? made.group : made.cidr) = std::move(peer);
    return made;
}

port::GroupRule everything(std::string peer) { return rule("-1", -1, -1, std::move(peer)); }

}  // namespace gantry::network_test
