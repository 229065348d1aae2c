#pragma once

#include <boost/json/value.hpp>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/codec.h"
#include "base/result.h"

namespace gantry::state {

// Names a table in the store, with the version of its records' schema. A reader accepts every version up to
// its own.
struct TableInfo {
    std::string_view name;
    int version = 1;
};

// What a record type must offer:
//   static constexpr state::TableInfo kTable{"ecs.cluster", 1};
//   std::string key() const;          unique in its table; tables iterate in key order, bytewise
//   BOOST_DESCRIBE_STRUCT(...)        or another Codec specialisation
template <class R>
concept Record = requires(const R& record) {
    { R::kTable } -> std::convertible_to<TableInfo>;
    { record.key() } -> std::convertible_to<std::string>;
};

// A secondary index over one table:
//   struct TasksByService {
//       using Record = TaskRecord;
//       static void keys(const TaskRecord& task, std::vector<std::string>& out);   // none, one or several
//       static constexpr bool kCounted = true;   // optional: View::count() needs no walk
//   };
template <class I>
concept Index =
    requires(const typename I::Record& record, std::vector<std::string>& out) { I::keys(record, out); };

using Erased = std::shared_ptr<const void>;

using TableId = std::size_t;
using IndexId = std::size_t;

struct TableDescription {
    TableInfo info;
    boost::json::value (*encode)(const void*) = nullptr;
    Result<Erased> (*decode)(const boost::json::value&) = nullptr;
    std::string (*key)(const void*) = nullptr;
    std::vector<IndexId> indexes;
};

struct IndexDescription {
    TableId table = 0;
    void (*keys)(const void*, std::vector<std::string>&) = nullptr;
    bool counted = false;
};

template <class T>
inline constexpr char type_tag = 0;

class Schema {
  public:
    template <Record R>
    void add_table() {
        static_assert(!R::kTable.name.empty());
        TableDescription description;
        description.info = R::kTable;
        description.encode = [](const void* record) {
            return gantry::encode(*static_cast<const R*>(record));
        };
        description.decode = [](const boost::json::value& json) -> Result<Erased> {
            TRY(auto record, gantry::decode<R>(json));
            return Erased(std::make_shared<const R>(std::move(record)));
        };
        description.key = [](const void* record) { return static_cast<const R*>(record)->key(); };
        add_table(&type_tag<R>, std::move(description));
    }

    // The indexed table must be there already.
    template <Index I>
    void add_index() {
        IndexDescription description;
        description.table = table_of<typename I::Record>();
        description.keys = [](const void* record, std::vector<std::string>& out) {
            I::keys(*static_cast<const typename I::Record*>(record), out);
        };
        if constexpr (requires { I::kCounted; }) description.counted = I::kCounted;
        add_index(&type_tag<I>, description);
    }

    template <Record R>
    TableId table_of() const {
        return find(tables_by_tag_, &type_tag<R>);
    }
    template <Index I>
    IndexId index_of() const {
        return find(indexes_by_tag_, &type_tag<I>);
    }

    TableId table_tagged(const void* tag) const { return find(tables_by_tag_, tag); }
    const std::vector<TableDescription>& tables() const { return tables_; }
    const std::vector<IndexDescription>& indexes() const { return indexes_; }
    // nullptr when there is no table of that name.
    const TableDescription* table_named(std::string_view name, TableId* id = nullptr) const;

  private:
    void add_table(const void* tag, TableDescription description);
    void add_index(const void* tag, IndexDescription description);
    static std::size_t find(const std::map<const void*, std::size_t>& ids, const void* tag);

    std::vector<TableDescription> tables_;
    std::vector<IndexDescription> indexes_;
    std::map<const void*, std::size_t> tables_by_tag_;
    std::map<const void*, std::size_t> indexes_by_tag_;
};

}  // namespace gantry::state
