#include "ec2/security_rule.h"

#include <algorithm>
#include <charconv>

#include "ec2/prefix_list.h"
#include "ec2/tagging.h"

namespace gantry::ec2 {

using namespace shapes::ec2;

namespace {

constexpr std::int32_t kPortMax = 65'535;

bool has_ports(const std::string& protocol) { return protocol == "tcp" || protocol == "udp"; }
bool is_icmp(const std::string& protocol) { return protocol == "icmp" || protocol == "icmpv6"; }

Result<std::string> read_protocol(std::string text) {
    for (char& c : text) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    if (text == "-1" || text == "all") return std::string("-1");
    if (has_ports(text) || is_icmp(text)) return text;
    int number = -1;
    const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (failed != std::errc{} || end != text.data() + text.size() || number < 0 || number > 255)
        return invalid_value("Invalid value '" + text + "' for IP protocol. Unknown protocol.");
    switch (number) {
        case 1:
            return std::string("icmp");
        case 6:
            return std::string("tcp");
        case 17:
            return std::string("udp");
        case 58:
            return std::string("icmpv6");
        default:
            return std::to_string(number);
    }
}

Result<> read_ports(
    SecurityRule& rule, const std::optional<std::int32_t>& from, const std::optional<std::int32_t>& to
) {
    if (is_icmp(rule.protocol)) {
        rule.from_port = from.value_or(-1);
        rule.to_port = to.value_or(-1);
        const auto outside = [](int value) { return value < -1 || value > 255; };
        if (outside(rule.from_port)) {
            return invalid_value("Invalid value '" + std::to_string(rule.from_port) + "' for ICMP type.");
        }
        if (outside(rule.to_port) || (rule.from_port == -1 && rule.to_port != -1)) {
            return invalid_value(
                "ICMP code (" + std::to_string(rule.to_port) + ") is invalid for ICMP type (" +
                std::to_string(rule.from_port) + ")"
            );
        }
        return {};
    }
    if (!has_ports(rule.protocol)) return {};  // of other protocols every packet matches
    if (!from || !to)
        return invalid_value(
            "Invalid value 'Must specify both from and to ports with TCP/UDP.' for portRange."
        );
    for (const auto port : {*from, *to}) {
        if (port < 0 || port > kPortMax)
            return invalid_value("Invalid value '" + std::to_string(port) + "' for portRange.");
    }
    if (*from > *to) {
        return invalid_value(
            "Invalid TCP/UDP port range (" + std::to_string(*from) + ":" + std::to_string(*to) + ")"
        );
    }
    rule.from_port = *from;
    rule.to_port = *to;
    return {};
}

Result<> read_description(SecurityRule& rule, const std::optional<std::string>& text) {
    if (!text) return {};
    static constexpr std::string_view kOthers = ". _-:/()#,@[]+=&;{}!$*";
    const bool good = text->size() <= 255 && std::all_of(text->begin(), text->end(), [](char c) {
                          return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                                 kOthers.find(c) != std::string_view::npos;
                      });
    if (!good) {
        return invalid_value(
            "Invalid rule description. Valid descriptions are strings less than 256 characters from the "
            "following "
            "set:  a-zA-Z0-9. _-:/()#,@[]+=&;{}!$*"
        );
    }
    if (!text->empty()) rule.description = *text;
    return {};
}

Result<std::string> read_ipv4(const std::string& text) {
    const auto block = parse_cidr(text);
    if (!block) return invalid_value("CIDR block " + text + " is malformed");
    return format(normalised(*block));
}

Result<std::string> read_ipv6(const std::string& text) {
    const auto block = normalise_ipv6_cidr(text);
    if (!block) return invalid_value("CIDR block " + text + " is malformed");
    return *block;
}

// Another group must be of the same VPC, for there is no peering.
Result<> read_group(
    const state::View& view, const SecurityGroupRecord& group, SecurityRule& rule, const UserIdGroupPair& pair
) {
    state::Pinned<SecurityGroupRecord> other;
    if (pair.group_id && !pair.group_id->empty()) {
        other = view.get<SecurityGroupRecord>(key_of(group.account, group.region, *pair.group_id));
        const bool elsewhere = pair.user_id && !pair.user_id->empty() && *pair.user_id != group.account;
        if (!other || elsewhere) return id_not_found(kWords<SecurityGroupRecord>, *pair.group_id);
        if (other->vpc != group.vpc) {
            return refuse(
                "InvalidGroup.NotFound", "You have specified two resources that belong to different networks."
            );
        }
    } else if (pair.group_name && !pair.group_name->empty()) {
        const auto vpc = key_of(group.account, group.region, group.vpc);
        other = view.find_one<SecurityGroupByName>(vpc + "/" + *pair.group_name);
        if (!other) return id_not_found(kWords<SecurityGroupRecord>, *pair.group_name);
    } else {
        return refuse("MissingParameter", "The request must contain the parameter groupId or groupName");
    }
    rule.group = other->id;
    rule.group_account = other->account;
    return {};
}

Result<std::string> read_prefix_list(const SecurityGroupRecord& group, const std::string& id) {
    if (!find_prefix_list(group.region, id))
        return refuse("InvalidPrefixListId.NotFound", "The prefix list ID '" + id + "' does not exist");
    return id;
}

Result<> read_permission(
    const state::View& view,
    const SecurityGroupRecord& group,
    const IpPermission& permission,
    bool egress,
    std::vector<SecurityRule>& rules
) {
    SecurityRule base;
    base.egress = egress;
    if (!permission.ip_protocol)
        return refuse("MissingParameter", "The request must contain the parameter ipProtocol");
    TRY(base.protocol, read_protocol(*permission.ip_protocol));
    TRY_VOID(read_ports(base, permission.from_port, permission.to_port));
    const std::size_t before = rules.size();
    const auto add = [&](const std::optional<std::string>& description) -> Result<> {
        SecurityRule& rule = rules.emplace_back(base);
        return read_description(rule, description);
    };
    for (const auto& range : permission.ip_ranges.value_or(std::vector<IpRange>{})) {
        TRY_VOID(add(range.description));
        TRY(rules.back().cidr, read_ipv4(range.cidr_ip.value_or("")));
    }
    for (const auto& range : permission.ipv6_ranges.value_or(std::vector<Ipv6Range>{})) {
        TRY_VOID(add(range.description));
        TRY(rules.back().ipv6_cidr, read_ipv6(range.cidr_ipv6.value_or("")));
    }
    for (const auto& list : permission.prefix_list_ids.value_or(std::vector<PrefixListId>{})) {
        TRY_VOID(add(list.description));
        TRY(rules.back().prefix_list, read_prefix_list(group, list.prefix_list_id.value_or("")));
    }
    for (const auto& pair : permission.user_id_group_pairs.value_or(std::vector<UserIdGroupPair>{})) {
        TRY_VOID(add(pair.description));
        TRY_VOID(read_group(view, group, rules.back(), pair));
    }
    if (rules.size() == before) {
        return refuse(
            "MissingParameter",
            "The request must contain a CIDR block, a prefix list or a security group for each permission"
        );
    }
    return {};
}

}  // namespace

Result<std::vector<SecurityRule>> read_rules(
    const state::View& view, const SecurityGroupRecord& group, const PermissionFields& fields, bool egress
) {
    std::vector<IpPermission> permissions = fields.permissions.value_or(std::vector<IpPermission>{});
    if (permissions.empty() && (fields.protocol || fields.source_group_name)) {
        IpPermission& single = permissions.emplace_back();
        single.ip_protocol = fields.protocol.value_or("-1");
        single.from_port = fields.from_port;
        single.to_port = fields.to_port;
        if (fields.cidr) single.ip_ranges = {IpRange{.cidr_ip = fields.cidr}};
        if (fields.source_group_name)
            single.user_id_group_pairs = {UserIdGroupPair{.group_name = fields.source_group_name}};
    }
    if (permissions.empty())
        return refuse("MissingParameter", "The request must contain the parameter ipPermissions");
    std::vector<SecurityRule> rules;
    for (const auto& permission : permissions)
        TRY_VOID(read_permission(view, group, permission, egress, rules));
    for (std::size_t i = 0; i < rules.size(); ++i) {
        for (std::size_t j = 0; j < i; ++j) {
            if (same_rule(rules[i], rules[j]))
                return invalid_value("The same permission must not appear multiple times");
        }
    }
    return rules;
}

Result<SecurityRule> read_rule(
    const state::View& view,
    const SecurityGroupRecord& group,
    const SecurityGroupRuleRequest& request,
    bool egress
) {
    const auto given = [](const std::optional<std::string>& text) { return text && !text->empty(); };
    const int peers = given(request.cidr_ipv4) + given(request.cidr_ipv6) + given(request.prefix_list_id) +
                      given(request.referenced_group_id);
    if (peers != 1) {
        return refuse(
            peers == 0 ? "MissingParameter" : "InvalidParameterCombination",
            "Exactly one of CidrIpv4, CidrIpv6, PrefixListId and ReferencedGroupId must be specified."
        );
    }
    SecurityRule rule;
    rule.egress = egress;
    TRY(rule.protocol, read_protocol(request.ip_protocol.value_or("")));
    TRY_VOID(read_ports(rule, request.from_port, request.to_port));
    TRY_VOID(read_description(rule, request.description));
    if (given(request.cidr_ipv4)) {
        TRY(rule.cidr, read_ipv4(*request.cidr_ipv4));
    }
    if (given(request.cidr_ipv6)) {
        TRY(rule.ipv6_cidr, read_ipv6(*request.cidr_ipv6));
    }
    if (given(request.prefix_list_id)) {
        TRY(rule.prefix_list, read_prefix_list(group, *request.prefix_list_id));
    }
    if (given(request.referenced_group_id)) {
        UserIdGroupPair pair;
        pair.group_id = request.referenced_group_id;
        TRY_VOID(read_group(view, group, rule, pair));
    }
    return rule;
}

bool same_rule(const SecurityRule& a, const SecurityRule& b) {
    return a.egress == b.egress && a.protocol == b.protocol && a.from_port == b.from_port &&
           a.to_port == b.to_port && a.cidr == b.cidr && a.ipv6_cidr == b.ipv6_cidr &&
           a.prefix_list == b.prefix_list && a.group == b.group;
}

std::string wording(const SecurityRule& rule) {
    std::string text = "peer: " + rule.cidr + rule.ipv6_cidr + rule.prefix_list + rule.group + ", ";
    if (rule.protocol == "-1") {
        text += "ALL";
    } else {
        for (const char c : rule.protocol)
            text += c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    }
    if (has_ports(rule.protocol)) {
        text +=
            ", from port: " + std::to_string(rule.from_port) + ", to port: " + std::to_string(rule.to_port);
    } else if (is_icmp(rule.protocol)) {
        const auto part = [](int value) { return value == -1 ? std::string("ALL") : std::to_string(value); };
        text += ", type: " + part(rule.from_port) + ", code: " + part(rule.to_port);
    }
    return text + ", ALLOW";
}

shapes::ec2::SecurityGroupRule show(const SecurityGroupRecord& group, const SecurityRule& rule) {
    shapes::ec2::SecurityGroupRule out;
    out.security_group_rule_id = rule.id;
    out.group_id = group.id;
    out.group_owner_id = group.account;
    out.is_egress = rule.egress;
    out.ip_protocol = rule.protocol;
    out.from_port = rule.from_port;
    out.to_port = rule.to_port;
    if (!rule.cidr.empty()) out.cidr_ipv4 = rule.cidr;
    if (!rule.ipv6_cidr.empty()) out.cidr_ipv6 = rule.ipv6_cidr;
    if (!rule.prefix_list.empty()) out.prefix_list_id = rule.prefix_list;
    if (!rule.group.empty()) {
        ReferencedSecurityGroup other;
        other.group_id = rule.group;
        other.user_id = rule.group_account;
        out.referenced_group_info = other;
    }
    out.description = rule.description;
    out.tags = shown(rule.tags);
    out.security_group_rule_arn = arn_of(group.account, group.region, "security-group-rule", rule.id);
    return out;
}

std::vector<IpPermission> show_permissions(const SecurityGroupRecord& group, bool egress) {
    std::vector<IpPermission> permissions;
    for (const auto& rule : group.rules) {
        if (rule.egress != egress) continue;
        const bool ports = has_ports(rule.protocol) || is_icmp(rule.protocol);
        const std::optional<std::int32_t> from = ports ? std::optional(rule.from_port) : std::nullopt;
        const std::optional<std::int32_t> to = ports ? std::optional(rule.to_port) : std::nullopt;
        auto same = std::find_if(permissions.begin(), permissions.end(), [&](const IpPermission& permission) {
            return permission.ip_protocol == rule.protocol && permission.from_port == from &&
                   permission.to_port == to;
        });
        if (same == permissions.end()) {
            same = permissions.emplace(permissions.end());
            same->ip_protocol = rule.protocol;
            same->from_port = from;
            same->to_port = to;
            same->user_id_group_pairs.emplace();
            same->ip_ranges.emplace();
            same->ipv6_ranges.emplace();
            same->prefix_list_ids.emplace();
        }
        if (!rule.cidr.empty()) {
            same->ip_ranges->push_back({.description = rule.description, .cidr_ip = rule.cidr});
        } else if (!rule.ipv6_cidr.empty()) {
            same->ipv6_ranges->push_back({.description = rule.description, .cidr_ipv6 = rule.ipv6_cidr});
        } else if (!rule.prefix_list.empty()) {
            same->prefix_list_ids->push_back(
                {.description = rule.description, .prefix_list_id = rule.prefix_list}
            );
        } else {
            UserIdGroupPair pair;
            pair.description = rule.description;
            pair.group_id = rule.group;
            pair.user_id = rule.group_account;
            same->user_id_group_pairs->push_back(std::move(pair));
        }
    }
    return permissions;
}

}  // namespace gantry::ec2
