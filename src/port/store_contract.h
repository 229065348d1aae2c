#pragma once

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "port/store.h"

// The contract suite of port::Store: every implementation runs it (INSTANTIATE_TYPED_TEST_SUITE_P).
// A World gives stores over one and the same contents:
//   struct World { std::unique_ptr<port::Store> open(boost::asio::io_context&); };   // again after a crash
namespace gantry::port {

template <class World>
class StoreContract : public testing::Test {
  protected:
    using Contents = std::map<std::pair<std::string, std::string>, std::pair<int, std::string>>;

    void SetUp() override { reopen(); }
    void reopen() {
        store_.reset();
        store_ = world_.open(context_);
    }

    template <class T>
    T wait(boost::asio::awaitable<T> awaitable) {
        std::optional<T> result;
        boost::asio::co_spawn(context_, std::move(awaitable), [&](const std::exception_ptr&, T value) {
            result = std::move(value);
        });
        context_.restart();
        context_.run();
        return *std::move(result);
    }
    Result<Sequence> commit(StoreBatch batch, Sequence expected) {
        return wait(store_->commit(std::move(batch), expected));
    }
    Contents contents(Sequence* sequence = nullptr) {
        Contents found;
        Store::Visit visit = [&](StoredRecord record) {
            const auto added =
                found.try_emplace({record.table, record.key}, record.version, record.json).second;
            EXPECT_TRUE(added) << "visited twice";
        };
        const auto loaded = wait(store_->load(std::move(visit)));
        EXPECT_TRUE(loaded);
        if (sequence != nullptr) *sequence = loaded.value_or(0);
        return found;
    }

    boost::asio::io_context context_{1};
    World world_;
    std::unique_ptr<Store> store_;
};

TYPED_TEST_SUITE_P(StoreContract);

TYPED_TEST_P(StoreContract, StartsEmpty) {
    Sequence sequence = 99;
    EXPECT_TRUE(this->contents(&sequence).empty());
    EXPECT_EQ(sequence, 0u);
}

TYPED_TEST_P(StoreContract, WritesReplacesAndDeletes) {
    ASSERT_TRUE(this->commit({{"a", "1", 1, R"({"x":1})"}, {"a", "2", 1, "{}"}, {"b", "1", 3, "{}"}}, 0));
    const auto second = this->commit({{"a", "1", 2, R"({"x":2})"}, {"a", "2", 1, {}}, {"c", "?", 1, {}}}, 1);
    ASSERT_TRUE(second);
    EXPECT_EQ(*second, 2u);
    const auto found = this->contents();
    ASSERT_EQ(found.size(), 2u);
    EXPECT_EQ(found.at({"a", "1"}), std::pair(2, std::string(R"({"x":2})")));
    EXPECT_EQ(found.at({"b", "1"}), std::pair(3, std::string("{}")));
}

TYPED_TEST_P(StoreContract, RefusesAnotherSequence) {
    ASSERT_TRUE(this->commit({{"a", "1", 1, "{}"}}, 0));
    for (const Sequence wrong : {0u, 2u}) {
        const auto refused = this->commit({{"a", "2", 1, "{}"}}, wrong);
        ASSERT_FALSE(refused);
        EXPECT_EQ(refused.error().errc, Errc::conflict);
    }
    EXPECT_EQ(this->contents().size(), 1u);
}

TYPED_TEST_P(StoreContract, KeepsWhatWasCommitted) {
    ASSERT_TRUE(this->commit({{"a", "1", 1, "{}"}}, 0));
    this->reopen();
    Sequence sequence = 0;
    EXPECT_EQ(this->contents(&sequence).size(), 1u);
    EXPECT_EQ(sequence, 1u);
    EXPECT_TRUE(this->commit({{"a", "2", 1, "{}"}}, 1));
}

TYPED_TEST_P(StoreContract, KeepsTextAsItIs) {
    const std::string key = "ключ/'; drop table records; --\x01";
    const std::string json = "{\"text\":\"\\u0000 \xf0\x9f\x8f\x97 '\\\"\"}";
    ASSERT_TRUE(this->commit({{"a", key, 1, json}}, 0));
    this->reopen();
    EXPECT_EQ(this->contents().at({"a", key}).second, json);
}

TYPED_TEST_P(StoreContract, TakesAFullGroup) {
    StoreBatch batch;
    const auto limits = this->store_->limits();
    const std::string json(limits.bytes_max / limits.records_max - 100, 'x');
    for (std::size_t i = 0; i < limits.records_max; ++i)
        batch.push_back({"a", std::to_string(i), 1, '"' + json + '"'});
    ASSERT_TRUE(this->commit(batch, 0));
    EXPECT_EQ(this->contents().size(), limits.records_max);
}

REGISTER_TYPED_TEST_SUITE_P(
    StoreContract,
    StartsEmpty,
    WritesReplacesAndDeletes,
    RefusesAnotherSequence,
    KeepsWhatWasCommitted,
    KeepsTextAsItIs,
    TakesAFullGroup
);

}  // namespace gantry::port
