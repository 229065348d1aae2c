#pragma once

#include <boost/json/object.hpp>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "link/message.h"

namespace gantry::worker {

struct DesiredObject {
    std::uint64_t generation = 0;
    boost::json::object body;
};
BOOST_DESCRIBE_STRUCT(DesiredObject, (), (generation, body))

// What the control plane wants of this worker, by kind and key, and which of two messages about an object is
// newer. Pure bookkeeping; whoever changes it writes the change to the disk before acknowledging it.
class DesiredSet {
  public:
    enum class Effect {
        stale,    // older than what is known: not even acknowledged
        same,     // known already: acknowledged again
        changed,  // to be kept, acted on, then acknowledged
    };

    Effect want(const link::Want& want);
    Effect drop(const link::Drop& drop);
    // Back from the disk.
    void restore(const std::string& kind, const std::string& key, DesiredObject object);

    const DesiredObject* find(const std::string& kind, const std::string& key) const;
    const std::map<std::string, DesiredObject>& of(const std::string& kind) const;

    // What an inventory does not name and therefore nobody wants any more: as Drops to be taken.
    std::vector<link::Drop> unwanted(const link::Inventory& inventory) const;
    // Whether the inventory names something that is missing here or older.
    bool behind(const link::Inventory& inventory) const;

    link::Generations generations() const;

  private:
    std::map<std::string, std::map<std::string, DesiredObject>> objects_;
    // Dropped keys → the Drop's generation, so that a late Want does not bring them back. Forgotten once an
    // inventory is newer: nothing older can be under way then but in the same connection, and the next
    // inventory would correct it.
    std::map<std::pair<std::string, std::string>, std::uint64_t> dropped_;
};

}  // namespace gantry::worker
