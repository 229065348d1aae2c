// What metrics and alarms cost: metrics_bench FOLDER. Points put, disk and memory for them, and one evaluation of
// 10,000 alarms, which is due once a minute.
#include <sys/resource.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>

#include "adapter/metricstore/store.h"
#include "cloudwatch/alarm.h"
#include "cloudwatch/evaluate_alarms.h"
#include "cloudwatch/schema.h"
#include "operation/policy_clock.h"
#include "sim/seeded_chance.h"
#include "state/database.h"
#include "state/txn.h"

namespace gantry {
namespace {

constexpr std::int64_t kStart = 1'700'000'400;
constexpr int kMetrics = 10'000;
constexpr int kMinutes = 120;
constexpr int kBatch = 1'000;

double cpu_seconds() {
    rusage use{};
    getrusage(RUSAGE_SELF, &use);
    return double(use.ru_utime.tv_sec + use.ru_stime.tv_sec) + double(use.ru_utime.tv_usec + use.ru_stime.tv_usec) / 1e6;
}

double resident_mib() {
    std::ifstream status("/proc/self/statm");
    long all = 0, resident = 0;
    status >> all >> resident;
    return double(resident) * 4'096 / (1 << 20);
}

double folder_mib(const std::string& folder) {
    double bytes = 0;
    for (const auto& file : std::filesystem::directory_iterator(folder)) bytes += double(file.file_size());
    return bytes / (1 << 20);
}

metric::Name named(int number) {
    return {"123456789012", "us-east-1", "AWS/ECS", "CPUUtilization",
            {{"ClusterName", "default"}, {"ServiceName", "service-" + std::to_string(number)}}};
}

struct Context : DataContext {
    Context(state::Database& database_, port::MetricStore& store_, state::Turn& turn_)
        : database(database_), store(store_), turn(turn_) {}
    Awaitable<Result<void>> transact_erased(std::function<Result<void>(state::Txn&)> fn) override {
        state::Txn txn(database, turn);
        auto done = fn(txn);
        if (done) {
            txn.finish();
        } else {
            txn.undo();
        }
        co_return done;
    }
    PolicyInstant now() const override { return turn.now; }
    RealInstant real_now() const override { return turn.real_now; }
    port::LogStore& log_store() override { std::abort(); }
    port::MetricStore& metric_store() override { return store; }
    state::Database& database;
    port::MetricStore& store;
    state::Turn& turn;
};

template <class T>
Result<T> wait(boost::asio::awaitable<Result<T>> work) {
    boost::asio::io_context context;
    std::optional<Result<T>> result;
    boost::asio::co_spawn(context, std::move(work), [&](std::exception_ptr, Result<T> r) { result = std::move(r); });
    context.run();
    return std::move(*result);
}

void put_alarms(state::Database& database, state::Turn& turn) {
    for (int i = 0; i < kMetrics; ++i) {
        cloudwatch::AlarmRecord alarm;
        alarm.account = "123456789012";
        alarm.region = "us-east-1";
        auto& given = alarm.definition;
        given.alarm_name = "alarm-" + std::to_string(i);
        given.comparison_operator = "GreaterThanThreshold";
        given.evaluation_periods = 2;
        given.threshold = 1e9;
        given.period = 60;
        given.statistic = "Average";
        given.treat_missing_data = "missing";
        given.namespace_ = "AWS/ECS";
        given.metric_name = "CPUUtilization";
        auto& dimensions = given.dimensions.emplace(2);
        dimensions[0].name = "ClusterName";
        dimensions[0].value = "default";
        dimensions[1].name = "ServiceName";
        dimensions[1].value = "service-" + std::to_string(i);
        state::Txn txn(database, turn);
        txn.put(std::move(alarm));
        txn.finish();
    }
}

int run(const std::string& folder) {
    adapter::metricstore::Options options;
    options.folder = folder;
    auto opened = adapter::metricstore::Store::open(options);
    if (!opened) return 1;
    auto& store = **opened;
    const double memory_before = resident_mib();
    const auto began = std::chrono::steady_clock::now();
    for (int minute = 0; minute < kMinutes; ++minute) {
        for (int first = 0; first < kMetrics; first += kBatch) {
            std::vector<port::MetricSample> samples;
            for (int i = first; i < first + kBatch; ++i) {
                const double value = 50 + 40 * std::sin(i + minute / 7.0) + (i * 31 + minute * 17) % 10 / 10.0;
                samples.push_back({named(i), {kStart + minute * 60, 60, "Percent", metric::Values::of(value)}});
            }
            if (!wait(store.append(std::move(samples)))) return 1;
        }
    }
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
    const double points = double(kMetrics) * kMinutes;
    std::printf("put: %.0f points/s in batches of %d\n", points / took.count(), kBatch);
    std::printf("memory: %.0f bytes a metric, with what waits of it\n", (resident_mib() - memory_before) * (1 << 20) / kMetrics);

    state::Schema schema;
    schema.add_table<PolicyClockRecord>();
    cloudwatch::declare(schema);
    state::Database database(schema);
    sim::SeededChance chance{1};
    state::Turn turn{{}, {}, chance};
    turn.now = PolicyInstant{(kStart + kMinutes * 60 + 10) * 1'000};
    put_alarms(database, turn);
    Context context(database, store, turn);
    for (int round = 0; round < 3; ++round) {
        turn.now = PolicyInstant{turn.now.ms + 1'000};
        const double before = cpu_seconds();
        if (!wait(cloudwatch::evaluate_alarms(context, false))) return 1;
        const double cost = cpu_seconds() - before;
        std::printf("%d alarms: %.2f s of processor time each minute, %.2f %% of a core\n", kMetrics, cost, cost / 60 * 100);
    }
    if (!wait(store.age(kStart + kMinutes * 60))) return 1;
    opened->reset();
    std::printf("disk: %.1f MiB for a million points\n", folder_mib(folder) / points * 1e6);
    return 0;
}

}  // namespace
}  // namespace gantry

int main(int count, char** words) { return count == 2 ? gantry::run(words[1]) : 2; }
