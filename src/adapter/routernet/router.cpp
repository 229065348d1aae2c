#include "adapter/routernet/router.h"

#include <arpa/inet.h>
#include <linux/rtnetlink.h>
#include <sys/random.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>

#include "adapter/routernet/conntrack.h"
#include "adapter/routernet/router_balancers.h"
#include "base/assertion.h"
#include "base/log.h"

namespace gantry::adapter::routernet {
namespace {

constexpr const char* task_link = "eth0";
constexpr auto link_leaves = std::chrono::seconds(5);
// The router's end of every veth has this address: the gateway's neighbour entry is the same in every task.
constexpr Mac gateway_mac{0x0a, 0x47, 0xa9, 0xfe, 0x01, 0x01};

bool is_eni_id(const std::string& id) {
    return id.size() <= 64 && id.starts_with("eni-") &&
           std::ranges::all_of(id, [](unsigned char c) { return std::isalnum(c) != 0 || c == '-'; });
}

// A link's alias: "ENI ADDRESS".
std::pair<std::string, std::string> split_alias(const std::string& alias) {
    auto blank = alias.find(' ');
    return {alias.substr(0, blank), blank == alias.npos ? std::string() : alias.substr(blank + 1)};
}

std::uint16_t random_generation() {
    std::uint16_t number = 0;
    if (::getrandom(&number, sizeof number, 0) != sizeof number || number == 0) number = 1;
    return number;
}

Result<> need_eni_id(const std::string& id) {
    if (is_eni_id(id)) return {};
    return trouble(Errc::invalid, "not an ENI id: " + id.substr(0, 80));
}

}  // namespace

Router::Router(Options options)
    : options_(std::move(options)),
      files_(options_.directory),
      outside_(options_, files_.path(router_file)),
      host_balancing_(options_) {}

Result<> Router::ensure() {
    if (open_) {
        // A host that lost our end (someone deleted the link) gets a new one.
        TRY(auto link, open_->host.find_link(options_.host_link));
        if (link && link->index == open_->host_link && link->up) return {};
    } else {
        TRY_VOID(ensure_namespaces());
    }
    auto made = ensure_host_link();
    if (made) made = ensure_table();
    if (!made) open_.reset();
    return made;
}

Result<> Router::ensure_namespaces() {
    if (!host_netns_) {
        TRY(host_netns_, current_namespace());
    } else {
        TRY_VOID(enter(host_netns_));
    }
    TRY_VOID(files_.prepare());
    Open opened;
    TRY(opened.host, Rtnetlink::open());
    auto netns = files_.open(router_file);
    if (!netns && netns.error().errc == Errc::not_found) netns = files_.make(router_file);
    TRY(opened.router_netns, std::move(netns));
    TRY_VOID(enter(opened.router_netns));
    TRY(opened.router, Rtnetlink::open());
    TRY(auto loopback, opened.router.find_link("lo"));
    if (!loopback) return trouble(Errc::unavailable, "the router namespace has no loopback interface");
    opened.loopback = loopback->index;
    open_ = std::move(opened);

    auto& router = open_->router;
    TRY_VOID(router.set_up(open_->loopback));
    // A new namespace inherits some of the host's settings; what routing here depends on is said.
    for (const char* name : {"rp_filter", "send_redirects", "accept_redirects", "accept_source_route"}) {
        for (const char* scope : {"all", "default"}) {
            TRY_VOID(write_sysctl(std::string("net/ipv4/conf/") + scope + '/' + name, "0"));
        }
    }
    // Every closed port is told at once: "unreachable" is out of the limit of a few answers per client. (A limit
    // of zero would not do: the kernel then takes away what it grants for addresses without a route.)
    TRY_VOID(write_sysctl("net/ipv4/icmp_ratemask", "6160"));
    // Not there on a kernel without IPv6.
    static_cast<void>(write_sysctl("net/ipv6/conf/all/disable_ipv6", "1"));
    static_cast<void>(write_sysctl("net/ipv6/conf/default/disable_ipv6", "1"));
    for (const char* address : {port::metadata_address, port::resolver_address, port::proxy_address}) {
        TRY_VOID(router.add_address(open_->loopback, *parse_ipv4(address), 32));
    }
    // After the main table (which has no default route): outside for those who may, "unreachable" for all
    // others.
    TRY_VOID(router.add_rule(32770, outside_mark, outside_route_table));
    return router.add_rule(32780, 0, 0);
}

Result<> Router::ensure_host_link() {
    auto& host = open_->host;
    auto& router = open_->router;
    auto alias = "gantry " + options_.installation;
    TRY(auto here, host.find_link(options_.host_link));
    if (here && here->alias != alias) {
        return trouble(
            Errc::conflict, "the network interface " + options_.host_link +
                                " exists and does not belong to Gantry " + options_.installation
        );
    }
    TRY(auto there, router.find_link(router_link));
    if (here && !there) {  // left from a router that is gone
        TRY_VOID(host.remove_link(here->index));
        here.reset();
    }
    if (!here) {
        VethEnd host_end{.name = options_.host_link, .alias = alias};
        VethEnd router_end{.name = router_link, .netns = open_->router_netns.get()};
        TRY_VOID(host.make_veth(host_end, router_end));
        TRY(here, host.find_link(options_.host_link));
        TRY(there, router.find_link(router_link));
        if (!here || !there) return trouble(Errc::unavailable, "the link between host and router vanished");
        TRY_VOID(host.silence_ipv6(here->index));
    }
    TRY_VOID(host.add_address(here->index, options_.host_address, 30));
    TRY_VOID(router.add_address(there->index, options_.router_address, 30));
    // The host's side of balancers has loopback addresses; tasks' links never accept those.
    TRY_VOID(write_sysctl(std::string("net/ipv4/conf/") + router_link + "/route_localnet", "1"));
    TRY_VOID(router.set_up(there->index));
    TRY_VOID(host.set_up(here->index));
    TRY_VOID(router.wait_running(router_link));
    TRY_VOID(host.wait_running(options_.host_link));
    open_->host_link = here->index;
    routes_looked_ = {};
    return {};
}

Result<> Router::ensure_table() {
    auto table = Nft::list(std::string("chain ip ") + router_table + " egress");
    if (!table && table.error().errc != Errc::not_found) return tl::unexpected(table.error());
    if (!table) {
        // Nothing is allowed and nothing forwarded before the rules are in force.
        Ruleset nothing;
        TRY(nothing, compile({}, {}));
        nothing.generation = random_generation();
        TRY_VOID(Nft::load(replacement(nothing, options_)));
        loaded_ = std::move(nothing);
        applied_state_.reset();
    }
    // A segment of a connection that is not tracked (any more) is answered with a reset and makes no new
    // entry; one that only looks out of order is no such segment.
    TRY_VOID(write_sysctl("net/netfilter/nf_conntrack_tcp_loose", "0"));
    TRY_VOID(write_sysctl("net/netfilter/nf_conntrack_tcp_be_liberal", "1"));
    return write_sysctl("net/ipv4/ip_forward", "1");
}

Result<port::Attached> Router::attach(const port::EniSpec& spec) {
    TRY_VOID(need_eni_id(spec.id));
    auto address = parse_ipv4(spec.address);
    auto mac = parse_mac(spec.mac);
    if (!address)
        return trouble(Errc::invalid, spec.id + ": not an IPv4 address: " + spec.address.substr(0, 80));
    if (!mac) return trouble(Errc::invalid, spec.id + ": not a MAC address: " + spec.mac.substr(0, 80));
    if (spec.mtu < 576 || spec.mtu > 65535) return trouble(Errc::invalid, spec.id + ": MTU out of range");
    TRY_VOID(ensure());
    TRY(auto link, open_->router.find_link(link_of(spec.id)));
    if (link) {
        auto [id, old] = split_alias(link->alias);
        if (id == spec.id && old == format(*address) && link->up && files_.open(spec.id)) {
            attached_[spec.id] = *address;
            return port::Attached{files_.path(spec.id), format(gateway_address)};
        }
        if (link->up && files_.open(spec.id)) {
            return trouble(Errc::conflict, spec.id + " is attached already with the address " + old);
        }
        // Half made, or half removed: no task runs in it.
        TRY_VOID(files_.remove(spec.id));
        TRY_VOID(open_->router.remove_link(link->index));
    } else {
        TRY_VOID(files_.remove(spec.id));
    }
    TRY(auto routes, open_->router.routes());
    for (const auto& route : routes) {
        if (route.table != RT_TABLE_MAIN || route.to != Cidr{*address, 32}) continue;
        return trouble(Errc::conflict, "the address " + format(*address) + " is in use by another ENI");
    }
    auto built = build(spec, *address, *mac);
    if (!built) static_cast<void>(detach(spec.id));
    return built;
}

Result<port::Attached> Router::build(const port::EniSpec& spec, Ipv4 address, const Mac& mac) {
    auto& router = open_->router;
    TRY(auto netns, files_.make(spec.id));
    VethEnd outer{.name = link_of(spec.id), .alias = spec.id + ' ' + format(address), .mac = gateway_mac};
    VethEnd inner{.name = task_link, .mac = mac, .netns = netns.get()};
    outer.mtu = inner.mtu = spec.mtu;
    TRY_VOID(router.make_veth(outer, inner));
    TRY(auto link, router.find_link(outer.name));
    if (!link) return trouble(Errc::unavailable, "the interface of " + spec.id + " vanished");
    TRY(auto inside, configure_inside(netns, address));
    TRY_VOID(router.add_address(link->index, gateway_address, 32));
    // Neighbours are told, not asked: no ARP, nothing to forge, and the first packet leaves at once.
    TRY_VOID(router.add_neighbor(link->index, address, mac));
    TRY_VOID(router.set_up(link->index));
    TRY_VOID(router.add_route({.to = {address, 32}, .link = link->index}));
    TRY_VOID(inside.wait_running(task_link));
    attached_[spec.id] = address;
    leaving_.erase(spec.id);
    return port::Attached{files_.path(spec.id), format(gateway_address)};
}

Result<Rtnetlink> Router::configure_inside(const port::Descriptor& netns, Ipv4 address) {
    TRY_VOID(enter(netns));
    auto inside = Rtnetlink::open();
    auto back = enter(open_->router_netns);
    ASSERT(back.has_value(), "the thread must not stay in a task's namespace");
    if (!inside) return tl::unexpected(inside.error());
    TRY(auto loopback, inside->find_link("lo"));
    TRY(auto link, inside->find_link(task_link));
    if (!loopback || !link) return trouble(Errc::unavailable, "a task's namespace lacks its interfaces");
    TRY_VOID(inside->set_up(loopback->index));
    TRY_VOID(inside->silence_ipv6(link->index));
    TRY_VOID(inside->add_address(link->index, address, 32));
    TRY_VOID(inside->set_up(link->index));
    TRY_VOID(inside->add_neighbor(link->index, gateway_address, gateway_mac));
    TRY_VOID(inside->add_route({.to = {gateway_address, 32}, .link = link->index}));
    TRY_VOID(inside->add_route({.to = {{0}, 0}, .link = link->index, .via = gateway_address}));
    return inside;
}

Result<> Router::detach(const std::string& eni_id) {
    TRY_VOID(need_eni_id(eni_id));
    TRY_VOID(ensure());
    auto& router = open_->router;
    TRY(auto link, router.find_link(link_of(eni_id)));
    std::optional<Ipv4> address;
    if (auto known = attached_.find(eni_id); known != attached_.end()) address = known->second;
    if (link) {
        auto [id, text] = split_alias(link->alias);
        if (id != eni_id && !id.empty())
            return trouble(Errc::conflict, "the interface of " + eni_id + " belongs to " + id);
        if (auto parsed = parse_ipv4(text)) address = parsed;
    }
    // Without a route nothing reaches it any more, so its entries stay gone. They go before the file: a
    // detach that is cut short leaves the ENI in the list, and is done again before its address is given
    // away.
    if (address && link) TRY_VOID(router.remove_route({.to = {*address, 32}, .link = link->index}));
    if (address) {
        TRY(auto forgotten, forget_connections(*address));
        std::erase_if(forgotten, [&](const auto& c) { return c.target.address != *address; });
        TRY_VOID(release_clients(std::move(forgotten)));
    }
    bool had_file = files_.open(eni_id).has_value();
    TRY_VOID(files_.remove(eni_id));
    // Removing the link costs the kernel a grace period (30 ms); with the namespace it goes in the
    // background. Only where a process keeps the namespace the link is still there at the next look, and then
    // removed here.
    if (link && !had_file) TRY_VOID(router.remove_link(link->index));
    attached_.erase(eni_id);
    auto now = std::chrono::steady_clock::now();
    std::erase_if(leaving_, [&](const auto& entry) { return now - entry.second > link_leaves; });
    if (link && had_file) leaving_[eni_id] = now;
    return {};
}

Result<std::vector<port::FoundEni>> Router::list() {
    TRY_VOID(ensure());
    std::map<std::string, port::FoundEni> found;
    TRY(auto links, open_->router.links());
    auto now = std::chrono::steady_clock::now();
    for (const auto& link : links) {
        auto [id, address] = split_alias(link.alias);
        if (!is_eni_id(id)) continue;
        auto leaving = leaving_.find(id);
        if (leaving != leaving_.end() && now - leaving->second <= link_leaves) continue;
        found[id] = {id, address, {}, {}};
    }
    TRY(auto names, files_.list());
    for (const auto& name : names) {
        if (!is_eni_id(name) || !files_.open(name)) continue;
        auto& eni = found[name];
        eni.id = name;
        eni.netns_path = files_.path(name);
        if (auto address = parse_ipv4(eni.address)) attached_[name] = *address;
    }
    std::vector<port::FoundEni> all;
    for (auto& [id, eni] : found) all.push_back(std::move(eni));
    return all;
}

Result<port::EniUsage> Router::usage(const std::string& eni_id) {
    TRY_VOID(need_eni_id(eni_id));
    TRY_VOID(ensure());
    TRY(auto link, open_->router.find_link(link_of(eni_id)));
    if (!link) return trouble(Errc::not_found, eni_id + " is not attached");
    // What the router's end sends is what the task receives.
    const auto& c = link->counters;
    return port::EniUsage{c.sent_bytes,     c.sent_packets,     c.sent_dropped,     c.sent_errors,
                          c.received_bytes, c.received_packets, c.received_dropped, c.received_errors};
}

Result<> Router::load(Ruleset wanted) {
    if (loaded_) {
        wanted.generation = loaded_->generation;
        if (narrows(*loaded_, wanted)) {
            wanted.generation =
                static_cast<std::uint16_t>(wanted.generation == 0xffff ? 1 : wanted.generation + 1);
        }
        auto changed = nft_.apply(difference(*loaded_, wanted));
        if (changed) {
            loaded_ = std::move(wanted);
            return {};
        }
        // Someone changed the table, or nft died in the middle: replace the whole.
        loaded_.reset();
    } else {
        wanted.generation = random_generation();
    }
    TRY_VOID(replace(wanted));
    loaded_ = std::move(wanted);
    return {};
}

Result<> Router::replace(const Ruleset& wanted) {
    auto listed = Nft::list(std::string("table ip ") + router_table, true);
    if (!listed && listed.error().errc != Errc::not_found) return tl::unexpected(listed.error());
    const auto there = table_names(listed.value_or(""));
    if (there.empty()) return Nft::load(replacement(wanted, options_));
    auto kept = Nft::load(replacement(wanted, options_, there));
    if (kept) return kept;
    log::warn("the router's rules are made anew, packets of this moment are lost", {{"why", kept.error()}});
    return Nft::load(replacement(wanted, options_));
}

Result<port::Applied> Router::apply(const port::NetworkState& state) {
    // Judge the words before touching the world.
    Ruleset rules;
    bool same = applied_state_ && *applied_state_ == state;
    if (!same) {
        TRY(rules, compile(state, {services_.begin(), services_.end()}));
    }
    TRY_VOID(ensure());
    bool wants_outside = std::ranges::any_of(state.enis, [](const auto& eni) { return eni.outside; });
    auto way = outside_.ensure(wants_outside, host_netns_, open_->router, open_->router_netns);
    if (!same || !applied_state_ || !loaded_ || way.link != outside_link_) {
        if (same) {
            TRY(rules, compile(state, {services_.begin(), services_.end()}));
        }
        if (!way.link.empty()) rules.sets["outside_links"].elements['"' + way.link + '"'];
        applied_state_.reset();
        auto addresses = balancer_addresses(state);
        TRY_VOID(hold_addresses(addresses));
        TRY_VOID(load(std::move(rules)));
        outside_link_ = way.link;
        TRY_VOID(drop_addresses(addresses));
    }
    TRY_VOID(reach_from_host(state));
    if (!applied_state_) applied_state_ = state;
    return port::Applied{host_routes_, localhost_taken_, way.access, way.reason};
}

Result<port::Descriptor> Router::listen(const std::string& address, std::uint16_t port, bool tcp) {
    auto ip = parse_ipv4(address);
    if (!ip || !overlap({*ip, 32}, {{0xA9FE0000}, 16}) || port == 0) {
        return trouble(
            Errc::invalid,
            "services in tasks need a link-local address and a port, not " + address.substr(0, 80)
        );
    }
    TRY_VOID(ensure());
    TRY_VOID(open_->router.add_address(open_->loopback, *ip, 32));
    int kind = (tcp ? SOCK_STREAM : SOCK_DGRAM) | SOCK_NONBLOCK | SOCK_CLOEXEC;
    port::Descriptor made(::socket(AF_INET, kind, 0));
    if (!made) return system_trouble("cannot make a socket", errno);
    int on = 1;
    if (tcp) ::setsockopt(made.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    sockaddr_in name{};
    name.sin_family = AF_INET;
    name.sin_port = htons(port);
    name.sin_addr.s_addr = htonl(ip->value);
    auto where = address + ':' + std::to_string(port);
    if (::bind(made.get(), reinterpret_cast<sockaddr*>(&name), sizeof name) != 0) {
        if (errno == EADDRINUSE) return trouble(Errc::conflict, where + " in the router is in use");
        return system_trouble("cannot listen at " + where, errno);
    }
    if (tcp && ::listen(made.get(), SOMAXCONN) != 0)
        return system_trouble("cannot listen at " + where, errno);
    TRY_VOID(add_service({format(*ip), tcp ? "tcp" : "udp", port}));
    return made;
}

Result<> Router::add_service(const Service& service) {
    services_.insert(service);
    if (loaded_) {
        auto wanted = *loaded_;
        wanted.sets["services"]
            .elements[service.address + " . " + service.protocol + " . " + std::to_string(service.port)];
        return load(std::move(wanted));
    }
    // A former process's table stays in force until the first apply.
    return nft_.apply(
        std::string("add element ip ") + router_table + " services { " + service.address + " . " +
        service.protocol + " . " + std::to_string(service.port) + " }"
    );
}

Result<> Router::teardown() {
    TRY_VOID(ensure());
    nft_.stop();
    loaded_.reset();
    applied_state_.reset();
    services_.clear();
    held_addresses_.reset();
    localhost_taken_.clear();
    TRY_VOID(outside_.remove(host_netns_, open_->router_netns));
    {
        Visit host(host_netns_, open_->router_netns);
        TRY_VOID(host_balancing_.remove());
    }
    TRY(auto links, open_->router.links());
    for (const auto& link : links) {
        if (is_eni_id(split_alias(link.alias).first)) TRY_VOID(open_->router.remove_link(link.index));
    }
    TRY(auto names, files_.list());
    for (const auto& name : names) TRY_VOID(files_.remove(name));
    attached_.clear();
    TRY_VOID(open_->host.remove_link(open_->host_link));
    TRY_VOID(enter(host_netns_));
    open_.reset();
    return files_.remove_folder();
}

}  // namespace gantry::adapter::routernet
