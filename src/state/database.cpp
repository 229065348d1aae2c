#include "state/database.h"

namespace gantry::state {

Database::Database(const Schema& schema)
    : schema_(schema),
      tables_(schema.tables().size()),
      indexes_(schema.indexes().size()),
      counts_(indexes_.size()) {}

Erased Database::find(TableId table, std::string_view key) const {
    const auto found = tables_[table].find(key);
    return found == tables_[table].end() ? nullptr : found->second;
}

Erased Database::replace(TableId table, const std::string& key, Erased record) {
    auto& rows = tables_[table];
    const auto& description = schema_.tables()[table];
    const auto found = rows.find(key);
    Erased before = found == rows.end() ? nullptr : found->second;
    if (before) unindex(description, key, before);
    if (record) {
        index(description, key, record);
        if (before) {
            found->second = std::move(record);
        } else {
            rows.emplace(key, std::move(record));
        }
    } else if (before) {
        rows.erase(found);
    }
    return before;
}

void Database::undo(const ChangeSet& changes) {
    for (auto change = changes.rbegin(); change != changes.rend(); ++change) {
        replace(change->table, change->key, change->before);
    }
}

void Database::clear() {
    for (auto& table : tables_) table.clear();
    for (auto& index : indexes_) index.clear();
    for (auto& counts : counts_) counts.clear();
}

std::size_t Database::count(IndexId index, std::string_view index_key) const {
    if (schema_.indexes()[index].counted) {
        const auto found = counts_[index].find(index_key);
        return found == counts_[index].end() ? 0 : found->second;
    }
    std::size_t n = 0;
    for (auto entry = indexes_[index].lower_bound({std::string(index_key), {}});
         entry != indexes_[index].end() && entry->first == index_key; ++entry) {
        ++n;
    }
    return n;
}

void Database::unindex(const TableDescription& table, const std::string& key, const Erased& record) {
    std::vector<std::string> keys;
    for (const IndexId id : table.indexes) {
        keys.clear();
        schema_.indexes()[id].keys(record.get(), keys);
        const bool counted = schema_.indexes()[id].counted;
        for (auto& index_key : keys) {
            if (const auto count = counts_[id].find(index_key); counted && --count->second == 0) {
                counts_[id].erase(count);
            }
            indexes_[id].erase({std::move(index_key), key});
        }
    }
}

void Database::index(const TableDescription& table, const std::string& key, const Erased& record) {
    std::vector<std::string> keys;
    for (const IndexId id : table.indexes) {
        keys.clear();
        schema_.indexes()[id].keys(record.get(), keys);
        for (auto& index_key : keys) {
            if (schema_.indexes()[id].counted) ++counts_[id][index_key];
            indexes_[id].emplace(std::move(index_key), key);
        }
    }
}

}  // namespace gantry::state
