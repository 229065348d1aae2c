#include <algorithm>
#include <sstream>

#include "adapter/routernet/balancer_rules.h"
#include "adapter/routernet/ruleset.h"

namespace gantry::adapter::routernet {
namespace {

const std::string table = std::string("ip ") + router_table + ' ';

std::string hex4(std::uint16_t number) {
    static const char* digits = "0123456789abcdef";
    std::string text;
    for (int shift = 12; shift >= 0; shift -= 4) text += digits[number >> shift & 15];
    return text;
}

void add_rule(std::string& text, const std::string& chain, const std::string& rule) {
    text += "add rule " + table + chain + ' ' + rule + '\n';
}

// Every packet of a task passes these. A refused packet is dropped without an answer, as on AWS.
std::string fixed_chains(const Options& options) {
    std::string text;
    auto chain = [&](const std::string& name, const char* hook, std::initializer_list<std::string> rules) {
        text += "add chain " + table + name + " { " + hook + " }\n";
        for (const auto& rule : rules) add_rule(text, name, rule);
    };
    const std::string not_enis = "{ \"lo\", \"gr0\", \"gp0\" } ";
    const auto outside = "oifname @outside_links meta mark and 0x10000 == 0x10000 ";

    // A task can send only from the address of its ENI. Before connection tracking: forged packets leave no
    // entry.
    chain(
        "pre_guard", "type filter hook prerouting priority -310; policy drop;",
        {"iifname " + not_enis + "accept", "iifname . ip saddr @guard accept"}
    );
    // Whose VPC it is, and whether it may go outside: before routing, which looks at the mark.
    chain(
        "pre_mark", "type filter hook prerouting priority -150; policy accept;",
        {"meta mark set iifname map @vpc_of"}
    );
    chain(
        "pre_nat", "type nat hook prerouting priority -100; policy accept;",
        {"ip daddr . meta l4proto . th dport @lb_flows",  // counts
         "ip daddr . meta l4proto . th dport vmap @lb_dispatch",
         "meta l4proto { tcp, udp } th dport 53 dnat to ip daddr . meta mark map @name_servers"}
    );
    const std::string from = "snat to ct original ip daddr map @lb_source";
    chain(
        "post_nat", "type nat hook postrouting priority 100; policy accept;",
        {std::string("ct status dnat ct mark and ") + preserved_client_bit + " == 0x0 " + from,
         // Its own answers would never leave a task that sees itself as the client.
         "ct status dnat ip saddr . ip daddr @lb_self " + from, outside + std::string("masquerade")}
    );
    // The router itself: only the services, only for tasks. Others are told at once that nothing is there.
    chain(
        "local_in", "type filter hook input priority 0; policy drop;",
        {"ct state established,related accept", "iifname \"lo\" accept",
         "iifname != " + not_enis + "ip daddr . meta l4proto . th dport @services accept",
         "ct status dnat ip daddr . meta l4proto . th dport @lb_entrances accept",
         "meta l4proto tcp reject with tcp reset", "reject with icmp type port-unreachable"}
    );
    // Egress of the sender, then (another base chain) ingress of the receiver: both must accept.
    // ct mark: bit 0 and 1: tracked by AWS's rules in the egress or ingress half, so it goes on whatever
    // changes; high half: the generation of the policy that last judged the connection.
    chain(
        "egress", "type filter hook forward priority 0; policy drop;",
        {"ct state invalid drop", "ct direction reply accept", "ct state related accept",
         "ct state established jump fresh", "ct state established ct mark and 0x1 == 0x1 accept",
         "ct status dnat goto lb_forward",
         "iifname \"gr0\" ip saddr " + format(options.host_address) + " accept",
         "oifname { \"gr0\", \"gp0\" } ip daddr . meta mark @vpc_cidrs reject with icmp type "
         "host-unreachable",
         "ip saddr vmap @to_egress"}
    );
    chain(
        "ingress", "type filter hook forward priority 10; policy drop;",
        {"ct direction reply accept", "ct state related accept", "ct state established jump fresh",
         "ct state established ct mark and 0x2 == 0x2 accept", "ct status dnat accept",
         // Link-local never leaves (a cloud's instance metadata sits there), nor do group and class E
         // addresses.
         "oifname { \"gr0\", \"gp0\" } ip daddr { 0.0.0.0/8, 127.0.0.0/8, 169.254.0.0/16, 224.0.0.0/3 } drop",
         outside + std::string("accept"), "iifname != \"gr0\" ip daddr . meta mark != @live drop",
         "ip daddr vmap @to_ingress"}
    );
    return text;
}

// What clients send to a balancer is judged before it is sent on, while it still says where it was meant to
// go; a nat chain sees only the first packet of a connection. What targets get is judged when it has its last
// source address. AWS tracks every connection through a balancer: open ones go on whatever changes.
std::string balancer_chains() {
    std::string text;
    auto chain = [&](const std::string& name, const char* hook, std::initializer_list<std::string> rules) {
        text += "add chain " + table + name + (*hook == 0 ? "" : std::string(" { ") + hook + " }") + '\n';
        for (const auto& rule : rules) add_rule(text, name, rule);
    };
    const std::string balancers_mark = std::string("ct mark and ") + from_balancer_bit;
    // The client's egress, then the balancer's ingress.
    chain(
        "pre_client", "type nat hook prerouting priority -120; policy accept;",
        {"ip daddr != @lb_addresses accept", "iifname \"gr0\" accept",
         "ip daddr . meta mark != @live drop", "ip saddr vmap @to_egress", "drop"}
    );
    chain(
        "pre_listener", "type nat hook prerouting priority -110; policy accept;",
        {"ip daddr vmap @lb_clients"}
    );
    // The balancer's egress: for flows sent on by the kernel, and for those of proxies and probes.
    const std::string same_vpc = "ip daddr . meta mark != @live drop";
    chain(
        "lb_forward", "",
        {"ct state established accept", "meta mark set ct original ip daddr map @lb_vpc", same_vpc,
         "ct original ip daddr vmap @lb_egress", "accept"}
    );
    chain(
        "local_out", "type filter hook output priority 0; policy accept;",
        {"ct state != new accept", "ip saddr != @lb_addresses accept", "oifname \"lo\" accept",
         "meta mark set ip saddr map @lb_vpc", same_vpc,
         std::string("ct mark set ct mark or ") + from_balancer_bit, "ip saddr vmap @lb_egress"}
    );
    // What passed, counted by where its client came in.
    chain(
        "lb_count", "type filter hook forward priority 30; policy accept;",
        {"ct status dnat ct original ip daddr . meta l4proto @lb_bytes",
         "ct status dnat tcp flags & rst == rst ct direction reply ct original ip daddr @lb_target_resets",
         "ct status dnat tcp flags & rst == rst ct direction original ct original ip daddr @lb_client_resets"}
    );
    // The target's ingress.
    chain("lb_target", "", {"ip daddr vmap @to_ingress", "drop"});
    chain(
        "post_target", "type filter hook postrouting priority 110; policy accept;",
        {"ct state != new accept", "ct status dnat goto lb_target",
         balancers_mark + " == " + from_balancer_bit + " goto lb_target"}
    );
    return text;
}

// Rules that name the generation; `egress` and `ingress` jump to the first, the second sees what both
// accepted.
std::string generation_rules(std::uint16_t generation) {
    auto mark = "0x" + hex4(generation) + "0000";
    std::string text;
    text += "flush chain " + table + "fresh\n";
    add_rule(text, "fresh", "ct mark and 0xffff0000 == " + mark + " accept");
    text += "flush chain " + table + "stamp\n";
    add_rule(
        text, "stamp",
        "ct direction original ct mark and 0xffff0000 != " + mark +
            " ct mark set ct mark and 0x0000ffff or " + mark
    );
    return text;
}

using Elements = std::map<std::string, std::string>;
using Picked = std::vector<const Elements::value_type*>;

void change_elements(
    std::string& text,
    const char* verb,
    const std::string& name,
    const Ruleset::Set& set,
    const Picked& elements
) {
    if (elements.empty()) return;
    text += verb + (" element " + table) + name + " { ";
    for (const auto* element : elements) {
        if (element != elements.front()) text += ", ";
        text += element->first;
        if (set.map && *verb == 'a') text += " : " + element->second;
    }
    text += " }\n";
}

void add_set(std::string& text, const std::string& name, const Ruleset::Set& set) {
    text += (set.map ? "add map " : "add set ") + table + name + " { " + set.declaration + " }\n";
}

struct Change {
    Picked gone, fresh;  // an element with another value is in both
};

// One walk over both: tables have thousands of elements, of which one changes.
Change compare(const Elements& before, const Elements& now) {
    Change change;
    auto a = before.begin(), b = now.begin();
    while (a != before.end() || b != now.end()) {
        int order = a == before.end() ? 1 : b == now.end() ? -1 : a->first.compare(b->first);
        if (order == 0 && a->second == b->second) {
            ++a, ++b;
            continue;
        }
        if (order <= 0) change.gone.push_back(&*a++);
        if (order >= 0) change.fresh.push_back(&*b++);
    }
    return change;
}

const Ruleset::Set& set_or_empty(const Ruleset& rules, const std::string& name) {
    static const Ruleset::Set empty;
    auto found = rules.sets.find(name);
    return found == rules.sets.end() ? empty : found->second;
}

}  // namespace

static std::string contents(const Ruleset& now, const Options& options) {
    std::string text = "add table " + table + '\n';
    for (const auto& [name, set] : now.sets) add_set(text, name, set);
    text += "add chain " + table + "fresh\n";
    text += "add chain " + table + "stamp { type filter hook forward priority 20; policy accept; }\n";
    for (const auto& [name, rules] : now.chains) text += "add chain " + table + name + '\n';
    text += balancer_chains();
    text += fixed_chains(options);
    text += generation_rules(now.generation);
    for (const auto& [name, rules] : now.chains) {
        for (const auto& rule : rules) add_rule(text, name, rule);
    }
    for (const auto& [name, set] : now.sets)
        change_elements(text, "add", name, set, compare({}, set.elements).fresh);
    return text;
}

std::string replacement(const Ruleset& now, const Options& options) {
    return "add table " + table + "\ndelete table " + table + '\n' + contents(now, options);
}

TableNames table_names(const std::string& listing) {
    TableNames names;
    std::istringstream lines(listing);
    for (std::string line; std::getline(lines, line);) {
        std::istringstream words(line);
        std::string kind, name, brace;
        if (!(words >> kind >> name >> brace) || brace != "{") continue;
        if (kind == "chain") names.chains.insert(name);
        if (kind == "set") names.sets.insert(name);
        if (kind == "map") names.maps.insert(name);
    }
    return names;
}

std::string replacement(const Ruleset& now, const Options& options, const TableNames& there) {
    std::string text;
    for (const auto& name : there.chains) text += "flush chain " + table + name + '\n';
    for (const auto& name : there.sets) text += "flush set " + table + name + '\n';
    for (const auto& name : there.maps) text += "flush map " + table + name + '\n';
    const auto made = contents(now, options);
    text += made;
    std::set<std::string> kept;
    std::istringstream lines(made);
    const auto add_chain = "add chain " + table;
    for (std::string line; std::getline(lines, line);) {
        if (line.starts_with(add_chain))
            kept.insert(line.substr(add_chain.size(), line.find(' ', add_chain.size()) - add_chain.size()));
    }
    for (const auto& name : there.chains)
        if (!kept.contains(name)) text += "delete chain " + table + name + '\n';
    for (const auto& name : there.sets)
        if (!now.sets.contains(name)) text += "delete set " + table + name + '\n';
    for (const auto& name : there.maps)
        if (!now.sets.contains(name)) text += "delete map " + table + name + '\n';
    return text;
}

std::string difference(const Ruleset& before, const Ruleset& now) {
    std::string text;
    for (const auto& [name, set] : now.sets) {
        if (!before.sets.contains(name)) add_set(text, name, set);
    }
    for (const auto& [name, rules] : now.chains) {
        if (!before.chains.contains(name)) text += "add chain " + table + name + '\n';
    }
    for (const auto& [name, rules] : now.chains) {
        auto old = before.chains.find(name);
        if (old != before.chains.end() && old->second == rules) continue;
        if (old != before.chains.end()) text += "flush chain " + table + name + '\n';
        for (const auto& rule : rules) add_rule(text, name, rule);
    }
    std::string additions;
    for (const auto& [name, set] : now.sets) {
        auto change = compare(set_or_empty(before, name).elements, set.elements);
        change_elements(text, "delete", name, set, change.gone);
        change_elements(additions, "add", name, set, change.fresh);
    }
    text += additions;
    for (const char* verb : {"flush chain ", "delete chain "}) {
        for (const auto& [name, rules] : before.chains) {
            if (!now.chains.contains(name)) text += verb + table + name + '\n';
        }
    }
    for (const auto& [name, set] : before.sets) {
        if (!now.sets.contains(name)) text += "delete set " + table + name + '\n';
    }
    if (before.generation != now.generation) text += generation_rules(now.generation);
    return text;
}

bool narrows(const Ruleset& before, const Ruleset& now) {
    for (const auto& [name, rules] : before.chains) {
        if (name.starts_with(balancer_prefix)) continue;
        auto found = now.chains.find(name);
        if (found == now.chains.end() || found->second != rules) return true;
    }
    for (const auto& [name, set] : before.sets) {
        // Services and name servers are no business of groups; they are not judged in the forward chains. A
        // change of balancers is for new flows only.
        if (name == "services" || name == "name_servers" || name.starts_with(balancer_prefix)) continue;
        if (!compare(set.elements, set_or_empty(now, name).elements).gone.empty()) return true;
    }
    return false;
}

}  // namespace gantry::adapter::routernet
