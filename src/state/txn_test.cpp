#include "state/txn.h"

#include <gtest/gtest.h>

namespace gantry::state {
namespace {

struct Boat {
    static constexpr TableInfo kTable{"test.boat", 1};
    std::string name;
    std::string port;
    std::string key() const { return name; }
};
BOOST_DESCRIBE_STRUCT(Boat, (), (name, port))

struct BoatsByPort {
    using Record = Boat;
    static constexpr bool kCounted = true;
    static void keys(const Boat& boat, std::vector<std::string>& out) { out.push_back(boat.port); }
};

class Counting : public Chance {
  public:
    std::uint64_t draw() override { return ++last_ * 0x9e3779b97f4a7c15ULL; }

  private:
    std::uint64_t last_ = 0;
};

class TxnTest : public testing::Test {
  protected:
    TxnTest() {
        schema.add_table<Boat>();
        schema.add_index<BoatsByPort>();
    }
    Schema schema;
    Counting chance;
    Turn turn{{1}, {1}, chance};
};

TEST_F(TxnTest, ReadsItsOwnWritesAndKeepsIndexes) {
    Database database(schema);
    Txn txn(database, turn);
    txn.put(Boat{"a", "Rotterdam"});
    txn.put(Boat{"b", "Rotterdam"});
    txn.put(Boat{"a", "Hamburg"});
    EXPECT_EQ(txn.find<BoatsByPort>("Rotterdam").size(), 1u);
    EXPECT_EQ(txn.find_one<BoatsByPort>("Hamburg")->name, "a");
    const auto changes = txn.finish();
    ASSERT_EQ(changes.size(), 2u);
    EXPECT_EQ(static_cast<const Boat*>(changes[0].after.get())->port, "Hamburg");
}

TEST_F(TxnTest, UndoRestoresRecordsAndIndexes) {
    Database database(schema);
    {
        Txn txn(database, turn);
        txn.put(Boat{"a", "Rotterdam"});
        txn.finish();
    }
    Txn txn(database, turn);
    txn.put(Boat{"a", "Hamburg"});
    txn.erase<Boat>("a");
    txn.put(Boat{"c", "Hamburg"});
    txn.undo();
    const View view(database);
    EXPECT_EQ(view.get<Boat>("a")->port, "Rotterdam");
    EXPECT_EQ(view.get<Boat>("c"), nullptr);
    EXPECT_EQ(view.count<BoatsByPort>("Hamburg"), 0u);
    EXPECT_EQ(view.count<BoatsByPort>("Rotterdam"), 1u);
}

TEST_F(TxnTest, InsertedAndErasedInOneTransactionLeavesNoChange) {
    Database database(schema);
    Txn txn(database, turn);
    txn.put(Boat{"a", "Rotterdam"});
    txn.erase<Boat>("a");
    EXPECT_TRUE(txn.finish().empty());
}

TEST_F(TxnTest, PagesInKeyOrder) {
    Database database(schema);
    Txn txn(database, turn);
    for (const char* name : {"x/3", "x/1", "y/1", "x/2"}) txn.put(Boat{name, "p"});
    const auto first = txn.page<Boat>("x/", {}, 2);
    ASSERT_EQ(first.records.size(), 2u);
    EXPECT_EQ(first.next_after, "x/2");
    const auto second = txn.page<Boat>("x/", *first.next_after, 2);
    ASSERT_EQ(second.records.size(), 1u);
    EXPECT_EQ(second.records[0]->name, "x/3");
    EXPECT_FALSE(second.next_after);
    txn.finish();
}

TEST_F(TxnTest, PagesThroughAnIndexBothWays) {
    Database database(schema);
    Txn txn(database, turn);
    for (const char* name : {"x/3", "x/1", "y/1", "x/2"}) txn.put(Boat{name, "p"});
    txn.put(Boat{"x/0", "q"});
    const auto names = [](const Page<Boat>& page) {
        std::string all;
        for (const auto& boat : page.records) all += boat->name + " ";
        return all;
    };
    const auto up = txn.page_of<BoatsByPort>("p", {}, 3);
    EXPECT_EQ(names(up), "x/1 x/2 x/3 ");
    EXPECT_EQ(names(txn.page_of<BoatsByPort>("p", up.next_after.value(), 3)), "y/1 ");
    const auto down = txn.page_of<BoatsByPort>("p", {}, 2, true);
    EXPECT_EQ(names(down), "y/1 x/3 ");
    EXPECT_EQ(names(txn.page_of<BoatsByPort>("p", down.next_after.value(), 2, true)), "x/2 x/1 ");
    EXPECT_EQ(names(txn.page_of<BoatsByPort>("p", {}, 9, true, "x/")), "x/3 x/2 x/1 ");
    EXPECT_EQ(names(txn.page_of<BoatsByPort>("p", {}, 9, false, "y/")), "y/1 ");
    EXPECT_EQ(txn.count<BoatsByPort>("p"), 4u);
    txn.undo();
}

TEST_F(TxnTest, AppliesAPlan) {
    Database database(schema);
    Txn txn(database, turn);
    txn.put(Boat{"old", "p"});
    Plan plan;
    plan.put(Boat{"new", "p"}, "wanted");
    plan.erase<Boat>("old", "not wanted");
    txn.apply(plan);
    EXPECT_EQ(txn.get<Boat>("old"), nullptr);
    EXPECT_NE(txn.get<Boat>("new"), nullptr);
    txn.finish();
}

TEST(Chance, MakesIdsOfTheAskedForm) {
    Counting chance;
    EXPECT_EQ(chance.hex(17).size(), 17u);
    const auto uuid = chance.uuid();
    EXPECT_EQ(uuid.size(), 36u);
    EXPECT_EQ(uuid[14], '4');
    EXPECT_NE(chance.hex(32), chance.hex(32));
}

}  // namespace
}  // namespace gantry::state
