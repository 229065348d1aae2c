#include "ec2/worker_network.h"

#include <set>

#include "ec2/internet_gateway.h"
#include "ec2/prefix_list.h"
#include "ec2/route_view.h"

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

// The workers with an interface in this VPC or group, one step of the index each.
std::set<std::string> workers_with(const state::View& view, const std::string& id) {
    const auto& entries = view.database().entries(view.schema().index_of<EnisByWorkersNeed>());
    const std::string prefix = id + " ";
    std::set<std::string> workers;
    auto entry = entries.lower_bound({prefix, {}});
    while (entry != entries.end() && entry->first.starts_with(prefix)) {
        workers.insert(entry->first.substr(prefix.size()));
        entry = entries.lower_bound({entry->first + '\0', {}});
    }
    return workers;
}

bool same_needs(const EniRecord& a, const EniRecord& b) {
    return a.worker == b.worker && a.vpc == b.vpc && a.groups == b.groups;
}

// Whether a worker begins or ceases to need a VPC or group by this change of an interface. Of several
// interfaces that begin together the first in the index speaks for all.
class Needs {
  public:
    Needs(const state::View& view, const state::Change& change)
        : view_(view),
          before_(changed<EniRecord>(view, change, change.before)),
          after_(changed<EniRecord>(view, change, change.after)) {}

    // Nothing to ask: no interface, or one whose needs are as they were.
    bool unchanged() const {
        return (before_ == nullptr && after_ == nullptr) ||
               (before_ != nullptr && after_ != nullptr && same_needs(*before_, *after_));
    }
    bool turned(const std::string& id) const {
        if (after_ != nullptr && !after_->worker.empty()) {
            const auto first = view_.find_one<EnisByWorkersNeed>(id + " " + after_->worker);
            if (first && first->id == after_->id) return true;
        }
        return before_ != nullptr && !before_->worker.empty() &&
               !view_.find_one<EnisByWorkersNeed>(id + " " + before_->worker);
    }
    std::set<std::string> groups() const {
        std::set<std::string> ids;
        for (const auto* side : {before_, after_}) {
            if (side != nullptr) ids.insert(side->groups.begin(), side->groups.end());
        }
        return ids;
    }
    std::set<std::string> vpcs() const {
        std::set<std::string> ids;
        for (const auto* side : {before_, after_}) {
            if (side != nullptr) ids.insert(side->vpc);
        }
        return ids;
    }

  private:
    const state::View& view_;
    const EniRecord* before_;
    const EniRecord* after_;
};

std::set<std::string> references(const SecurityGroupRecord* group) {
    std::set<std::string> ids;
    if (group == nullptr) return ids;
    for (const auto& rule : group->rules) {
        if (!rule.group.empty()) ids.insert(rule.group);
    }
    return ids;
}

void members(
    const state::View& view, const SecurityGroupRecord& near, const std::string& id, const KeySink& sink
) {
    for (const auto& eni : view.find<EnisByGroup>(key_of(near.account, near.region, id))) sink(eni->id);
}

// The VPC whose ways out a change of a route table or gateway alters; empty for other changes.
std::string rerouted_vpc(const state::View& view, const state::Change& change, const state::Erased& side) {
    if (const auto* table = changed<RouteTableRecord>(view, change, side))
        return key_of(table->account, table->region, table->vpc);
    if (const auto* gateway = changed<InternetGatewayRecord>(view, change, side);
        gateway && !gateway->vpc.empty())
        return key_of(gateway->account, gateway->region, gateway->vpc);
    if (const auto* vpc = changed<VpcRecord>(view, change, side)) return vpc->key();
    return {};
}

template <class T>
Published published(std::set<std::string> workers, T object) {
    return {std::vector<std::string>(workers.begin(), workers.end()), [object = std::move(object)] {
                return encode(object).as_object();
            }};
}

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

void affected_enis(const state::View& view, const state::Change& change, const KeySink& sink) {
    std::set<std::string> rerouted;
    for (const auto* side : {&change.before, &change.after})
        rerouted.insert(rerouted_vpc(view, change, *side));
    rerouted.erase("");
    for (const auto& vpc : rerouted) {
        for (const auto& eni : view.find<EnisByVpc>(vpc)) {
            if (!eni->public_address.empty()) sink(eni->key());
        }
    }
}

void VpcPublisher::affected(const state::View& view, const state::Change& change, const KeySink& look_at)
    const {
    for (const auto* side : {&change.before, &change.after}) {
        if (const auto* vpc = changed<VpcRecord>(view, change, *side)) look_at(vpc->id);
    }
    const Needs needs(view, change);
    if (needs.unchanged()) return;
    for (const auto& vpc : needs.vpcs()) {
        if (needs.turned(vpc)) look_at(vpc);
    }
}

void VpcPublisher::all(const state::View& view, const KeySink& look_at) const {
    for (const auto& vpc : view.list<VpcRecord>()) look_at(vpc->id);
}

std::optional<Published> VpcPublisher::build(const state::View& view, std::string_view key) const {
    const auto vpc = view.find_one<VpcById>(key);
    if (!vpc) return {};
    return published(workers_with(view, vpc->id), vpc_object(*vpc));
}

void SecurityGroupPublisher::affected(
    const state::View& view, const state::Change& change, const KeySink& look_at
) const {
    for (const auto* side : {&change.before, &change.after}) {
        if (const auto* group = changed<SecurityGroupRecord>(view, change, *side)) look_at(group->id);
    }
    const Needs needs(view, change);
    if (needs.unchanged()) return;
    for (const auto& group : needs.groups()) {
        if (needs.turned(group)) look_at(group);
    }
}

void SecurityGroupPublisher::all(const state::View& view, const KeySink& look_at) const {
    for (const auto& group : view.list<SecurityGroupRecord>()) look_at(group->id);
}

std::optional<Published> SecurityGroupPublisher::build(const state::View& view, std::string_view key) const {
    const auto group = view.find_one<SecurityGroupById>(key);
    if (!group) return {};
    auto workers = workers_with(view, group->id);
    return Published{std::vector<std::string>(workers.begin(), workers.end()), [group] {
                         return encode(group_object(*group)).as_object();
                     }};
}

void EniPublisher::affected(const state::View& view, const state::Change& change, const KeySink& look_at)
    const {
    for (const auto* side : {&change.before, &change.after}) {
        if (const auto* eni = changed<EniRecord>(view, change, *side)) look_at(eni->id);
    }
    affected_enis(view, change, [&](const std::string& key) { look_at(view.get<EniRecord>(key)->id); });
    // A group that begins or ceases to refer to another concerns the other's members.
    const auto* before = changed<SecurityGroupRecord>(view, change, change.before);
    const auto* after = changed<SecurityGroupRecord>(view, change, change.after);
    const auto was = references(before);
    const auto is = references(after);
    for (const auto& id : was) {
        if (!is.contains(id)) members(view, *before, id, look_at);
    }
    for (const auto& id : is) {
        if (!was.contains(id)) members(view, *after, id, look_at);
    }
    // So does a worker that begins or ceases to have a group.
    const Needs needs(view, change);
    if (needs.unchanged()) return;
    for (const auto& id : needs.groups()) {
        if (!needs.turned(id)) continue;
        const auto group = view.find_one<SecurityGroupById>(id);
        for (const auto& other : references(group.get())) members(view, *group, other, look_at);
    }
}

void EniPublisher::all(const state::View& view, const KeySink& look_at) const {
    for (const auto& eni : view.list<EniRecord>()) look_at(eni->id);
}

std::optional<Published> EniPublisher::build(const state::View& view, std::string_view key) const {
    const auto eni = view.find_one<EniById>(key);
    if (!eni) return {};
    std::set<std::string> workers;
    if (!eni->worker.empty()) workers.insert(eni->worker);
    for (const auto& id : eni->groups) {
        for (const auto& group : view.find<SecurityGroupsByReference>(key_of(eni->account, eni->region, id)))
            workers.merge(workers_with(view, group->id));
    }
    return published(std::move(workers), eni_object(view, *eni));
}

}  // namespace gantry::ec2
