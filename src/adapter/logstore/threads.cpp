#include "adapter/logstore/threads.h"

#include <utility>

namespace gantry::adapter::logstore {
namespace {

// Raw bytes of one commit: more wait for the next.
constexpr std::uint64_t kCommitBytesMax = 16u << 20;

Error stopped() { return {Errc::cancelled, {}, "the log store is closing"}; }

}  // namespace

Store::Threads::Threads(std::unique_ptr<Writer> the_writer, std::vector<std::unique_ptr<Reader>> the_readers)
    : writer_(std::move(the_writer)), readers_(std::move(the_readers)) {
    // What a killed process left to do.
    upkeeps_.push_back(
        {[](Writer&) { return Result<void>{}; }, [](Writer& writer) { return writer.garbage_step(); },
         [](const Result<void>&) {}}
    );
    threads_.emplace_back([this] { write(); });
    for (auto& reader : readers_) threads_.emplace_back([this, &reader] { query(*reader); });
}

Store::Threads::~Threads() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    to_write_.notify_all();
    to_query_.notify_all();
    for (auto& thread : threads_) thread.join();
    for (auto& append : appends_) append.done(tl::unexpected<Error>(stopped()));
    for (auto& query : queries_) query.cancel();
    for (auto& upkeep : upkeeps_) upkeep.done(tl::unexpected<Error>(stopped()));
}

void Store::Threads::submit(Append append) {
    {
        const std::lock_guard lock(mutex_);
        appends_.push_back(std::move(append));
    }
    to_write_.notify_one();
}

void Store::Threads::submit(Query query) {
    {
        const std::lock_guard lock(mutex_);
        queries_.push_back(std::move(query));
    }
    to_query_.notify_one();
}

void Store::Threads::submit(Upkeep upkeep) {
    {
        const std::lock_guard lock(mutex_);
        upkeeps_.push_back(std::move(upkeep));
    }
    to_write_.notify_one();
}

void Store::Threads::query(Reader& reader) {
    for (;;) {
        Query next;
        {
            std::unique_lock lock(mutex_);
            to_query_.wait(lock, [this] { return stopping_ || !queries_.empty(); });
            if (stopping_) return;
            next = std::move(queries_.front());
            queries_.pop_front();
        }
        next.run(reader);
    }
}

void Store::Threads::write() {
    for (;;) {
        std::vector<Append> batches;
        bool upkeep = false;
        {
            std::unique_lock lock(mutex_);
            to_write_.wait(lock, [this] { return stopping_ || !appends_.empty() || !upkeeps_.empty(); });
            if (stopping_) return;
            for (std::uint64_t bytes = 0; !appends_.empty() && bytes < kCommitBytesMax;) {
                bytes += appends_.front().bytes;
                batches.push_back(std::move(appends_.front()));
                appends_.pop_front();
            }
            upkeep = !upkeeps_.empty();
        }
        if (!batches.empty()) append_all(std::move(batches));
        if (upkeep) upkeep_one();
    }
}

void Store::Threads::append_all(std::vector<Append> batches) {
    std::vector<port::LogBatch> contents;
    contents.reserve(batches.size());
    for (auto& append : batches) contents.push_back(std::move(append.batch));
    auto results = writer_->append(contents);
    for (std::size_t i = 0; i < batches.size(); ++i) batches[i].done(std::move(results[i]));
    for (auto more = writer_->evict_step(); more && *more;) more = writer_->evict_step();
}

void Store::Threads::upkeep_one() {
    std::function<Result<void>(Writer&)> begin;
    std::function<Result<bool>(Writer&)> step;
    {
        const std::lock_guard lock(mutex_);
        begin = std::exchange(upkeeps_.front().begin, nullptr);
        step = upkeeps_.front().step;
    }
    Result<void> outcome;
    bool finished = false;
    if (begin) {
        outcome = begin(*writer_);
        finished = !outcome;
    } else {
        auto more = step(*writer_);
        if (!more) outcome = tl::unexpected<Error>(std::move(more).error());
        finished = !more || !*more;
    }
    if (!finished) return;
    Upkeep done;
    {
        const std::lock_guard lock(mutex_);
        done = std::move(upkeeps_.front());
        upkeeps_.pop_front();
    }
    done.done(std::move(outcome));
}

}  // namespace gantry::adapter::logstore
