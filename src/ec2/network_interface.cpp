#include "ec2/eni.h"
#include "ec2/listing.h"
#include "ec2/tagging.h"
#include "ec2/zones.h"

namespace gantry::ec2 {

using namespace shapes::ec2;
using state::Txn;

namespace {

std::string zone_id_of(const EniRecord& eni) {
    for (const auto& zone : zones_of(eni.region)) {
        if (zone.name == eni.zone) return zone.id;
    }
    return {};
}

std::optional<NetworkInterfaceAssociation> show_public(const EniRecord& eni) {
    if (eni.public_address.empty()) return {};
    NetworkInterfaceAssociation out;
    out.ip_owner_id = "amazon";  // no Elastic IP of the account
    out.public_dns_name = public_dns_name(*parse_ipv4(eni.public_address), eni.region);
    out.public_ip = eni.public_address;
    return out;
}

NetworkInterface show(const state::View& view, const EniRecord& eni) {
    NetworkInterface out;
    out.association = show_public(eni);
    if (!eni.attachment.empty()) {
        auto& attachment = out.attachment.emplace();
        attachment.attach_time = shapes::Timestamp{eni.attached_at.ms};
        attachment.attachment_id = eni.attachment;
        attachment.delete_on_termination = false;
        attachment.device_index = static_cast<std::int32_t>(eni.device_index);
        attachment.network_card_index = 0;
        attachment.instance_owner_id = eni.attachment_owner;
        attachment.status = "attached";
    }
    out.availability_zone = eni.zone;
    out.availability_zone_id = zone_id_of(eni);
    out.description = eni.description;
    out.groups.emplace();
    for (const auto& id : eni.groups) {
        const auto group = view.get<SecurityGroupRecord>(key_of(eni.account, eni.region, id));
        out.groups->push_back({id, group ? group->name : ""});
    }
    out.interface_type = eni.interface_type;
    out.ipv6_addresses.emplace();
    out.mac_address = eni.mac;
    out.network_interface_id = eni.id;
    out.owner_id = eni.account;
    const std::string private_name = private_dns_name(*parse_ipv4(eni.address), eni.region);
    out.private_dns_name = private_name;
    if (out.association) out.public_dns_name = out.association->public_dns_name;
    out.private_ip_address = eni.address;
    out.private_ip_addresses = {
        NetworkInterfacePrivateIpAddress{show_public(eni), true, private_name, eni.address}
    };
    if (!eni.requester.empty()) out.requester_id = eni.requester;
    out.requester_managed = !eni.requester.empty();
    out.source_dest_check = true;
    out.status = eni.attachment.empty() ? "available" : "in-use";
    out.subnet_id = eni.subnet;
    out.tag_set = shown(eni.tags);
    out.vpc_id = eni.vpc;
    return out;
}

FilterValues attachment_fields(const EniRecord& eni, const std::string& name) {
    const bool attached = !eni.attachment.empty();
    const auto given = [&](std::string value) { return attached ? Values{std::move(value)} : Values{}; };
    if (name == "attachment.attachment-id") return given(eni.attachment);
    if (name == "attachment.attach-time") return given(format_iso8601(eni.attached_at.ms));
    if (name == "attachment.delete-on-termination") return given("false");
    if (name == "attachment.device-index") return given(std::to_string(eni.device_index));
    if (name == "attachment.instance-id") return Values{};
    if (name == "attachment.instance-owner-id") return given(eni.attachment_owner);
    if (name == "attachment.status") return given("attached");
    return {};
}

FilterValues fields(const state::View& view, const EniRecord& eni, const std::string& name) {
    if (name.starts_with("attachment.")) return attachment_fields(eni, name);
    if (name == "addresses.private-ip-address" || name == "private-ip-address") return Values{eni.address};
    if (name == "addresses.primary") return Values{"true"};
    if (name == "addresses.association.public-ip" || name == "association.public-ip")
        return eni.public_address.empty() ? Values{} : Values{eni.public_address};
    if (name == "association.ip-owner-id" || name == "addresses.association.owner-id")
        return eni.public_address.empty() ? Values{} : Values{"amazon"};
    if (name == "association.public-dns-name")
        return eni.public_address.empty()
                   ? Values{}
                   : Values{public_dns_name(*parse_ipv4(eni.public_address), eni.region)};
    if (name == "association.allocation-id" || name == "association.association-id" ||
        name == "ipv6-addresses.ipv6-address")
        return Values{};
    if (name == "availability-zone") return Values{eni.zone};
    if (name == "availability-zone-id") return Values{zone_id_of(eni)};
    if (name == "description") return Values{eni.description};
    if (name == "group-id") return eni.groups;
    if (name == "group-name") {
        Values values;
        for (const auto& id : eni.groups) {
            const auto group = view.get<SecurityGroupRecord>(key_of(eni.account, eni.region, id));
            if (group) values.push_back(group->name);
        }
        return values;
    }
    if (name == "interface-type") return Values{eni.interface_type};
    if (name == "mac-address") return Values{eni.mac};
    if (name == "network-interface-id") return Values{eni.id};
    if (name == "owner-id") return Values{eni.account};
    if (name == "private-dns-name")
        return eni.address.empty() ? Values{}
                                   : Values{private_dns_name(*parse_ipv4(eni.address), eni.region)};
    if (name == "requester-id") return eni.requester.empty() ? Values{} : Values{eni.requester};
    if (name == "requester-managed") return Values{text_of(!eni.requester.empty())};
    if (name == "source-dest-check") return Values{"true"};
    if (name == "status") return Values{eni.attachment.empty() ? "available" : "in-use"};
    if (name == "subnet-id") return Values{eni.subnet};
    if (name == "vpc-id") return Values{eni.vpc};
    if (name == "operator.managed") return Values{"false"};
    if (name == "operator.principal") return Values{};
    return {};
}

// A region may have a hundred thousand interfaces: what clients filter by goes through an index.
std::vector<state::Pinned<EniRecord>> candidates(
    const Txn& txn, const Caller& caller, const Filters& filters
) {
    std::map<std::string, state::Pinned<EniRecord>> found;
    const auto collect = [&](const Values& values, const auto& look_up) {
        for (const auto& value : values) {
            for (auto& eni : look_up(value)) found.emplace(eni->key(), std::move(eni));
        }
        std::vector<state::Pinned<EniRecord>> list;
        for (auto& [_, eni] : found) list.push_back(std::move(eni));
        return list;
    };
    const auto key = [&](const std::string& id) { return key_of(caller.account, caller.region, id); };
    if (const auto ids = exact_values(filters, "network-interface-id")) {
        return collect(*ids, [&](const std::string& id) {
            auto eni = txn.get<EniRecord>(key(id));
            return eni ? std::vector{eni} : std::vector<state::Pinned<EniRecord>>{};
        });
    }
    for (const char* name : {"private-ip-address", "addresses.private-ip-address"}) {
        if (const auto addresses = exact_values(filters, name)) {
            return collect(*addresses, [&](const std::string& address) {
                auto enis = txn.find<EniByAddress>(address);
                std::erase_if(enis, [&](const auto& eni) { return !eni->key().starts_with(caller.scope()); });
                return enis;
            });
        }
    }
    if (const auto ids = exact_values(filters, "group-id"))
        return collect(*ids, [&](const std::string& id) { return txn.find<EnisByGroup>(key(id)); });
    if (const auto ids = exact_values(filters, "subnet-id"))
        return collect(*ids, [&](const std::string& id) { return txn.find<EnisBySubnet>(key(id)); });
    return txn.list<EniRecord>(caller.scope());
}

}  // namespace

Result<DescribeNetworkInterfacesResponse> describe_network_interfaces(
    Txn& txn, const DescribeNetworkInterfacesRequest& request, const Caller& caller
) {
    TRY_VOID(dry_run(request.dry_run));
    const auto values = [&](const EniRecord& eni, const std::string& name) { return fields(txn, eni, name); };
    Listing<EniRecord> found;
    if (request.network_interface_ids && !request.network_interface_ids->empty()) {
        TRY(found, describe<EniRecord>(txn, caller, request.network_interface_ids, request, values));
    } else {
        TRY(found, filter_and_page<EniRecord>(candidates(txn, caller, request.filters), request, values));
    }
    DescribeNetworkInterfacesResponse response;
    response.next_token = found.next_token;
    response.network_interfaces.emplace();
    for (const auto& eni : found.records) response.network_interfaces->push_back(show(txn, *eni));
    return response;
}

}  // namespace gantry::ec2
