#include "state/schema.h"

#include "base/assertion.h"

namespace gantry::state {

void Schema::add_table(const void* tag, TableDescription description) {
    ASSERT(table_named(description.info.name) == nullptr, "two tables of one name");
    tables_by_tag_.emplace(tag, tables_.size());
    tables_.push_back(std::move(description));
}

void Schema::add_index(const void* tag, IndexDescription description) {
    const auto added = indexes_by_tag_.emplace(tag, indexes_.size()).second;
    ASSERT(added, "an index declared twice");
    tables_[description.table].indexes.push_back(indexes_.size());
    indexes_.push_back(description);
}

std::size_t Schema::find(const std::map<const void*, std::size_t>& ids, const void* tag) {
    const auto found = ids.find(tag);
    ASSERT(found != ids.end(), "a record type or index that no folder declared");
    return found->second;
}

const TableDescription* Schema::table_named(std::string_view name, TableId* id) const {
    for (TableId i = 0; i < tables_.size(); ++i) {
        if (tables_[i].info.name != name) continue;
        if (id != nullptr) *id = i;
        return &tables_[i];
    }
    return nullptr;
}

}  // namespace gantry::state
