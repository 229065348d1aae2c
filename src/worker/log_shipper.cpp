#include "worker/log_shipper.h"

#include <algorithm>
#include <boost/asio/experimental/awaitable_operators.hpp>

#include "base/log.h"

namespace gantry::worker {

namespace asio = boost::asio;
using namespace asio::experimental::awaitable_operators;

namespace {

constexpr Duration kFirstPause{100};
constexpr Duration kLongestPause{5'000};
// An event of several lines that nobody ended is taken as whole after this, as the awslogs driver does.
constexpr Duration kUnfinishedEventMax{5'000};
constexpr Duration kForEver = std::chrono::hours(1);
constexpr std::size_t kReadBytes = 256 << 10;

port::LogStreamName stream_of(const OutputSpec& spec, const LogOptions& options) {
    return {spec.account, options.region, options.group, options.stream};
}

}  // namespace

struct LogShipper::Container {
    Container(OutputSpec spec_, LogOptions options_, asio::any_io_executor executor)
        : spec(std::move(spec_)),
          options(std::move(options_)),
          sources{
              LogSource(spec.container_id + "/stdout", port::OutputStream::out, options.starts_event),
              LogSource(spec.container_id + "/stderr", port::OutputStream::err, options.starts_event)
          },
          wake(executor),
          over(executor) {}

    OutputSpec spec;
    LogOptions options;
    std::array<LogSource, 2> sources;
    OutputPaths paths;
    bool ended = false;
    Event wake;
    Event over;
};

LogShipper::LogShipper(asio::any_io_executor executor, Ports ports)
    : executor_(executor), ports_(ports), group_(std::move(executor)) {}

LogShipper::~LogShipper() = default;

asio::awaitable<void> LogShipper::stop() {
    co_await group_.stop();
    containers_.clear();
}

asio::awaitable<Result<OutputPaths>> LogShipper::open(OutputSpec spec) {
    if (const auto known = containers_.find(spec.container_id); known != containers_.end()) {
        co_return known->second->paths;
    }
    if (spec.log.driver.empty() || spec.log.driver == "none") co_return OutputPaths{};
    if (spec.log.driver != "awslogs") {
        co_return refuse(
            "ResourceInitializationError",
            "Gantry does not implement the log driver '" + spec.log.driver + "' yet"
        );
    }
    CO_TRY(auto options, parse_log_options(spec.log, spec.container_name, spec.task_id, spec.region));
    auto ensured = co_await ports_.sink.ensure_stream(stream_of(spec, options), options.create_group);
    if (!ensured) {
        if (ensured.error().errc != Errc::refused) co_return tl::unexpected<Error>(ensured.error());
        co_return refuse(
            "ResourceInitializationError",
            "failed to validate logger args: create stream has been retried 1 times: failed to create "
            "Cloudwatch "
            "log stream: " +
                ensured.error().code + ": " + ensured.error().message + " : exit status 1"
        );
    }
    CO_TRY(
        const auto files, co_await ports_.files.open(spec.container_id, options.mode, options.buffer_bytes)
    );
    // Two openers of one container may both have waited above.
    if (const auto known = containers_.find(spec.container_id); known != containers_.end()) {
        co_return known->second->paths;
    }
    auto container = std::make_shared<Container>(std::move(spec), std::move(options), executor_);
    container->paths = {files.stdout_path, files.stderr_path};
    containers_.emplace(container->spec.container_id, container);
    group_.spawn("log of " + container->spec.container_id, ship(container));
    co_return container->paths;
}

void LogShipper::ended(std::string container_id) {
    const auto found = containers_.find(container_id);
    if (found == containers_.end()) {
        group_.spawn("forget log of " + container_id, remove(std::move(container_id)));
        return;
    }
    found->second->ended = true;
    found->second->wake.set();
}

asio::awaitable<Result<>> LogShipper::shipped(std::string container_id) {
    const auto found = containers_.find(container_id);
    if (found == containers_.end()) co_return Result<>{};
    const auto container = found->second;
    co_return co_await container->over.wait();
}

asio::awaitable<Result<std::vector<std::string>>> LogShipper::list() {
    co_return co_await ports_.files.list();
}

asio::awaitable<void> LogShipper::ship(std::shared_ptr<Container> container) {
    Duration pause = kFirstPause;
    const auto troubled = [&](const Error& error) {
        // Short trouble is not worth a line.
        if (pause == 8 * kFirstPause) {
            log::warn(
                "a container's log waits", {{"container", container->spec.container_id}, {"why", error}}
            );
        }
    };
    while (true) {
        auto found = co_await find_positions(*container);
        if (found) break;
        if (found.error().errc == Errc::cancelled) co_return;
        troubled(found.error());
        if (auto slept = co_await ports_.clock.sleep_for(pause); !slept) co_return;
        pause = std::min(pause * 2, kLongestPause);
    }
    bool flush = false;
    while (true) {
        const bool last_round = container->ended;
        Result<bool> moved = false;
        if (last_round) {
            if (auto drained = co_await ports_.files.drain(container->spec.container_id); !drained) {
                moved = tl::unexpected<Error>(drained.error());
            }
        }
        for (auto& source : container->sources) {
            if (!moved) break;
            auto one = co_await move(*container, source, flush || last_round);
            moved = one ? Result<bool>(*moved || *one) : one;
        }
        flush = false;
        if (!moved) {
            if (moved.error().errc == Errc::cancelled) co_return;
            troubled(moved.error());
            if (auto slept = co_await ports_.clock.sleep_for(pause); !slept) co_return;
            pause = std::min(pause * 2, kLongestPause);
            continue;
        }
        pause = kFirstPause;
        if (*moved) continue;
        if (last_round) break;
        const bool unfinished =
            container->options.starts_event != nullptr &&
            container->sources[0].pending_bytes() + container->sources[1].pending_bytes() > 0;
        const auto before = ports_.clock.steady_now();
        co_await wait(*container, unfinished ? kUnfinishedEventMax : kForEver);
        if ((co_await asio::this_coro::cancellation_state).cancelled() != asio::cancellation_type::none)
            co_return;
        flush = unfinished && ports_.clock.steady_now() - before >= kUnfinishedEventMax;
    }
    const std::string id = container->spec.container_id;
    containers_.erase(id);
    co_await remove(id);
    container->over.set();
}

asio::awaitable<Result<>> LogShipper::find_positions(Container& container) {
    for (auto& source : container.sources) {
        CO_TRY(const auto stored, co_await ports_.sink.position(source.name()));
        source.go_on_from(stored);
    }
    co_return Result<>{};
}

// True when something moved: then it is worth calling again.
asio::awaitable<Result<bool>> LogShipper::move(Container& container, LogSource& source, bool flush) {
    const auto& id = container.spec.container_id;
    if (container.options.mode == port::OutputMode::non_blocking)
        CO_TRY_VOID(co_await keep_bounded(container, source));
    bool at_end = true;
    bool moved = false;
    if (source.wants_bytes()) {
        CO_TRY(
            const auto bytes, co_await ports_.files.read(id, source.stream(), source.read_to(), kReadBytes)
        );
        source.feed(bytes);
        moved = !bytes.empty();
        at_end = bytes.size() < kReadBytes;
    }
    if (const auto* batch = source.batch(ports_.clock.now(), flush && at_end)) {
        CO_TRY(const bool taken, co_await put(container, source, *batch));
        moved = moved || taken;
    }
    if (const auto before = source.discardable(false)) {
        CO_TRY_VOID(co_await ports_.files.discard(id, source.stream(), *before));
        source.discarded(*before);
    }
    co_return moved;
}

asio::awaitable<Result<>> LogShipper::keep_bounded(Container& container, LogSource& source) {
    const auto& id = container.spec.container_id;
    CO_TRY(const auto size, co_await ports_.files.size(id, source.stream()));
    const auto wanted = source.overflow(size, container.options.buffer_bytes);
    if (!wanted) co_return Result<>{};
    // Whole lines are left out: to the end of the line that `wanted` stands in.
    std::uint64_t at = source.read_to();
    std::uint64_t lines = 0;
    while (at < size) {
        CO_TRY(const auto bytes, co_await ports_.files.read(id, source.stream(), at, kReadBytes));
        if (bytes.empty()) break;
        if (at + bytes.size() <= *wanted) {
            lines += static_cast<std::uint64_t>(std::count(bytes.begin(), bytes.end(), '\n'));
            at += bytes.size();
            continue;
        }
        const auto from = *wanted > at ? *wanted - at : 0;
        const auto end = bytes.find('\n', from);
        const auto taken = end == std::string::npos ? bytes.size() : end + 1;
        lines +=
            static_cast<std::uint64_t>(std::count(bytes.begin(), bytes.begin() + std::ptrdiff_t(taken), '\n')
            );
        at += taken;
        if (end != std::string::npos) break;
    }
    source.skip_to(at);
    lines_dropped_ += lines;
    log::warn(
        "log lines dropped: the buffer of non-blocking mode is full",
        {{"container", id}, {"lines", lines}, {"dropped_in_all", lines_dropped_}}
    );
    co_return Result<>{};
}

asio::awaitable<Result<bool>> LogShipper::put(
    Container& container, LogSource& source, const LogSource::Batch& batch
) {
    const auto name = stream_of(container.spec, container.options);
    const std::vector<port::LogMark> marks(1, batch.mark);
    auto appended = co_await ports_.sink.put(name, batch.lines, marks);
    if (!appended && appended.error().code == "ResourceNotFoundException") {
        // Somebody deleted the stream under a running container: it comes back, as with the awslogs driver.
        const auto made = co_await ports_.sink.ensure_stream(name, container.options.create_group);
        if (made) appended = co_await ports_.sink.put(name, batch.lines, marks);
    }
    if (!appended) {
        if (appended.error().errc != Errc::refused) co_return tl::unexpected<Error>(appended.error());
        const auto lost = source.refused();
        lines_dropped_ += lost;
        log::warn(
            "log lines refused",
            {{"container", container.spec.container_id}, {"lines", lost}, {"why", appended.error()}}
        );
        co_return true;
    }
    if (!appended->stored) {
        source.go_on_from(appended->positions.empty() ? 0 : appended->positions.front());
        co_return true;
    }
    source.taken();
    co_return true;
}

asio::awaitable<void> LogShipper::wait(Container& container, Duration at_most) {
    co_await (
        ports_.files.wait_growth(container.spec.container_id) || container.wake.wait() ||
        ports_.clock.sleep_for(at_most)
    );
}

asio::awaitable<void> LogShipper::remove(std::string container_id) {
    auto removed = co_await ports_.files.remove(container_id);
    if (removed) removed = co_await ports_.sink.forget(container_id + "/");
    if (!removed && removed.error().errc != Errc::cancelled) {
        log::warn("a container's log files stay", {{"container", container_id}, {"why", removed.error()}});
    }
}

}  // namespace gantry::worker
