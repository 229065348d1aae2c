#include "adapter/routernet/host_balancing.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <iterator>
#include <sstream>

#include "adapter/routernet/namespace_files.h"
#include "adapter/routernet/nft.h"

namespace gantry::adapter::routernet {
namespace {

constexpr Ipv4 localhost{0x7F000001};

int reserve_port(const LocalPort& at, port::Descriptor& made) {
    bool tcp = at.first == "tcp";
    port::Descriptor fd(::socket(AF_INET, (tcp ? SOCK_STREAM : SOCK_DGRAM) | SOCK_CLOEXEC, 0));
    if (!fd) return errno;
    sockaddr_in name{};
    name.sin_family = AF_INET;
    name.sin_port = htons(at.second);
    name.sin_addr.s_addr = htonl(localhost.value);
    if (::bind(fd.get(), reinterpret_cast<sockaddr*>(&name), sizeof name) != 0) return errno;
    made = std::move(fd);
    return 0;
}

std::string words(const LocalPort& at) {
    return format(localhost) + ':' + std::to_string(at.second) + " (" + at.first + ')';
}

}  // namespace

std::map<LocalPort, LocalWish> choose_local_ports(
    const std::vector<port::HostBalancerState>& wanted, const std::map<LocalPort, std::string>& owners
) {
    std::map<LocalPort, LocalWish> chosen;
    for (const auto& host : wanted) {
        if (!host.localhost) continue;
        for (const auto& listener : host.listeners) {
            LocalPort at{listener.protocol, listener.port};
            auto [entry, fresh] = chosen.try_emplace(at, LocalWish{host.balancer, host.host_address});
            if (fresh) continue;
            auto owner = owners.find(at);
            bool had = owner != owners.end() && owner->second == entry->second.host_address;
            bool has = owner != owners.end() && owner->second == host.host_address;
            if (has || (!had && host.balancer < entry->second.balancer)) {
                entry->second = {host.balancer, host.host_address};
            }
        }
    }
    return chosen;
}

// A former process's choice stays, so that nobody's port changes hands by a restart.
Result<> HostBalancing::adopt() {
    if (adopted_) return {};
    auto listed = Nft::list("map " + table() + " local_ports");
    if (!listed && listed.error().errc != Errc::not_found) return tl::unexpected(listed.error());
    auto text = listed.value_or("");
    std::ranges::replace_if(text, [](char c) { return c == ',' || c == '{' || c == '}'; }, ' ');
    std::istringstream input(text);
    std::vector<std::string> tokens{std::istream_iterator<std::string>(input), {}};
    for (std::size_t i = 0; i + 4 < tokens.size(); ++i) {  // tcp . 8081 : 127.64.0.1
        if ((tokens[i] != "tcp" && tokens[i] != "udp") || tokens[i + 1] != "." || tokens[i + 3] != ":") {
            continue;
        }
        auto port = std::strtoul(tokens[i + 2].c_str(), nullptr, 10);
        if (port == 0 || port > 65535 || !parse_ipv4(tokens[i + 4])) continue;
        owners_[{tokens[i], static_cast<std::uint16_t>(port)}] = tokens[i + 4];
    }
    adopted_ = true;
    return {};
}

void HostBalancing::reserve(const std::map<LocalPort, LocalWish>& chosen) {
    std::erase_if(reserved_, [&](const auto& entry) { return !chosen.contains(entry.first); });
    std::erase_if(owners_, [&](const auto& entry) { return !chosen.contains(entry.first); });
    for (const auto& [at, wish] : chosen) {
        if (!reserved_.contains(at)) {
            port::Descriptor made;
            if (reserve_port(at, made) != 0) {
                owners_.erase(at);
                continue;
            }
            reserved_[at] = std::move(made);
        }
        owners_[at] = wish.host_address;
    }
}

Result<> HostBalancing::load(const std::map<LocalPort, LocalWish>& chosen) {
    std::string elements;
    for (const auto& [at, wish] : chosen) {
        if (!reserved_.contains(at)) continue;
        elements += elements.empty() ? "  elements = { " : ", ";
        elements += at.first + " . " + std::to_string(at.second) + " : " + wish.host_address;
    }
    if (!elements.empty()) elements += " }\n";
    auto link = '"' + options_.host_link + '"';
    auto text = "table " + table() + " {\nmap local_ports {\n  type inet_proto . inet_service : ipv4_addr\n" +
                elements +
                "}\n"
                // Our link accepts loopback addresses as senders; nothing that comes over it may be for one.
                // Before connection tracking turns answers back: those are for the link's address here.
                "chain guard { type filter hook prerouting priority -310; policy accept;\n"
                "  iifname " +
                link +
                " ip daddr 127.0.0.0/8 drop\n}\n"
                "chain local_nat { type nat hook output priority -100; policy accept;\n"
                "  ip daddr " +
                format(localhost) +
                " dnat to meta l4proto . th dport map @local_ports\n}\n"
                "chain link_nat { type nat hook postrouting priority 100; policy accept;\n"
                "  oifname " +
                link + " ip saddr 127.0.0.0/8 snat to " + format(options_.host_address) + "\n}\n}\n";
    if (text == loaded_) return {};
    TRY_VOID(Nft::load("add table " + table() + "\ndelete table " + table() + '\n' + text));
    loaded_ = std::move(text);
    return {};
}

Result<std::vector<port::LocalhostPort>> HostBalancing::ensure(
    const std::vector<port::HostBalancerState>& wanted, bool look
) {
    std::vector<port::LocalhostPort> taken;
    if (wanted.empty()) {
        TRY_VOID(remove());
        return taken;
    }
    TRY_VOID(adopt());
    if (look && !loaded_.empty() && !Nft::list("map " + table() + " local_ports")) loaded_.clear();
    auto chosen = choose_local_ports(wanted, owners_);
    reserve(chosen);
    // First the rule that closes the leak, then what could leak.
    TRY_VOID(load(chosen));
    TRY_VOID(write_sysctl("net/ipv4/conf/" + options_.host_link + "/route_localnet", "1"));
    for (const auto& host : wanted) {
        if (!host.localhost) continue;
        for (const auto& listener : host.listeners) {
            LocalPort at{listener.protocol, listener.port};
            const auto& winner = chosen.at(at);
            if (!reserved_.contains(at)) {
                taken.push_back(
                    {host.balancer, at.first, at.second, words(at) + " is in use by another program"}
                );
            } else if (winner.balancer != host.balancer) {
                taken.push_back(
                    {host.balancer, at.first, at.second, words(at) + " is open for " + winner.balancer}
                );
            }
        }
    }
    return taken;
}

Result<> HostBalancing::remove() {
    if (adopted_ && loaded_.empty()) return {};
    auto listed = Nft::list("table " + table());
    if (!listed && listed.error().errc != Errc::not_found) return tl::unexpected(listed.error());
    if (listed) {
        static_cast<void>(write_sysctl("net/ipv4/conf/" + options_.host_link + "/route_localnet", "0"));
        TRY_VOID(Nft::load("add table " + table() + "\ndelete table " + table() + '\n'));
    }
    reserved_.clear();
    owners_.clear();
    loaded_.clear();
    adopted_ = true;
    return {};
}

}  // namespace gantry::adapter::routernet
