#include "control/commit_batch.h"

#include <gtest/gtest.h>

#include "control/seeder.h"

namespace gantry::control {
namespace {

SharedChangeSet written(const state::Schema& schema, const std::vector<SeededRecord>& records) {
    state::ChangeSet changes;
    for (const auto& record : records) {
        changes.push_back(
            {schema.table_of<SeededRecord>(), record.key(), {}, std::make_shared<const SeededRecord>(record)}
        );
    }
    return std::make_shared<const state::ChangeSet>(std::move(changes));
}

// Keys too long for a string's own memory, of one length and one table, as tasks' keys are.
TEST(CommitBatch, EachRecordIsWrittenOnceAsTheLastTransactionLeftIt) {
    state::Schema schema;
    schema.add_table<SeededRecord>();
    const auto name = [](char letter) { return std::string(60, letter); };
    const std::vector<SharedChangeSet> groups{
        written(schema, {{name('a'), {"1"}}, {name('b'), {"1"}}, {name('c'), {"1"}}}),
        written(schema, {{name('b'), {"2"}}, {name('d'), {"2"}}}),
    };
    const auto group = encode_group(schema, groups, {}, {});
    ASSERT_TRUE(group);
    std::map<std::string, std::string> stored;
    for (const auto& write : group->batch) {
        if (write.table != SeededRecord::kTable.name) continue;
        EXPECT_TRUE(stored.emplace(write.key, *write.json).second) << write.key;
    }
    ASSERT_EQ(stored.size(), 4u);
    EXPECT_NE(stored[name('a')].find("\"1\""), std::string::npos);
    EXPECT_NE(stored[name('b')].find("\"2\""), std::string::npos);
    EXPECT_NE(stored[name('c')].find("\"1\""), std::string::npos);
    EXPECT_NE(stored[name('d')].find("\"2\""), std::string::npos);
}

}  // namespace
}  // namespace gantry::control
