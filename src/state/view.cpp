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

std::size_t View::count(IndexId index, std::string_view index_key) const {
    const auto& entries = database_->entries(index);
    std::size_t n = 0;
    for (auto entry = entries.lower_bound({std::string(index_key), {}});
         entry != entries.end() && entry->first == index_key; ++entry) {
        ++n;
    }
    return n;
}

Erased View::first(IndexId index, std::string_view from) const {
    const auto& entries = database_->entries(index);
    const auto entry = entries.lower_bound({std::string(from), {}});
    return entry == entries.end() ? nullptr : database_->find(schema().indexes()[index].table, entry->second);
}

}  // namespace gantry::state
