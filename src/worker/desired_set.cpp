#include "worker/desired_set.h"

namespace gantry::worker {
namespace {

// Far more than can be under way between two inventories.
constexpr std::size_t dropped_max = 20'000;

}  // namespace

DesiredSet::Effect DesiredSet::want(const link::Want& want) {
    const auto buried = dropped_.find({want.kind, want.key});
    if (buried != dropped_.end() && want.generation <= buried->second) return Effect::stale;
    auto& object = objects_[want.kind][want.key];
    if (want.generation < object.generation) return Effect::stale;
    if (want.generation == object.generation && object.generation != 0) return Effect::same;
    if (buried != dropped_.end()) dropped_.erase(buried);
    const bool equal = object.generation != 0 && object.body == want.body;
    object.generation = want.generation;
    if (equal) return Effect::same;
    object.body = want.body;
    return Effect::changed;
}

DesiredSet::Effect DesiredSet::drop(const link::Drop& drop) {
    auto& buried = dropped_[{drop.kind, drop.key}];
    auto& kind = objects_[drop.kind];
    const auto found = kind.find(drop.key);
    if (found == kind.end()) {
        buried = std::max(buried, drop.generation);
        return Effect::same;
    }
    if (found->second.generation > drop.generation) {
        if (buried == 0) dropped_.erase({drop.kind, drop.key});
        return Effect::stale;
    }
    buried = std::max(buried, drop.generation);
    kind.erase(found);
    if (dropped_.size() > dropped_max) dropped_.erase(dropped_.begin());
    return Effect::changed;
}

void DesiredSet::restore(const std::string& kind, const std::string& key, DesiredObject object) {
    objects_[kind][key] = std::move(object);
}

const DesiredObject* DesiredSet::find(const std::string& kind, const std::string& key) const {
    const auto& all = of(kind);
    const auto found = all.find(key);
    return found == all.end() ? nullptr : &found->second;
}

const std::map<std::string, DesiredObject>& DesiredSet::of(const std::string& kind) const {
    static const std::map<std::string, DesiredObject> none;
    const auto found = objects_.find(kind);
    return found == objects_.end() ? none : found->second;
}

std::vector<link::Drop> DesiredSet::unwanted(const link::Inventory& inventory) const {
    std::vector<link::Drop> drops;
    for (const auto& [kind, all] : objects_) {
        const auto wanted = inventory.objects.find(kind);
        for (const auto& [key, object] : all) {
            if (object.generation > inventory.generation) continue;
            if (wanted != inventory.objects.end() && wanted->second.contains(key)) continue;
            drops.push_back({inventory.incarnation, kind, key, inventory.generation});
        }
    }
    return drops;
}

bool DesiredSet::behind(const link::Inventory& inventory) const {
    for (const auto& [kind, all] : inventory.objects) {
        for (const auto& [key, generation] : all) {
            const auto buried = dropped_.find({kind, key});
            if (buried != dropped_.end() && buried->second >= generation) continue;
            const auto* held = find(kind, key);
            if (held == nullptr || held->generation < generation) return true;
        }
    }
    return false;
}

link::Generations DesiredSet::generations() const {
    link::Generations out;
    for (const auto& [kind, all] : objects_)
        for (const auto& [key, object] : all) out[kind][key] = object.generation;
    return out;
}

}  // namespace gantry::worker
