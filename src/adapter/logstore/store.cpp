#include "adapter/logstore/store.h"

#include <boost/asio/async_result.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <filesystem>

#include "adapter/logstore/threads.h"

namespace gantry::adapter::logstore {
namespace {

namespace asio = boost::asio;

// Suspends; `start` gets a function that may be called once from any thread, and the coroutine goes on on its
// own executor with what that was given.
template <class T, class Start>
asio::awaitable<Result<T>> elsewhere(Start start) {
    co_return co_await asio::async_initiate<const asio::use_awaitable_t<>&, void(Result<T>)>(
        [](auto handler, Start begin) {
            auto executor = asio::get_associated_executor(handler);
            auto work = asio::prefer(executor, asio::execution::outstanding_work.tracked);
            auto held = std::make_shared<decltype(handler)>(std::move(handler));
            begin([held, work](Result<T> result) {
                asio::post(work, [held, result = std::move(result)]() mutable {
                    (*held)(std::move(result));
                });
            });
        },
        asio::use_awaitable, std::move(start)
    );
}

template <class T>
using Done = std::function<void(Result<T>)>;

// `ask` is a query on a Reader.
template <class T, class Threads, class Ask>
asio::awaitable<Result<T>> queried(Threads& threads, Ask ask) {
    auto shared = std::make_shared<Ask>(std::move(ask));
    return elsewhere<T>([&threads, shared](Done<T> done) {
        typename Threads::Query query;
        query.run = [shared, done](Reader& reader) { done((*shared)(reader)); };
        query.cancel = [done] { done(trouble(Errc::cancelled, "the log store is closing")); };
        threads.submit(std::move(query));
    });
}

template <class Threads>
asio::awaitable<Result<void>> kept_up(
    Threads& threads, std::function<Result<void>(Writer&)> begin, std::function<Result<bool>(Writer&)> step
) {
    return elsewhere<void>([&threads, begin = std::move(begin), step = std::move(step)](Done<void> done) {
        threads.submit(typename Threads::Upkeep{begin, step, std::move(done)});
    });
}

// The events are gone already: that the file could not be made shorter now is no failure.
bool shrunk(Writer& writer) { return writer.shrink_step().value_or(false); }

Result<bool> collect(Writer& writer) {
    TRY(const bool more, writer.garbage_step());
    return more ? true : shrunk(writer);
}

}  // namespace

Result<std::unique_ptr<Store>> Store::open(Options options) {
    std::error_code failed;
    std::filesystem::create_directories(options.folder, failed);
    if (failed) return trouble(Errc::unavailable, "log store: " + options.folder + ": " + failed.message());
    TRY(auto writer, Writer::open(options.folder, {options.reserve_bytes, options.bytes_max}));
    std::vector<std::unique_ptr<Reader>> readers;
    for (unsigned i = 0; i < std::max(options.readers, 1u); ++i) {
        TRY(auto connection, Connection::open(options.folder + "/logs.db", true));
        TRY_VOID(connection->execute("PRAGMA cache_size = -2048"));
        readers.push_back(std::make_unique<Reader>(std::move(connection)));
    }
    return std::unique_ptr<Store>(new Store(std::make_unique<Threads>(std::move(writer), std::move(readers)))
    );
}

Store::Store(std::unique_ptr<Threads> threads) : threads_(std::move(threads)) {}
Store::~Store() = default;

Store::Reply<port::LogAppended> Store::append(port::LogBatch batch) {
    std::uint64_t bytes = 64;
    for (const auto& event : batch.events) bytes += billable(event);
    auto shared = std::make_shared<port::LogBatch>(std::move(batch));
    return elsewhere<port::LogAppended>([this, shared, bytes](Done<port::LogAppended> done) {
        threads_->submit(Threads::Append{std::move(*shared), bytes, std::move(done)});
    });
}

Store::Reply<std::vector<port::LogEvent>> Store::read(port::LogRead what) {
    return queried<std::vector<port::LogEvent>>(*threads_, [what = std::move(what)](Reader& reader) {
        return reader.read(what);
    });
}

Store::Reply<port::LogScanned> Store::scan(port::LogScan what) {
    return queried<port::LogScanned>(*threads_, [what = std::move(what)](Reader& reader) {
        return reader.scan(what);
    });
}

Store::Reply<std::vector<port::LogStreamStats>> Store::stats(
    std::string group, std::vector<std::string> streams
) {
    return queried<std::vector<port::LogStreamStats>>(
        *threads_, [group = std::move(group),
                    streams = std::move(streams)](Reader& reader) { return reader.stats(group, streams); }
    );
}

Store::Reply<std::vector<port::LogGroupStats>> Store::group_stats(std::vector<std::string> groups) {
    return queried<std::vector<port::LogGroupStats>>(*threads_, [groups = std::move(groups)](Reader& reader) {
        return reader.group_stats(groups);
    });
}

Store::Reply<std::uint64_t> Store::position(std::string source) {
    return queried<std::uint64_t>(*threads_, [source = std::move(source)](Reader& reader) {
        return reader.position(source);
    });
}

Store::Reply<> Store::remove_stream(port::LogStreamId stream) {
    return kept_up(
        *threads_, [stream = std::move(stream)](Writer& writer) { return writer.remove_stream(stream); },
        collect
    );
}

Store::Reply<> Store::remove_group(std::string group) {
    return kept_up(
        *threads_, [group = std::move(group)](Writer& writer) { return writer.remove_group(group); }, collect
    );
}

Store::Reply<> Store::expire(std::string group, std::int64_t before_ms) {
    return kept_up(
        *threads_, [](Writer&) { return Result<void>{}; },
        [group = std::move(group), before_ms](Writer& writer) -> Result<bool> {
            TRY(const bool more, writer.expire_step(group, before_ms));
            return more ? true : shrunk(writer);
        }
    );
}

Store::Reply<> Store::forget(std::string source_prefix) {
    return kept_up(
        *threads_, [prefix = std::move(source_prefix)](Writer& writer) { return writer.forget(prefix); },
        [](Writer&) -> Result<bool> { return false; }
    );
}

}  // namespace gantry::adapter::logstore
