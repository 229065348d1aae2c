#include "adapter/sqlite/store.h"

#include <filesystem>
#include <fstream>
#include <sstream>

#include "adapter/sqlite/connection.h"
#include "port/store_contract.h"

namespace gantry::adapter::sqlite {
namespace {

struct Folder {
    Folder() {
        std::string name = (std::filesystem::temp_directory_path() / "gantry-sqlite-XXXXXX").string();
        path = ::mkdtemp(name.data());
    }
    ~Folder() { std::filesystem::remove_all(path); }
    std::string file() const { return (path / "gantry.db").string(); }
    std::filesystem::path path;
};

struct SqliteWorld {
    std::unique_ptr<port::Store> open(boost::asio::io_context&) { return Store::open(folder.file()).value(); }
    Folder folder;
};

}  // namespace
}  // namespace gantry::adapter::sqlite

namespace gantry::port {
INSTANTIATE_TYPED_TEST_SUITE_P(Sqlite, StoreContract, adapter::sqlite::SqliteWorld);
}

namespace gantry::adapter::sqlite {
namespace {

class SqliteTest : public testing::Test {
  protected:
    std::unique_ptr<Connection> open() { return Connection::open(folder_.file()).value(); }
    Folder folder_;
};

TEST_F(SqliteTest, ADatabaseOfTheFirstFormatOpens) {
    {
        std::ifstream dump("src/adapter/sqlite/testdata/format_1.sql");
        std::stringstream sql;
        sql << dump.rdbuf();
        ASSERT_FALSE(sql.str().empty());
        auto plain = Connection::open((folder_.path / "other.db").string()).value();
        ASSERT_TRUE(plain->execute("drop table records; drop table meta; pragma user_version = 0"));
        ASSERT_TRUE(plain->execute(sql.str().c_str()));
        plain.reset();
        std::filesystem::rename(folder_.path / "other.db", folder_.file());
    }
    const auto connection = open();
    int records = 0;
    const auto sequence = connection->load([&](const port::StoredRecord& record) {
        ++records;
        if (record.table == "control.seeded") {
            EXPECT_EQ(record.key, "123456789012/ap-northeast-1/");
        }
    });
    EXPECT_EQ(sequence.value(), 7u);
    EXPECT_EQ(records, 4);
    EXPECT_EQ(connection->commit({{"a", "b", 1, "{}"}}, 7).value(), 8u);
}

TEST_F(SqliteTest, ANewerFormatIsLeftUntouched) {
    ASSERT_TRUE(open()->execute("pragma user_version = 99"));
    const auto refused = Connection::open(folder_.file());
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().errc, Errc::invalid);
    EXPECT_NE(refused.error().message.find("newer version"), std::string::npos);
}

TEST_F(SqliteTest, AForeignFileIsRefused) {
    std::ofstream(folder_.file()
    ) << "this is a letter to my mother, and it is longer than a header of SQLite's: "
      << std::string(200, '.');
    EXPECT_EQ(Connection::open(folder_.file()).error().errc, Errc::invalid);
}

TEST_F(SqliteTest, SpaceIsReclaimedWhileRunning) {
    const auto connection = open();
    port::Sequence sequence = 0;
    for (int i = 0; i < 40; ++i) {
        port::StoreBatch batch;
        for (int j = 0; j < 50; ++j)
            batch.push_back({"a", std::to_string(i * 50 + j), 1, '"' + std::string(4000, 'x') + '"'});
        sequence = connection->commit(batch, sequence).value();
        connection->reclaim();
    }
    (void)connection->execute("pragma wal_checkpoint(truncate)");
    const auto full = std::filesystem::file_size(folder_.file());
    for (int i = 0; i < 40; ++i) {
        port::StoreBatch batch;
        for (int j = 0; j < 50; ++j) batch.push_back({"a", std::to_string(i * 50 + j), 1, {}});
        sequence = connection->commit(batch, sequence).value();
        connection->reclaim();
    }
    for (int i = 0; i < 40; ++i) connection->reclaim();
    (void)connection->execute("pragma wal_checkpoint(truncate)");
    EXPECT_LT(std::filesystem::file_size(folder_.file()), full / 4);
}

TEST_F(SqliteTest, ALockedDatabaseIsADefiniteRefusal) {
    const auto connection = open();
    const auto person = open();
    ASSERT_TRUE(person->execute("begin immediate"));
    const auto refused = connection->commit({{"a", "1", 1, "{}"}}, 0);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().errc, Errc::unavailable);
    ASSERT_TRUE(person->execute("rollback"));
    EXPECT_EQ(connection->commit({{"a", "1", 1, "{}"}}, 0).value(), 1u);
}

TEST_F(SqliteTest, AFullDiskIsADefiniteRefusal) {
    const auto connection = open();
    ASSERT_TRUE(connection->number("pragma max_page_count = 20"));
    const auto refused = connection->commit({{"a", "1", 1, '"' + std::string(500'000, 'x') + '"'}}, 0);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().errc, Errc::exhausted);
    EXPECT_EQ(connection->commit({{"a", "1", 1, "{}"}}, 0).value(), 1u);
}

}  // namespace
}  // namespace gantry::adapter::sqlite
