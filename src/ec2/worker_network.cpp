#include "ec2/worker_network.h"

#include <set>

#include "ec2/internet_gateway.h"
#include "ec2/prefix_list.h"
#include "ec2/route_view.h"
#include "operation/controller.h"

namespace gantry::ec2 {
namespace {

void add_rules(
    const SecurityGroupRecord& group, const SecurityRule& rule, std::vector<link::GroupRule>& out
) {
    link::GroupRule base;
    base.protocol = rule.protocol;
    if (rule.from_port >= 0) base.from_port = rule.from_port;
    if (rule.to_port >= 0) base.to_port = rule.to_port;
    if (!rule.prefix_list.empty()) {
        const auto list = find_prefix_list(group.region, rule.prefix_list);
        for (const auto& cidr : list ? list->cidrs : std::vector<std::string>{}) {
            base.cidr = cidr;
            out.push_back(base);
        }
        return;
    }
    if (!rule.ipv6_cidr.empty()) return;
    base.cidr = rule.cidr;
    base.group = rule.group;
    out.push_back(std::move(base));
}

void add_eni(const state::View& view, const EniRecord& eni, WorkerNetwork& network) {
    if (!network.enis.contains(eni.id)) network.enis.emplace(eni.id, eni_object(view, eni));
}

void add_group(const state::View& view, const std::string& key, WorkerNetwork& network) {
    const auto group = view.get<SecurityGroupRecord>(key);
    if (!group || network.groups.contains(group->id)) return;
    network.groups.emplace(group->id, group_object(*group));
    for (const auto& rule : group->rules) {
        if (rule.group.empty()) continue;
        for (const auto& member : view.find<EnisByGroup>(key_of(group->account, group->region, rule.group)))
            add_eni(view, *member, network);
    }
}

// One side of a change, for each kind of record that the network is made of.
class Affected {
  public:
    Affected(const state::View& view, const std::function<void(const std::string&)>& sink)
        : view_(view), sink_(sink) {}

    void side(const state::Change& change, const state::Erased& side) {
        if (const auto* eni = changed<EniRecord>(view_, change, side)) of_eni(*eni);
        if (const auto* group = changed<SecurityGroupRecord>(view_, change, side))
            of_group(key_of(group->account, group->region, group->id));
        if (const auto* vpc = changed<VpcRecord>(view_, change, side)) of_vpc(vpc->key());
        if (const auto* table = changed<RouteTableRecord>(view_, change, side))
            of_vpc(key_of(table->account, table->region, table->vpc));
        if (const auto* gateway = changed<InternetGatewayRecord>(view_, change, side);
            gateway && !gateway->vpc.empty())
            of_vpc(key_of(gateway->account, gateway->region, gateway->vpc));
    }

  private:
    void give(const std::string& key) {
        if (given_.insert(key).second) sink_(key);
    }
    void of_group(const std::string& key) {
        for (const auto& eni : view_.find<EnisByGroup>(key)) give(eni->key());
    }
    void of_eni(const EniRecord& eni) {
        give(eni.key());
        for (const auto& id : eni.groups) {
            for (const auto& other :
                 view_.find<SecurityGroupsByReference>(key_of(eni.account, eni.region, id)))
                of_group(other->key());
        }
    }
    void of_vpc(const std::string& key) {
        for (const auto& eni : view_.find<EnisByVpc>(key)) give(eni->key());
    }

    const state::View& view_;
    const std::function<void(const std::string&)>& sink_;
    std::set<std::string> given_;
};

}  // namespace

link::Vpc vpc_object(const VpcRecord& vpc) { return {vpc.id, {vpc.cidr}}; }

link::SecurityGroup group_object(const SecurityGroupRecord& group) {
    link::SecurityGroup out;
    out.id = group.id;
    for (const auto& rule : group.rules) add_rules(group, rule, rule.egress ? out.egress : out.ingress);
    return out;
}

link::Eni eni_object(const state::View& view, const EniRecord& eni) {
    link::Eni out;
    out.id = eni.id;
    out.address = eni.address;
    out.vpc = eni.vpc;
    out.groups = eni.groups;
    if (!eni.public_address.empty()) {
        const auto subnet = view.get<SubnetRecord>(key_of(eni.account, eni.region, eni.subnet));
        out.outside = subnet && leads_outside(view, *subnet);
    }
    return out;
}

WorkerNetwork worker_network(const state::View& view, const std::vector<std::string>& eni_keys) {
    WorkerNetwork network;
    for (const auto& key : eni_keys) {
        const auto eni = view.get<EniRecord>(key);
        if (!eni) continue;
        add_eni(view, *eni, network);
        if (const auto vpc = view.get<VpcRecord>(key_of(eni->account, eni->region, eni->vpc)))
            network.vpcs.emplace(vpc->id, vpc_object(*vpc));
        for (const auto& group : eni->groups)
            add_group(view, key_of(eni->account, eni->region, group), network);
    }
    return network;
}

bool touches_network(const state::View& view, const state::Change& change) {
    const auto& schema = view.schema();
    return change.table == schema.table_of<EniRecord>() || change.table == schema.table_of<VpcRecord>() ||
           change.table == schema.table_of<SecurityGroupRecord>() ||
           change.table == schema.table_of<RouteTableRecord>() ||
           change.table == schema.table_of<InternetGatewayRecord>();
}

void affected_enis(
    const state::View& view,
    const state::Change& change,
    const std::function<void(const std::string& key)>& sink
) {
    if (!touches_network(view, change)) return;
    Affected affected(view, sink);
    affected.side(change, change.before);
    affected.side(change, change.after);
}

}  // namespace gantry::ec2
