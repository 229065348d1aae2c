#include "state/view.h"

namespace gantry::state {

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
    const auto table = schema().indexes()[index].table;
    std::vector<Erased> found;
    for (auto entry = entries.lower_bound({std::string(index_key), {}});
         entry != entries.end() && entry->first == index_key && found.size() < limit; ++entry) {
        found.push_back(database_->find(table, entry->second));
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
    const auto table = schema().indexes()[index].table;
    const std::string key(index_key);
    ErasedPage page;
    std::string last;
    // Whether the walk goes on after this entry.
    const auto take = [&](const std::pair<std::string, std::string>& entry) {
        if (entry.first != key || !entry.second.starts_with(prefix)) return false;
        if (page.records.size() == limit) {
            page.next_after = last;
            return false;
        }
        page.records.push_back(database_->find(table, entry.second));
        last = entry.second;
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
