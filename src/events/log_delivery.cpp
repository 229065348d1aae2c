#include "events/log_delivery.h"

#include "base/log.h"
#include "events/delivery.h"
#include "state/txn.h"

namespace gantry::events {

namespace {

constexpr std::size_t kAtOnce = 100;
// A log event's message.
constexpr std::size_t kMessageMost = 256 * 1024 - 26;

using Batch = std::vector<state::Pinned<LogDeliveryRecord>>;

Awaitable<Result<void>> write(DataContext& context, port::LogSink& sink, const LogDeliveryRecord& delivery) {
    port::LogStreamName name{delivery.account, delivery.region, delivery.group, delivery.stream};
    CO_TRY_VOID(co_await sink.ensure_stream(name, false));
    std::vector<port::ShippedLine> lines;
    lines.push_back({delivery.timestamp_ms.value_or(context.real_now().ms), delivery.message.substr(0, kMessageMost)});
    // A line that was stored before its record was erased is not stored again.
    std::vector<port::LogMark> marks;
    marks.push_back({"event/" + delivery.id, 0, 1});
    CO_TRY_VOID(co_await sink.put(std::move(name), std::move(lines), std::move(marks)));
    co_return Result<void>{};
}

}  // namespace

Awaitable<Result<void>> deliver_logs(DataContext& context, port::LogSink& sink) {
    for (;;) {
        std::function<Result<Batch>(state::Txn&)> look = [](state::Txn& txn) -> Result<Batch> {
            return txn.page<LogDeliveryRecord>("", "", kAtOnce).records;
        };
        auto found = co_await context.transact<Batch>(std::move(look));
        CO_TRY(const auto batch, std::move(found));
        if (batch.empty()) co_return Result<void>{};
        for (const auto& delivery : batch) {
            const auto written = co_await write(context, sink, *delivery);
            if (!written && written.error().errc != Errc::refused) co_return written;
            if (!written) {
                log::warn(
                    "an event does not reach its log group",
                    {{"of", delivery->what}, {"group", delivery->group}, {"why", written.error()}}
                );
            }
            std::function<Result<bool>(state::Txn&)> erase = [&delivery](state::Txn& txn) -> Result<bool> {
                if (txn.get<LogDeliveryRecord>(delivery->key()))
                    txn.erase<LogDeliveryRecord>(delivery->key());
                return true;
            };
            CO_TRY_VOID(co_await context.transact<bool>(std::move(erase)));
            CO_TRY_VOID(co_await sink.forget("event/" + delivery->id));
        }
    }
}

}  // namespace gantry::events
