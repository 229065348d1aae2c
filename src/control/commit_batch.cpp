#include "control/commit_batch.h"

#include <boost/json/serialize.hpp>
#include <map>
#include <string_view>
#include <utility>

namespace gantry::control {
namespace {

constexpr std::size_t kTransactionBytesMax = 1 << 20;

}  // namespace

Result<EncodedGroup> encode_group(
    const state::Schema& schema,
    const std::vector<SharedChangeSet>& change_sets,
    HighWater before,
    port::StoreLimits limits
) {
    EncodedGroup group;
    std::map<std::pair<state::TableId, std::string_view>, std::size_t> places;
    std::size_t bytes = 0;
    for (const auto& change_set : change_sets) {
        std::vector<port::StoreWrite> writes;
        std::size_t own_bytes = 0;
        for (const auto& change : *change_set) {
            const auto& table = schema.tables()[change.table];
            port::StoreWrite write{std::string(table.info.name), change.key, table.info.version, {}};
            if (change.after) write.json = boost::json::serialize(table.encode(change.after.get()));
            own_bytes += write.table.size() + write.key.size() + (write.json ? write.json->size() : 0);
            writes.push_back(std::move(write));
        }
        if (own_bytes > kTransactionBytesMax)
            return trouble(Errc::exhausted, "a transaction of more than 1 MiB");
        const bool fits =
            group.batch.size() + writes.size() < limits.records_max && bytes + own_bytes <= limits.bytes_max;
        if (group.change_sets > 0 && !fits) break;
        for (std::size_t i = 0; i < writes.size(); ++i) {
            const auto& change = (*change_set)[i];
            // Spelled out: a deduced pair would hold a copy of the key, and the view would outlive it.
            const std::pair<state::TableId, std::string_view> name(change.table, change.key);
            const auto [place, added] = places.emplace(name, group.batch.size());
            if (added) {
                group.batch.push_back(std::move(writes[i]));
            } else {
                group.batch[place->second] = std::move(writes[i]);
            }
        }
        bytes += own_bytes;
        ++group.change_sets;
    }
    group.high_water = {before.policy, before.index + group.change_sets};
    group.batch.push_back({HighWater::kTable, "high_water", 1, encode_text(group.high_water)});
    return group;
}

}  // namespace gantry::control
