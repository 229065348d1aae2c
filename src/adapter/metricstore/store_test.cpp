#include "adapter/metricstore/store.h"

#include <filesystem>

#include "adapter/metricstore/book.h"
#include "port/metric_store_contract.h"

namespace gantry::adapter::metricstore {
namespace {

class Folder {
  public:
    Folder() {
        std::string name = (std::filesystem::temp_directory_path() / "metricstore.XXXXXX").string();
        path = ::mkdtemp(name.data());
    }
    ~Folder() { std::filesystem::remove_all(path); }
    std::string path;
};

constexpr std::int64_t kStart = 1'700'000'400;

metric::Name named(int number) { return {"1", "r", "S", "m" + std::to_string(number), {{"d", "v"}}}; }

port::MetricSample sample(int number, std::int64_t at_s, double value) {
    return {named(number), {at_s, 60, "Count", metric::Values::of(value)}};
}

BookLimits roomy() { return {0, 0, 0, 1'000'000}; }

double sum_of(Book& book, int number) {
    double sum = 0;
    const auto points = book.read({named(number), {0, kStart * 2, 60, {}}});
    for (const auto& point : points.value()) sum += point.values.sum();
    return sum;
}

TEST(Book, WhatWasAppendedIsThereAfterAKillAtAnyStep) {
    const Folder folder;
    constexpr int kMetrics = 250;
    for (int life = 0; life < 6; ++life) {
        auto book = Book::open(folder.path, roomy()).value();
        for (int i = 0; i < kMetrics; ++i) ASSERT_EQ(sum_of(*book, i), life * 3) << life;
        for (int round = 0; round < 2; ++round) {
            std::vector<port::MetricSample> samples;
            for (int i = 0; i < kMetrics; ++i) samples.push_back(sample(i, kStart + life * 3'600, round + 1));
            ASSERT_TRUE(book->append(samples));
            // Some lives end in the midst of a flush, some in the next flush's.
            for (int step = 0; step < life; ++step) ASSERT_TRUE(book->flush_step());
        }
        for (int i = 0; i < kMetrics; ++i) ASSERT_EQ(sum_of(*book, i), life * 3 + 3);
    }
}

TEST(Book, FullOfMetrics) {
    const Folder folder;
    auto limits = roomy();
    limits.metrics_max = 2;
    auto book = Book::open(folder.path, limits).value();
    ASSERT_TRUE(book->append({sample(1, kStart, 1)}));
    const auto refused = book->append({sample(1, kStart, 5), sample(2, kStart, 1), sample(3, kStart, 1)});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().errc, Errc::exhausted);
    EXPECT_EQ(sum_of(*book, 1), 1);
    EXPECT_TRUE(book->append({sample(2, kStart, 1)}));
}

TEST(Book, TheOldestGoWhenTheDiskIsBounded) {
    const Folder folder;
    auto limits = roomy();
    limits.bytes_max = 200'000;
    auto book = Book::open(folder.path, limits).value();
    for (int hour = 0; hour < 400; ++hour) {
        std::vector<port::MetricSample> samples;
        for (int i = 0; i < 60; ++i) samples.push_back(sample(i % 4, kStart + hour * 3'600 + i * 60, 1.0 / (i + hour + 3)));
        ASSERT_TRUE(book->append(samples));
    }
    while (book->age_step(kStart).value()) {
    }
    EXPECT_LE(std::filesystem::file_size(folder.path + "/metrics.db"), 300'000u);
    EXPECT_TRUE(book->read({named(1), {kStart, kStart + 100 * 3'600, 60, {}}}).value().empty());
    EXPECT_FALSE(book->read({named(1), {kStart + 396 * 3'600, kStart + 400 * 3'600, 60, {}}}).value().empty());
}

TEST(Encoding, ThereAndBack) {
    std::vector<Entry> entries;
    for (int i = 0; i < 50; ++i) {
        metric::Values values;
        for (int j = 0; j <= i * 20; ++j) values.add(j % 7 == 0 ? -1.25 * j : j / 3.0, 1 + j % 3);
        entries.push_back({i / 3, {kStart - i * 60, i % 2 == 0 ? 60 : 1, i % 5 == 0 ? "Percent" : "None", values}});
    }
    entries.push_back({7, {0, 60, "None", metric::Values::summary(10, 5, -1, 3)}});
    const auto bytes = pack(entries);
    EXPECT_EQ(unpack(bytes).value(), entries);
    for (std::size_t i = 0; i < bytes.size(); i += 7) {
        auto broken = bytes;
        broken[i] = static_cast<char>(broken[i] ^ 0x20);
        const auto read = unpack(broken);
        EXPECT_TRUE(!read || *read == entries) << i;
    }
    EXPECT_FALSE(unpack(bytes.substr(0, bytes.size() / 2)));
    EXPECT_FALSE(unpack(""));
    const metric::Dimensions dimensions{{"a", ""}, {"b", std::string(300, 'x')}};
    EXPECT_EQ(split_dimensions(join_dimensions(dimensions)), dimensions);
}

}  // namespace
}  // namespace gantry::adapter::metricstore

namespace gantry::port {
namespace {

std::shared_ptr<MetricStore> make() {
    auto folder = std::make_shared<adapter::metricstore::Folder>();
    adapter::metricstore::Options options;
    options.folder = folder->path;
    options.head_points_max = 3;
    auto store = std::shared_ptr<adapter::metricstore::Store>(
        adapter::metricstore::Store::open(options).value()
    );
    auto* raw = store.get();
    return {raw, [store, folder](MetricStore*) mutable {
                store.reset();
                folder.reset();
            }};
}

INSTANTIATE_TEST_SUITE_P(Disk, MetricStoreContract, testing::Values(MakeMetricStore(make)));

}  // namespace
}  // namespace gantry::port
