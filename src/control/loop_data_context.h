#pragma once

#include "control/loop.h"
#include "operation/data_context.h"

namespace gantry::control {

// Where data is that is no record.
struct DataStores {
    port::LogStore& logs;
    port::MetricStore& metrics;
};

// What data operations reach: the loop's strand and the stores.
class LoopDataContext : public DataContext {
  public:
    LoopDataContext(Loop& loop, DataStores stores) : loop_(loop), stores_(stores) {}

    Awaitable<Result<void>> transact_erased(std::function<Result<void>(state::Txn&)> fn) override {
        return loop_.transact(std::move(fn));
    }
    PolicyInstant now() const override { return loop_.policy_now(); }
    RealInstant real_now() const override { return loop_.real_now(); }
    port::LogStore& log_store() override { return stores_.logs; }
    port::MetricStore& metric_store() override { return stores_.metrics; }

  private:
    Loop& loop_;
    DataStores stores_;
};

}  // namespace gantry::control
