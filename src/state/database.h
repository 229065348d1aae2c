#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "state/schema.h"

namespace gantry::state {

// One record before and after; a null `before` is an insertion, a null `after` a deletion.
struct Change {
    TableId table = 0;
    std::string key;
    Erased before;
    Erased after;
};

// In the order in which the transaction wrote, each key at most once.
using ChangeSet = std::vector<Change>;

// All tables and indexes in memory. Touched on the strand only.
class Database {
  public:
    explicit Database(const Schema& schema);
    Database(const Database&) = delete;
    Database& operator=(const Database&) = delete;

    const Schema& schema() const { return schema_; }

    // Returns what stood there before. A null record erases.
    Erased replace(TableId table, const std::string& key, Erased record);

    Erased find(TableId table, std::string_view key) const;
    std::size_t size(TableId table) const { return tables_[table].size(); }

    using Rows = std::map<std::string, Erased, std::less<>>;
    const Rows& rows(TableId table) const { return tables_[table]; }
    // (index key, record key), ordered.
    using Entries = std::set<std::pair<std::string, std::string>>;
    const Entries& entries(IndexId index) const { return indexes_[index]; }

    // How many entries an index key has. A walk over them unless the index is counted.
    std::size_t count(IndexId index, std::string_view index_key) const;

    // Writes the before-images back, last change first.
    void undo(const ChangeSet& changes);
    void clear();

  private:
    void unindex(const TableDescription& table, const std::string& key, const Erased& record);
    void index(const TableDescription& table, const std::string& key, const Erased& record);

    const Schema& schema_;
    std::vector<Rows> tables_;
    std::vector<Entries> indexes_;
    std::vector<std::map<std::string, std::size_t, std::less<>>> counts_;  // of the counted indexes
};

}  // namespace gantry::state
