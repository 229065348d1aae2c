#include "adapter/routernet/ruleset.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <set>
#include <unordered_map>

#include "adapter/routernet/balancer_rules.h"

namespace gantry::adapter::routernet {
namespace {

std::uint64_t hash_of(std::string_view text) {
    std::uint64_t hash = 14695981039346656037ULL;
    for (unsigned char c : text) hash = (hash ^ c) * 1099511628211ULL;
    return hash ^ hash >> 29;
}

std::string hex(std::uint64_t number) {
    char text[20];
    auto end = std::to_chars(text, text + sizeof text, number, 16).ptr;
    return std::string(text, end);
}

std::string mark_text(std::uint32_t mark) { return "0x" + hex(mark); }

// Ids become names of nft objects and stand in commands: nothing but what AWS ids consist of may pass.
bool is_id(const std::string& id) {
    return !id.empty() && id.size() <= 64 && std::ranges::all_of(id, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
    });
}

std::string name_of(const char* prefix, const std::string& id) {
    auto name = prefix + id;
    std::ranges::replace(name, '-', '_');
    return name;
}

enum class Direction { ingress, egress };

// What a rule lets in, and whether AWS would track the connection when the other direction is open for
// everything.
struct CompiledRule {
    std::string match;
    bool anywhere = false;
};

bool opens_everything(const port::GroupRule& rule) {
    return rule.protocol == "-1" && rule.cidr == "0.0.0.0/0";
}

class Compiler {
  public:
    Compiler(const port::NetworkState& state, const std::vector<Service>& services)
        : state_(state), services_(services) {}

    Result<Ruleset> compile() {
        declare_sets();
        TRY_VOID(add_vpcs());
        TRY_VOID(index_groups());
        for (const auto& eni : state_.enis) TRY_VOID(add_eni(eni));
        TRY_VOID(add_balancers(state_, made_));
        find_balancing_groups();
        TRY_VOID(add_groups());
        for (const auto& service : services_) {
            add("services",
                service.address + " . " + service.protocol + " . " + std::to_string(service.port));
        }
        return std::move(made_);
    }

  private:
    void declare(const std::string& name, bool map, const std::string& declaration) {
        made_.sets[name] = {declaration, map, {}};
    }

    void declare_sets() {
        declare("guard", false, "type ifname . ipv4_addr;");
        declare("vpc_of", true, "type ifname : mark;");
        declare("live", false, "type ipv4_addr . mark;");
        declare("vpc_cidrs", false, "type ipv4_addr . mark; flags interval;");
        declare("name_servers", true, "type ipv4_addr . mark : ipv4_addr;");
        declare("services", false, "type ipv4_addr . inet_proto . inet_service;");
        declare("outside_links", false, "type ifname;");
        declare("to_ingress", true, "type ipv4_addr : verdict;");
        declare("to_egress", true, "type ipv4_addr : verdict;");
        declare_balancer_sets(made_);
    }

    void add(const std::string& set, std::string key, std::string value = {}) {
        made_.sets[set].elements[std::move(key)] = std::move(value);
    }

    // Numbers depend on the ids alone (but for rare collisions), so that a new VPC leaves the others' marks
    // as they are.
    Result<> add_vpcs() {
        std::set<std::uint32_t> taken;
        std::map<std::string, const port::VpcState*> sorted;
        for (const auto& vpc : state_.vpcs) {
            if (!is_id(vpc.id)) return trouble(Errc::invalid, "not a VPC id: " + vpc.id.substr(0, 80));
            if (!sorted.emplace(vpc.id, &vpc).second) return trouble(Errc::invalid, "VPC twice: " + vpc.id);
        }
        if (sorted.size() > 60'000) return trouble(Errc::exhausted, "more than 60,000 VPCs on one worker");
        for (const auto& [id, vpc] : sorted) {
            auto number = static_cast<std::uint32_t>(hash_of(id) % 0xffff + 1);
            while (!taken.insert(number).second) number = number % 0xffff + 1;
            vpcs_[id] = number;
            TRY_VOID(add_cidrs(*vpc, number));
        }
        return {};
    }

    Result<> add_cidrs(const port::VpcState& vpc, std::uint32_t number) {
        std::set<Cidr> cidrs;
        for (const auto& text : vpc.cidrs) {
            auto cidr = parse_cidr(text);
            if (!cidr) return trouble(Errc::invalid, vpc.id + ": not an IPv4 CIDR: " + text.substr(0, 80));
            cidrs.insert(*cidr);
        }
        for (auto cidr : cidrs) {
            bool inside = std::ranges::any_of(cidrs, [&](Cidr other) {
                return other.length < cidr.length && overlap(other, cidr);
            });
            if (inside) continue;  // nft refuses overlapping intervals
            for (auto mark : {number, number | outside_mark}) {
                add("vpc_cidrs", format(cidr) + " . " + mark_text(mark));
                if (cidr.length <= 30) {
                    add("name_servers", format(Ipv4{cidr.base.value + 2}) + " . " + mark_text(mark),
                        port::resolver_address);
                }
            }
        }
        return {};
    }

    Result<> index_groups() {
        for (const auto& group : state_.groups) {
            if (!is_id(group.id)) return trouble(Errc::invalid, "not a group id: " + group.id.substr(0, 80));
            if (!groups_.emplace(group.id, &group).second) {
                return trouble(Errc::invalid, "group twice: " + group.id);
            }
        }
        for (const auto& group : state_.groups) {
            for (const auto* rules : {&group.ingress, &group.egress}) {
                for (const auto& rule : *rules) {
                    if (rule.group.empty()) continue;
                    if (!groups_.contains(rule.group)) {
                        return trouble(
                            Errc::invalid,
                            group.id + " refers to an unknown group: " + rule.group.substr(0, 80)
                        );
                    }
                    declare(name_of("m_", rule.group), false, "type ipv4_addr;");
                }
            }
        }
        return {};
    }

    Result<> add_eni(const port::EniState& eni) {
        if (!is_id(eni.id)) return trouble(Errc::invalid, "not an ENI id: " + eni.id.substr(0, 80));
        auto address = parse_ipv4(eni.address);
        if (!address)
            return trouble(Errc::invalid, eni.id + ": not an IPv4 address: " + eni.address.substr(0, 80));
        auto vpc = vpcs_.find(eni.vpc);
        if (vpc == vpcs_.end())
            return trouble(Errc::invalid, eni.id + ": unknown VPC " + eni.vpc.substr(0, 80));
        auto text = format(*address);
        if (made_.sets["to_ingress"].elements.contains(text)) {
            return trouble(Errc::invalid, "two ENIs have the address " + text);
        }
        auto link = '"' + link_of(eni.id) + '"';
        add("guard", link + " . " + text);
        add("vpc_of", link, mark_text(vpc->second | (eni.outside ? outside_mark : 0)));
        add("live", text + " . " + mark_text(vpc->second));
        add("live", text + " . " + mark_text(vpc->second | outside_mark));
        for (const auto& id : eni.groups) {
            if (!groups_.contains(id)) {
                return trouble(Errc::invalid, eni.id + ": unknown group " + id.substr(0, 80));
            }
            if (auto set = made_.sets.find(name_of("m_", id)); set != made_.sets.end()) {
                set->second.elements[text];
            }
        }
        std::set<std::string> groups(eni.groups.begin(), eni.groups.end());
        add("to_ingress", text, "jump " + combination(groups, Direction::ingress));
        add("to_egress", text, "jump " + combination(groups, Direction::egress));
        return {};
    }

    bool is_open(const std::set<std::string>& groups, Direction direction) const {
        return std::ranges::any_of(groups, [&](const std::string& id) {
            const auto* group = groups_.at(id);
            return std::ranges::any_of(
                direction == Direction::ingress ? group->ingress : group->egress, opens_everything
            );
        });
    }

    // The chain for ENIs with exactly these groups: one for all of them.
    std::string combination(const std::set<std::string>& groups, Direction direction) {
        bool in = direction == Direction::ingress;
        bool other_open = is_open(groups, in ? Direction::egress : Direction::ingress);
        std::string joined;
        for (const auto& id : groups) joined += id + ' ';
        auto name = std::string(in ? "ci_" : "ce_") + (other_open ? "o_" : "") + hex(hash_of(joined));
        if (auto [at, fresh] = made_.chains.try_emplace(name); fresh) {
            for (const auto& id : groups) {
                auto chain = name_of(in ? (other_open ? "gio_" : "gi_") : (other_open ? "geo_" : "ge_"), id);
                at->second.push_back("jump " + chain);
                used_.insert({id, in, other_open, chain});
            }
        }
        return name;
    }

    void find_balancing_groups() {
        std::set<std::string> interfaces;
        for (const auto& balancer : state_.balancers) interfaces.insert(balancer.eni);
        for (const auto& eni : state_.enis) {
            if (interfaces.contains(eni.id)) balancing_groups_.insert(eni.groups.begin(), eni.groups.end());
        }
    }

    Result<> add_groups() {
        // All rules are looked at, used or not, so that a bad one is refused when it is made and not when a
        // task starts.
        std::map<std::pair<std::string, bool>, std::vector<CompiledRule>> compiled;
        for (const auto& group : state_.groups) {
            for (bool in : {true, false}) {
                auto& rules = compiled[{group.id, in}];
                for (const auto& rule : in ? group.ingress : group.egress) {
                    TRY(auto one, compile_rule(group.id, rule, in));
                    if (!one) continue;
                    // A target that sees the client's address still knows by whose balancer it came.
                    if (in && balancing_groups_.contains(rule.group)) {
                        auto through = *one;
                        through.match.replace(0, 8, "ct status dnat ct original ip daddr");
                        rules.push_back(std::move(through));
                    }
                    rules.push_back(std::move(*one));
                }
            }
        }
        for (const auto& use : used_) {
            auto& chain = made_.chains[use.chain];
            const char* tracked =
                use.in ? "ct mark set ct mark or 0x2 accept" : "ct mark set ct mark or 0x1 accept";
            for (const auto& rule : compiled[{use.group, use.in}]) {
                chain.push_back(rule.match + (use.other_open && rule.anywhere ? "accept" : tracked));
            }
        }
        return {};
    }

    // Nothing when it can never match here (IPv6).
    Result<std::optional<CompiledRule>> compile_rule(
        const std::string& group, const port::GroupRule& rule, bool in
    ) {
        if (rule.cidr.empty() == rule.group.empty()) {
            return trouble(Errc::invalid, group + ": a rule needs either a CIDR or a group");
        }
        CompiledRule made;
        auto peer = std::string(in ? "ip saddr " : "ip daddr ");
        bool everywhere = false;
        if (!rule.group.empty()) {
            made.match = peer + '@' + name_of("m_", rule.group) + ' ';
        } else if (rule.cidr.find(':') != std::string::npos) {
            return std::optional<CompiledRule>();
        } else {
            auto cidr = parse_cidr(rule.cidr);
            if (!cidr) return trouble(Errc::invalid, group + ": not a CIDR: " + rule.cidr.substr(0, 80));
            everywhere = cidr->length == 0;
            if (!everywhere) made.match = peer + format(*cidr) + ' ';
        }
        if (rule.protocol == "icmpv6" || rule.protocol == "58") return std::optional<CompiledRule>();
        TRY(auto what, compile_protocol(group, rule));
        made.match += what;
        made.anywhere =
            everywhere && (rule.protocol == "tcp" || rule.protocol == "udp" || rule.protocol == "6" ||
                           rule.protocol == "17" || rule.protocol == "-1");
        return std::optional(std::move(made));
    }

    static Result<std::string> compile_protocol(const std::string& group, const port::GroupRule& rule) {
        const auto& protocol = rule.protocol;
        if (protocol == "-1") return std::string();
        if (protocol == "tcp" || protocol == "6" || protocol == "udp" || protocol == "17") {
            std::string name = protocol == "tcp" || protocol == "6" ? "tcp" : "udp";
            auto from = rule.from.value_or(0), to = rule.to.value_or(rule.from ? *rule.from : 65535);
            if (from > to) return trouble(Errc::invalid, group + ": a port range that ends before it begins");
            if (from == 0 && to == 65535) return "meta l4proto " + name + ' ';
            auto ports = std::to_string(from);
            if (to != from) ports += '-' + std::to_string(to);
            return name + " dport " + ports + ' ';
        }
        if (protocol == "icmp" || protocol == "1") {
            if (!rule.from) return std::string("meta l4proto icmp ");
            if (*rule.from > 255 || rule.to.value_or(0) > 255) {
                return trouble(Errc::invalid, group + ": an ICMP type and code are at most 255");
            }
            auto text = "icmp type " + std::to_string(*rule.from) + ' ';
            if (rule.to) text += "icmp code " + std::to_string(*rule.to) + ' ';
            return text;
        }
        unsigned number = 0;
        auto [end, error] = std::from_chars(protocol.data(), protocol.data() + protocol.size(), number);
        if (error != std::errc{} || end != protocol.data() + protocol.size() || number > 255) {
            return trouble(Errc::invalid, group + ": not a protocol: " + protocol.substr(0, 80));
        }
        return "meta l4proto " + std::to_string(number) + ' ';
    }

    struct Use {
        std::string group;
        bool in = false, other_open = false;
        std::string chain;

        friend auto operator<=>(const Use&, const Use&) = default;
    };

    const port::NetworkState& state_;
    const std::vector<Service>& services_;
    Ruleset made_;
    std::unordered_map<std::string, std::uint32_t> vpcs_;
    std::unordered_map<std::string, const port::GroupState*> groups_;
    std::set<std::string> balancing_groups_;  // of which a balancer is a member
    std::set<Use> used_;
};

}  // namespace

Result<Ruleset> compile(const port::NetworkState& state, const std::vector<Service>& services) {
    return Compiler(state, services).compile();
}

}  // namespace gantry::adapter::routernet
