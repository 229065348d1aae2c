#include "control/seeder.h"

#include <algorithm>

namespace gantry::control {
namespace {

std::string scope_of(const Seeder& seeder, const Caller& caller) {
    return seeder.per == Seeder::Per::account ? caller.account + "//" : caller.scope();
}

const Seeder* first_missing(
    const state::View& view, const std::vector<Seeder>& seeders, const Caller& caller
) {
    for (const auto& seeder : seeders) {
        const auto record = view.get<SeededRecord>(scope_of(seeder, caller));
        if (!record || std::ranges::find(record->done, seeder.name) == record->done.end()) return &seeder;
    }
    return nullptr;
}

}  // namespace

bool needs_seeding(const state::View& view, const std::vector<Seeder>& seeders, const Caller& caller) {
    return first_missing(view, seeders, caller) != nullptr;
}

bool seed_one(state::Txn& txn, const std::vector<Seeder>& seeders, const Caller& caller) {
    const auto* seeder = first_missing(txn, seeders, caller);
    if (seeder == nullptr) return false;
    const auto scope = scope_of(*seeder, caller);
    SeededRecord record{scope, {}};
    if (const auto present = txn.get<SeededRecord>(scope)) record = *present;
    record.done.push_back(seeder->name);
    txn.put(std::move(record));
    seeder->seed(txn, caller);
    return true;
}

}  // namespace gantry::control
