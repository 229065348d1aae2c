#include "logs/sink.h"

#include "logs/find.h"
#include "logs/group.h"
#include "logs/stream.h"
#include "state/txn.h"

namespace gantry::logs {
namespace {

Caller caller_of(const port::LogStreamName& name) {
    Caller caller;
    caller.account = name.account;
    caller.region = name.region;
    return caller;
}

}  // namespace

Sink::Reply<> Sink::ensure_stream(port::LogStreamName name, bool create_group) {
    // Named: GCC 12 destroys such a temporary twice when it stands in a co_await.
    std::function<Result<bool>(state::Txn&)> ensure = [&name, create_group](state::Txn& txn) -> Result<bool> {
        const auto caller = caller_of(name);
        auto group = txn.get<LogGroupRecord>(caller.scope() + name.group);
        if (group == nullptr) {
            if (!create_group) return refuse(kNotFound, "The specified log group does not exist.");
            group = std::make_shared<const LogGroupRecord>(new_group(txn, caller, name.group));
            txn.put(*group);
        }
        if (txn.get<LogStreamRecord>(group->uid + "/" + name.stream) == nullptr)
            txn.put(new_stream(txn, *group, name.stream));
        return true;
    };
    auto done = co_await context_.transact<bool>(std::move(ensure));
    if (!done) co_return tl::unexpected<Error>(std::move(done).error());
    co_return Result<void>{};
}

Sink::Reply<port::LogAppended> Sink::put(
    port::LogStreamName name, std::vector<port::ShippedLine> lines, std::vector<port::LogMark> marks
) {
    port::LogBatch batch;
    batch.marks = std::move(marks);
    if (!lines.empty()) {
        std::function<Result<port::LogStreamId>(state::Txn&)> find = [&name](state::Txn& txn
                                                                     ) -> Result<port::LogStreamId> {
            TRY(const auto group, find_group(txn, caller_of(name), name.group));
            TRY(const auto found, find_stream(txn, *group, name.stream));
            return found->id();
        };
        auto stream = co_await context_.transact<port::LogStreamId>(std::move(find));
        if (!stream) co_return tl::unexpected<Error>(std::move(stream).error());
        batch.stream = *std::move(stream);
    }
    const auto now = context_.real_now().ms;
    batch.events.reserve(lines.size());
    for (auto& line : lines) batch.events.push_back({{line.timestamp_ms, 0}, now, std::move(line.message)});
    auto stored = co_await context_.log_store().append(std::move(batch));
    if (!stored && stored.error().errc == Errc::conflict)
        co_return refuse(kNotFound, "The specified log stream does not exist.");
    co_return stored;
}

Sink::Reply<std::uint64_t> Sink::position(std::string source) {
    return context_.log_store().position(std::move(source));
}

Sink::Reply<> Sink::forget(std::string source_prefix) {
    return context_.log_store().forget(std::move(source_prefix));
}

}  // namespace gantry::logs
