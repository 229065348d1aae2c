#pragma once

#include "control/loop.h"
#include "operation/data_context.h"

namespace gantry::control {

// What data operations reach: the loop's strand and the log store.
class LoopDataContext : public DataContext {
  public:
    LoopDataContext(Loop& loop, port::LogStore& logs) : loop_(loop), logs_(logs) {}

    Awaitable<Result<void>> transact_erased(std::function<Result<void>(state::Txn&)> fn) override {
        return loop_.transact(std::move(fn));
    }
    PolicyInstant now() const override { return loop_.policy_now(); }
    RealInstant real_now() const override { return loop_.real_now(); }
    port::LogStore& log_store() override { return logs_; }

  private:
    Loop& loop_;
    port::LogStore& logs_;
};

}  // namespace gantry::control
