#include "adapter/routernet/balancer_rules.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "adapter/routernet/ipv4.h"

namespace gantry::adapter::routernet {
namespace {

// The modulus of nft's hash is 32 bits wide.
constexpr std::uint64_t most_shares = 1U << 30;
constexpr const char* hash_seed = "0x67616e74";
constexpr Cidr link_local{{0xA9FE0000}, 16};
constexpr Cidr loopback{{0x7F000000}, 8};
constexpr Cidr host_addresses{{0x7F400000}, 16};  // 127.64.0.0/16

std::string chain_of(const std::string& address, const port::FlowListener& listener) {
    auto name = balancer_prefix + address + '_' + listener.protocol + '_' + std::to_string(listener.port);
    std::ranges::replace(name, '.', '_');
    return name;
}

std::string quoted_link(const std::string& eni) { return '"' + link_of(eni) + '"'; }

class Balancers {
  public:
    Balancers(const port::NetworkState& state, Ruleset& made) : state_(state), made_(made) {
        for (const auto& eni : state.enis) enis_[eni.id] = &eni;
    }

    Result<> add() {
        for (const auto& balancer : state_.balancers) TRY_VOID(add_address(balancer));
        for (const auto& host : state_.host_balancers) TRY_VOID(add_host_address(host));
        return {};
    }

  private:
    std::map<std::string, std::string>& elements(const char* set) { return made_.sets[set].elements; }

    Result<> add_address(const port::BalancerAddressState& balancer) {
        auto who = balancer.balancer.substr(0, 80);
        auto eni = enis_.find(balancer.eni);
        if (eni == enis_.end()) {
            return trouble(
                Errc::invalid, who + ": unknown network interface " + balancer.eni.substr(0, 80)
            );
        }
        auto address = parse_ipv4(balancer.address);
        if (!address || eni->second->address != format(*address)) {
            return trouble(
                Errc::invalid, who + ": " + balancer.address.substr(0, 80) + " is not the address of " +
                                   balancer.eni.substr(0, 80)
            );
        }
        if (overlap({*address, 32}, link_local) || overlap({*address, 32}, loopback)) {
            return trouble(Errc::invalid, who + ": a balancer cannot have the address " + balancer.address);
        }
        // Of several addresses the host's flows get the lowest: any will do, but always the same.
        auto [first, fresh] = primary_.try_emplace(balancer.balancer, *address, eni->second);
        if (!fresh && *address < first->second.first) first->second = {*address, eni->second};
        return add_entrance(balancer.address, balancer.address, *eni->second, balancer.listeners, who);
    }

    Result<> add_host_address(const port::HostBalancerState& host) {
        auto who = host.balancer.substr(0, 80);
        auto address = parse_ipv4(host.host_address);
        if (!address || !overlap({*address, 32}, host_addresses)) {
            return trouble(
                Errc::invalid, who + ": the host needs an address in " + format(host_addresses) +
                                   " for it, not " + host.host_address.substr(0, 80)
            );
        }
        auto primary = primary_.find(host.balancer);
        if (primary == primary_.end()) {
            return trouble(Errc::invalid, who + ": a balancer for the host without an address of its own");
        }
        const auto& [own, eni] = primary->second;
        // "From the balancer's group" holds for flows that entered here too.
        for (const auto& group : eni->groups) {
            auto name = "m_" + group;
            std::ranges::replace(name, '-', '_');
            if (auto set = made_.sets.find(name); set != made_.sets.end()) {
                set->second.elements[format(*address)];
            }
        }
        return add_entrance(format(*address), format(own), *eni, host.listeners, who);
    }

    // at: where clients connect; source: what targets see.
    Result<> add_entrance(
        const std::string& at,
        const std::string& source,
        const port::EniState& eni,
        const std::vector<port::FlowListener>& listeners,
        const std::string& who
    ) {
        if (!elements("lb_addresses").try_emplace(at).second) {
            return trouble(Errc::invalid, who + ": two balancers have the address " + at);
        }
        elements("lb_source")[at] = source;
        elements("lb_vpc")[at] = elements("vpc_of")[quoted_link(eni.id)];
        if (!eni.groups.empty()) {
            elements("lb_clients")[at] = "goto " + closed_chain(elements("to_ingress")[eni.address]);
            elements("lb_egress")[at] = "goto " + closed_chain(elements("to_egress")[eni.address]);
        }
        for (const auto& listener : listeners) TRY_VOID(add_listener(at, listener, who));
        return {};
    }

    // What a chain of groups does not accept is dropped, also where the base chain's policy is to accept.
    std::string closed_chain(const std::string& jump) {
        auto name = balancer_prefix + jump.substr(jump.find(' ') + 1);
        made_.chains[name] = {jump, "drop"};
        return name;
    }

    Result<> add_listener(
        const std::string& at, const port::FlowListener& listener, const std::string& who
    ) {
        auto where = who + ": listener " + at + ':' + std::to_string(listener.port);
        TRY(auto rules, spread(listener, where));
        if (!seen_.insert({at, listener.protocol, listener.port}).second) {
            return trouble(Errc::invalid, where + " is there twice for " + listener.protocol);
        }
        if (rules.empty()) return {};  // refused as a closed port is
        auto chain = chain_of(at, listener);
        made_.chains[chain] = std::move(rules);
        auto key = at + " . " + listener.protocol + " . " + std::to_string(listener.port);
        elements("lb_dispatch")[key] = "goto " + chain;
        if (listener.local_port == 0) {
            elements("lb_flows")[key];
            elements("lb_bytes")[at + " . " + listener.protocol];
            elements("lb_target_resets")[at];
            elements("lb_client_resets")[at];
        } else {
            auto entrance = listener.local_address + " . " + listener.protocol + " . " +
                            std::to_string(listener.local_port);
            elements("lb_entrances")[entrance];
        }
        if (!listener.preserve_client) return {};
        for (const auto& target : listener.targets) {
            elements("lb_self")[target.address + " . " + target.address];
        }
        return {};
    }

    const port::NetworkState& state_;
    Ruleset& made_;
    std::map<std::string, const port::EniState*> enis_;
    std::map<std::string, std::pair<Ipv4, const port::EniState*>> primary_;
    std::set<Service> seen_;
};

using Shares = std::map<std::pair<Ipv4, std::uint16_t>, std::uint64_t>;

Result<Shares> shares_of(const port::FlowListener& listener, const std::string& where) {
    Shares shares;
    std::uint64_t all = 0;
    for (const auto& target : listener.targets) {
        auto address = parse_ipv4(target.address);
        if (!address || format(*address) != target.address) {
            return trouble(
                Errc::invalid, where + ": not an IPv4 address: " + target.address.substr(0, 80)
            );
        }
        if (overlap({*address, 32}, link_local) || overlap({*address, 32}, loopback)) {
            return trouble(Errc::invalid, where + ": no target can have the address " + target.address);
        }
        if (target.port == 0 || target.weight < 1) {
            return trouble(Errc::invalid, where + ": a target needs a port and a positive weight");
        }
        shares[{*address, target.port}] += static_cast<std::uint64_t>(target.weight);
        all += static_cast<std::uint64_t>(target.weight);
    }
    if (all > most_shares) {
        auto divisor = all / most_shares + 1;
        for (auto& [end, share] : shares) share = std::max<std::uint64_t>(1, share / divisor);
    }
    return shares;
}

}  // namespace

Result<std::vector<std::string>> spread(const port::FlowListener& listener, const std::string& where) {
    const auto& protocol = listener.protocol;
    if (protocol != "tcp" && protocol != "udp") {
        return trouble(Errc::invalid, where + ": not a protocol: " + protocol.substr(0, 80));
    }
    if (listener.port == 0) return trouble(Errc::invalid, where + ": a listener needs a port");
    std::string rule = "meta l4proto " + protocol + ' ';
    if (listener.local_port != 0) {
        auto address = parse_ipv4(listener.local_address);
        if (!address || format(*address) != listener.local_address ||
            !overlap({*address, 32}, link_local) || !listener.targets.empty()) {
            return trouble(
                Errc::invalid,
                where + ": a proxy listens at a link-local address, and there are no targets beside it"
            );
        }
        return std::vector{rule + "dnat ip to " + listener.local_address + ':' + std::to_string(listener.local_port)};
    }
    TRY(auto shares, shares_of(listener, where));
    if (shares.empty()) return std::vector<std::string>();
    if (listener.preserve_client) rule += std::string("ct mark set ct mark or ") + preserved_client_bit + ' ';
    const auto largest = std::ranges::max_element(shares, {}, [](const auto& share) { return share.second; });
    const auto& [address, port] = largest->first;
    auto one = rule + "dnat ip to " + format(address) + ':' + std::to_string(port);
    if (shares.size() == 1) return std::vector{std::move(one)};
    std::uint64_t all = 0;
    std::string map;
    for (const auto& [end, share] : shares) {
        if (all != 0) map += ", ";
        map += std::to_string(all);
        if (share > 1) map += '-' + std::to_string(all + share - 1);
        map += " : " + format(end.first) + " . " + std::to_string(end.second);
        all += share;
    }
    // A packet that is in the chain when its rules are replaced goes through the old ones to their end, but finds
    // their map empty: without the second rule its connection would be refused.
    return std::vector{
        rule + "dnat ip to jhash ip saddr . " + protocol + " sport . ip daddr . " + protocol + " dport mod " +
            std::to_string(all) + " seed " + hash_seed + " map { " + map + " }",
        std::move(one)
    };
}

void declare_balancer_sets(Ruleset& made) {
    auto declare = [&](const char* name, bool map, const char* declaration) {
        made.sets[name] = {declaration, map, {}};
    };
    declare("lb_addresses", false, "type ipv4_addr;");
    declare("lb_dispatch", true, "type ipv4_addr . inet_proto . inet_service : verdict;");
    declare("lb_clients", true, "type ipv4_addr : verdict;");
    declare("lb_egress", true, "type ipv4_addr : verdict;");
    declare("lb_source", true, "type ipv4_addr : ipv4_addr;");
    declare("lb_self", false, "type ipv4_addr . ipv4_addr;");
    declare("lb_vpc", true, "type ipv4_addr : mark;");
    // What is counted of flows that the kernel carries: new ones, packets and bytes, TCP resets.
    declare("lb_flows", false, "type ipv4_addr . inet_proto . inet_service; counter;");
    declare("lb_bytes", false, "type ipv4_addr . inet_proto; counter;");
    declare("lb_target_resets", false, "type ipv4_addr; counter;");
    declare("lb_client_resets", false, "type ipv4_addr; counter;");
    declare("lb_entrances", false, "type ipv4_addr . inet_proto . inet_service;");
}

Result<> add_balancers(const port::NetworkState& state, Ruleset& made) {
    return Balancers(state, made).add();
}

}  // namespace gantry::adapter::routernet
