#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "state/database.h"

namespace gantry::state {

template <class R>
using Pinned = std::shared_ptr<const R>;

// Some records in key order, and the key after which the next page starts (absent on the last page).
template <class R>
struct Page {
    std::vector<Pinned<R>> records;
    std::optional<std::string> next_after;
};

// Reading. What it hands out is pinned: it stays as it was, whatever is written later.
class View {
  public:
    explicit View(const Database& database) : database_(&database) {}

    template <Record R>
    Pinned<R> get(std::string_view key) const {
        return std::static_pointer_cast<const R>(database_->find(schema().table_of<R>(), key));
    }

    // All records whose key starts with prefix, in key order.
    template <Record R>
    std::vector<Pinned<R>> list(std::string_view prefix = {}) const {
        return cast<R>(list(schema().table_of<R>(), prefix, {}, SIZE_MAX).records);
    }

    // At most `limit` records whose key starts with prefix and is greater than `after`.
    template <Record R>
    Page<R> page(std::string_view prefix, std::string_view after, std::size_t limit) const {
        auto erased = list(schema().table_of<R>(), prefix, after, limit);
        return {cast<R>(std::move(erased.records)), std::move(erased.next_after)};
    }

    // All records that the index files under exactly this key, in order of their own keys.
    template <Index I>
    std::vector<Pinned<typename I::Record>> find(std::string_view index_key) const {
        const auto index = schema().index_of<I>();
        return cast<typename I::Record>(find(index, index_key, SIZE_MAX));
    }
    template <Index I>
    Pinned<typename I::Record> find_one(std::string_view index_key) const {
        auto found = find(schema().index_of<I>(), index_key, 1);
        return found.empty() ? nullptr : std::static_pointer_cast<const typename I::Record>(found.front());
    }
    // A walk over the entries unless the index says kCounted.
    template <Index I>
    std::size_t count(std::string_view index_key) const {
        return database_->count(schema().index_of<I>(), index_key);
    }

    // At most `limit` of the records under exactly this index key, in order of their own keys (or the
    // reverse), that come after the record key `after` (empty: from the start) and whose own keys start with
    // `prefix`.
    template <Index I>
    Page<typename I::Record> page_of(
        std::string_view index_key,
        std::string_view after,
        std::size_t limit,
        bool descending = false,
        std::string_view prefix = {}
    ) const {
        auto page = page_of(schema().index_of<I>(), index_key, after, limit, descending, prefix);
        return {cast<typename I::Record>(std::move(page.records)), std::move(page.next_after)};
    }

    // The first record in index order whose index key is at least `from`: for queues ordered by time.
    template <Index I>
    Pinned<typename I::Record> first(std::string_view from = {}) const {
        return std::static_pointer_cast<const typename I::Record>(first(schema().index_of<I>(), from));
    }

    const Schema& schema() const { return database_->schema(); }
    const Database& database() const { return *database_; }

  private:
    struct ErasedPage {
        std::vector<Erased> records;
        std::optional<std::string> next_after;
    };
    ErasedPage list(TableId table, std::string_view prefix, std::string_view after, std::size_t limit) const;
    std::vector<Erased> find(IndexId index, std::string_view index_key, std::size_t limit) const;
    ErasedPage page_of(
        IndexId index,
        std::string_view index_key,
        std::string_view after,
        std::size_t limit,
        bool descending,
        std::string_view prefix
    ) const;
    Erased first(IndexId index, std::string_view from) const;

    template <class R>
    static std::vector<Pinned<R>> cast(std::vector<Erased> erased) {
        std::vector<Pinned<R>> records;
        records.reserve(erased.size());
        for (auto& record : erased) records.push_back(std::static_pointer_cast<const R>(std::move(record)));
        return records;
    }

    const Database* database_;
};

}  // namespace gantry::state
