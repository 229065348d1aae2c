#include "state/txn.h"

#include <algorithm>

#include "base/assertion.h"

namespace gantry::state {

Txn::~Txn() { ASSERT(done_, "a transaction neither finished nor undone"); }

void Txn::write(TableId table, std::string key, Erased record) {
    ASSERT(!done_, "a write after the transaction's end");
    const auto same = [&](const Change& change) { return change.table == table && change.key == key; };
    Erased before = database_.replace(table, key, record);
    const auto known = std::find_if(changes_.begin(), changes_.end(), same);
    if (known != changes_.end()) {
        known->after = std::move(record);
        return;
    }
    ASSERT(changes_.size() < kRecordsMax, "a transaction that touches too many records");
    changes_.push_back({table, std::move(key), std::move(before), std::move(record)});
}

void Txn::apply(const Plan& plan) {
    for (const auto& action : plan.actions())
        write(schema().table_tagged(action.table_tag), action.key, action.record);
}

ChangeSet Txn::finish() {
    done_ = true;
    std::erase_if(changes_, [](const Change& change) {
        return change.before == nullptr && change.after == nullptr;
    });
    return std::move(changes_);
}

void Txn::undo() {
    done_ = true;
    database_.undo(changes_);
    changes_.clear();
}

}  // namespace gantry::state
