#include "state/view.h"

#include <algorithm>

namespace gantry::state {

namespace {

// The rows behind index entries, in the entries' order. What is filed next to each other often stands next to each
// other too, and a step is cheaper than a search.
class Neighbours {
  public:
    explicit Neighbours(const Database::Rows& rows) : rows_(rows), at_(rows.end()) {}

    const Erased& find(const std::string& key) {
        if (at_ != rows_.end()) ++at_;
        if (at_ == rows_.end() || at_->first != key) at_ = rows_.find(key);
        return at_->second;
    }

  private:
    const Database::Rows& rows_;
    Database::Rows::const_iterator at_;
};

}  // namespace

View::ErasedPage View::list(TableId table, std::string_view prefix, std::string_view after, std::size_t limit)
    const {
    const auto& rows = database_->rows(table);
    ErasedPage page;
    auto row = after.empty() || after < prefix ? rows.lower_bound(prefix) : rows.upper_bound(after);
    for (; row != rows.end() && row->first.starts_with(prefix); ++row) {
        if (page.records.size() == limit) {
            page.next_after = std::prev(row)->first;
            break;
        }
        page.records.push_back(row->second);
    }
    return page;
}

std::vector<Erased> View::find(IndexId index, std::string_view index_key, std::size_t limit) const {
    const auto& entries = database_->entries(index);
    Neighbours rows(database_->rows(schema().indexes()[index].table));
    std::vector<Erased> found;
    for (auto entry = entries.lower_bound({std::string(index_key), {}});
         entry != entries.end() && entry->first == index_key && found.size() < limit; ++entry) {
        found.push_back(rows.find(entry->second));
    }
    return found;
}

View::ErasedPage View::page_of(
    IndexId index,
    std::string_view index_key,
    std::string_view after,
    std::size_t limit,
    bool descending,
    std::string_view prefix
) const {
    const auto& entries = database_->entries(index);
    Neighbours rows(database_->rows(schema().indexes()[index].table));
    const std::string key(index_key);
    ErasedPage page;
    page.records.reserve(std::min<std::size_t>(limit, 128));
    const std::string* last = nullptr;
    // Whether the walk goes on after this entry.
    const auto take = [&](const std::pair<std::string, std::string>& entry) {
        if (entry.first != key || !entry.second.starts_with(prefix)) return false;
        if (page.records.size() == limit) {
            page.next_after = last == nullptr ? std::string() : *last;
            return false;
        }
        page.records.push_back(rows.find(entry.second));
        last = &entry.second;
        return true;
    };
    if (descending) {
        // Keys are text, so prefix + 0xff is after everything that starts with prefix.
        const std::string end = after.empty() ? std::string(prefix) + '\xff' : std::string(after);
        auto entry = entries.lower_bound({key, end});
        while (entry != entries.begin() && take(*std::prev(entry))) --entry;
    } else {
        auto entry = after.empty() || after < prefix ? entries.lower_bound({key, std::string(prefix)})
                                                     : entries.upper_bound({key, std::string(after)});
        while (entry != entries.end() && take(*entry)) ++entry;
    }
    return page;
}

Erased View::first(IndexId index, std::string_view from) const {
    const auto& entries = database_->entries(index);
    const auto entry = entries.lower_bound({std::string(from), {}});
    return entry == entries.end() ? nullptr : database_->find(schema().indexes()[index].table, entry->second);
}

}  // namespace gantry::state
