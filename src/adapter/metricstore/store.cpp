#include "adapter/metricstore/store.h"

#include <deque>
#include <mutex>
#include <optional>

#include "adapter/metricstore/book.h"
#include "base/blocking_thread.h"
#include "base/log.h"

namespace gantry::adapter::metricstore {
namespace {

struct Waiting {
    std::vector<port::MetricSample> samples;
    std::optional<Result<>> outcome;
};

}  // namespace

class Store::Thread {
  public:
    explicit Thread(std::unique_ptr<Book> book) : books(std::move(book)) {}

    void add(std::shared_ptr<Waiting> one) {
        const std::lock_guard lock(mutex_);
        waiting_.push_back(std::move(one));
    }

    // One commit for all that wait.
    void commit(Book& book) {
        std::deque<std::shared_ptr<Waiting>> now;
        {
            const std::lock_guard lock(mutex_);
            now.swap(waiting_);
        }
        if (now.empty()) return;
        std::vector<port::MetricSample> all;
        for (const auto& one : now) {
            all.insert(
                all.end(), std::make_move_iterator(one->samples.begin()),
                std::make_move_iterator(one->samples.end())
            );
        }
        const std::size_t size = all.size();
        const auto outcome = book.append(std::move(all));
        for (const auto& one : now) one->outcome = outcome;
        // As many steps as keep pace with what came.
        for (std::size_t taken = 0; taken <= size && book.wants_flush(); taken += Book::kFlushedAtOnce) {
            const auto flushed = book.flush_step();
            if (flushed) continue;
            log::warn("metric points could not be moved into chunks", {{"why", flushed.error()}});
            break;
        }
    }

    BlockingThread<std::unique_ptr<Book>> books;

  private:
    std::mutex mutex_;
    std::deque<std::shared_ptr<Waiting>> waiting_;
};

Result<std::unique_ptr<Store>> Store::open(Options options) {
    TRY(auto book,
        Book::open(
            options.folder,
            {options.reserve_bytes, options.bytes_max, options.metrics_max, options.head_points_max}
        ));
    return std::unique_ptr<Store>(new Store(std::make_unique<Thread>(std::move(book))));
}

Store::Store(std::unique_ptr<Thread> thread) : thread_(std::move(thread)) {}
Store::~Store() = default;

Store::Reply<> Store::append(std::vector<port::MetricSample> samples) {
    auto waiting = std::make_shared<Waiting>();
    waiting->samples = std::move(samples);
    thread_->add(waiting);
    std::function<Result<>(std::unique_ptr<Book>&)> job = [thread = thread_.get(),
                                                           waiting](std::unique_ptr<Book>& book) -> Result<> {
        if (!waiting->outcome) thread->commit(*book);
        return *waiting->outcome;
    };
    co_return co_await thread_->books.run(std::move(job));
}

Store::Reply<std::vector<metric::Point>> Store::read(port::MetricRead what) {
    std::function<Result<std::vector<metric::Point>>(std::unique_ptr<Book>&)> job =
        [what = std::move(what)](std::unique_ptr<Book>& book) { return book->read(what); };
    co_return co_await thread_->books.run(std::move(job));
}

Store::Reply<std::vector<metric::Name>> Store::list(port::MetricList what) {
    std::function<Result<std::vector<metric::Name>>(std::unique_ptr<Book>&)> job =
        [what = std::move(what)](std::unique_ptr<Book>& book) -> Result<std::vector<metric::Name>> {
        return book->list(what);
    };
    co_return co_await thread_->books.run(std::move(job));
}

// Each step is a job of its own, so that others come in between.
Store::Reply<> Store::age(std::int64_t now_s) {
    for (;;) {
        std::function<Result<bool>(std::unique_ptr<Book>&)> job = [now_s](std::unique_ptr<Book>& book) {
            return book->age_step(now_s);
        };
        auto more = co_await thread_->books.run(std::move(job));
        if (!more) co_return tl::unexpected<Error>(std::move(more).error());
        if (!*more) co_return Result<>{};
    }
}

}  // namespace gantry::adapter::metricstore
