#include "state/digest.h"

#include <boost/json/serialize.hpp>
#include <string_view>

namespace gantry::state {
namespace {

void mix(std::uint64_t& hash, std::string_view text) {
    for (const unsigned char byte : text) hash = (hash ^ byte) * 0x100000001b3ULL;
    hash = (hash ^ 0xff) * 0x100000001b3ULL;
}

}  // namespace

std::uint64_t digest(const Database& database) {
    std::uint64_t hash = 0xcbf29ce484222325ULL;
    const auto& tables = database.schema().tables();
    for (TableId id = 0; id < tables.size(); ++id) {
        mix(hash, tables[id].info.name);
        for (const auto& [key, record] : database.rows(id)) {
            mix(hash, key);
            mix(hash, boost::json::serialize(tables[id].encode(record.get())));
        }
    }
    return hash;
}

}  // namespace gantry::state
