#include "control/published_objects.h"

#include <boost/json/serialize.hpp>
#include <functional>

namespace gantry::control {

bool PublishedObjects::set(
    const ObjectName& name, std::optional<boost::json::object> body, std::uint64_t generation
) {
    const auto found = objects_.find(name);
    if (!body) {
        if (found == objects_.end() || !found->second.wanted) return false;
        found->second = Object{.generation = generation, .wanted = false};
        open_.insert(name);
        return true;
    }
    const auto hash = std::hash<std::string>{}(boost::json::serialize(*body));
    if (found != objects_.end() && found->second.wanted && found->second.hash == hash) {
        // A late acknowledgement of the same content is as good.
        if (!found->second.acknowledged) found->second.body = std::move(body);
        return false;
    }
    objects_[name] = Object{.generation = generation, .body = std::move(body), .hash = hash};
    open_.insert(name);
    return true;
}

void PublishedObjects::holding(const link::HeldObject& held) {
    const auto found = objects_.find({held.kind, held.key});
    if (found == objects_.end() || held.held != found->second.wanted || held.generation < found->second.generation) {
        return;
    }
    open_.erase(found->first);
    if (!found->second.wanted) {
        objects_.erase(found);
        return;
    }
    found->second.acknowledged = true;
    found->second.body.reset();
}

void PublishedObjects::resync(const link::Generations& held) {
    for (auto& [name, object] : objects_) {
        if (!object.wanted) continue;
        const auto kind = held.find(name.kind);
        const auto has = kind != held.end() && kind->second.contains(name.key) &&
                         kind->second.at(name.key) >= object.generation;
        if (has) continue;
        // Its content is not kept once acknowledged: forgetting the hash makes the next build tell it again.
        object.acknowledged = false;
        object.sent_at.reset();
        if (!object.body) object.hash = 0;
        open_.insert(name);
    }
}

std::vector<link::ToWorker> PublishedObjects::due(port::SteadyInstant now, port::SteadyInstant again_before) {
    std::vector<link::ToWorker> messages;
    for (const auto& name : open_) {
        auto& object = objects_.at(name);
        if (object.sent_at && *object.sent_at > again_before) continue;
        if (object.wanted && !object.body) continue;
        object.sent_at = now;
        messages.push_back(message(name, object));
    }
    return messages;
}

link::ToWorker PublishedObjects::message(const ObjectName& name, const Object& object) const {
    if (!object.wanted) return link::Drop{incarnation_, name.kind, name.key, object.generation};
    return link::Want{incarnation_, name.kind, name.key, object.generation, *object.body};
}

link::Inventory PublishedObjects::inventory(std::uint64_t generation) const {
    link::Inventory inventory{incarnation_, generation, {}};
    for (const auto& [name, object] : objects_) {
        if (object.wanted) inventory.objects[name.kind][name.key] = object.generation;
    }
    return inventory;
}

}  // namespace gantry::control
