#include "adapter/sqlite/format.h"

namespace gantry::adapter::sqlite {
namespace {

// "GNTR": `file` and we ourselves know the database by it.
constexpr std::int64_t kApplicationId = 0x474e5452;

constexpr const char* kCreate =
    "begin immediate;"
    "create table records (tbl text not null, key text not null, version integer not null, json text not "
    "null,"
    " primary key (tbl, key)) without rowid;"
    "create table meta (one integer primary key check (one = 1), sequence integer not null);"
    "insert into meta values (1, 0);"
    "pragma application_id = 1196315730;"
    "pragma user_version = 1;"
    "commit;";

}  // namespace

Result<void> bring_up_to_date(Connection& connection) {
    TRY(const auto tables, connection.number("select count(*) from sqlite_schema"));
    TRY(const auto application, connection.number("pragma application_id"));
    TRY(const auto format, connection.number("pragma user_version"));
    if (tables == 0) return connection.execute(kCreate);
    if (application != kApplicationId) return trouble(Errc::invalid, "the file is not a Gantry database");
    if (format > kFormat) {
        return trouble(
            Errc::invalid, "the database has format " + std::to_string(format) +
                               ", written by a newer version of Gantry; this one reads up to " +
                               std::to_string(kFormat)
        );
    }
    // Steps from older formats go here, each in one transaction, once there is a second format.
    return {};
}

}  // namespace gantry::adapter::sqlite
