#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "adapter/logstore/reader.h"
#include "adapter/logstore/store.h"
#include "adapter/logstore/writer.h"

namespace gantry::adapter::logstore {

// The writing thread and the reading threads, and what waits for them. `done` functions are called on these
// threads, exactly once each.
struct Store::Threads {
    struct Append {
        port::LogBatch batch;
        std::uint64_t bytes = 0;
        std::function<void(Result<port::LogAppended>)> done;
    };
    struct Query {
        std::function<void(Reader&)> run;
        std::function<void()> cancel;
    };
    // `begin` once, then `step` until it says false.
    struct Upkeep {
        std::function<Result<void>(Writer&)> begin;
        std::function<Result<bool>(Writer&)> step;
        std::function<void(Result<void>)> done;
    };

    Threads(std::unique_ptr<Writer> the_writer, std::vector<std::unique_ptr<Reader>> the_readers);
    ~Threads();

    void submit(Append append);
    void submit(Query query);
    void submit(Upkeep upkeep);

  private:
    void write();
    void query(Reader& reader);
    void append_all(std::vector<Append> batches);
    // One short piece of the first upkeep; finished ones are answered.
    void upkeep_one();

    std::unique_ptr<Writer> writer_;
    std::vector<std::unique_ptr<Reader>> readers_;

    std::mutex mutex_;
    std::condition_variable to_write_;
    std::condition_variable to_query_;
    std::deque<Append> appends_;
    std::deque<Query> queries_;
    std::deque<Upkeep> upkeeps_;
    bool stopping_ = false;

    std::vector<std::thread> threads_;  // last: they use all of the above
};

}  // namespace gantry::adapter::logstore
