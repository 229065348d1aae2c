#include "logs/sweep.h"

#include "logs/records.h"
#include "logs/retention.h"
#include "port/log_store.h"
#include "state/txn.h"

namespace gantry::logs {
namespace {

struct Expiry {
    std::string group_uid;
    std::int64_t before_ms = 0;
};

struct Work {
    std::vector<LogRemovalRecord> removals;
    std::vector<Expiry> expiries;
};

// A group's marker stays until its stream records are gone.
Result<bool> finish(state::Txn& txn, const LogRemovalRecord& removal) {
    if (removal.stream_id.empty() &&
        !txn.page<LogStreamRecord>(removal.group_uid + "/", "", 1).records.empty())
        return false;
    if (txn.get<LogRemovalRecord>(removal.key())) txn.erase<LogRemovalRecord>(removal.key());
    return true;
}

}  // namespace

Awaitable<Result<void>> sweep(DataContext& context) {
    const auto now = context.now();
    auto found = co_await context.transact<Work>([now](state::Txn& txn) -> Result<Work> {
        Work work;
        for (const auto& removal : txn.page<LogRemovalRecord>("", "", 1'000).records)
            work.removals.push_back(*removal);
        for (const auto& group : txn.find<LogGroupsWithRetention>("all"))
            work.expiries.push_back({group->uid, kept_since_ms(*group, now)});
        return work;
    });
    CO_TRY(const auto work, std::move(found));
    for (const auto& removal : work.removals) {
        if (removal.stream_id.empty()) {
            CO_TRY_VOID(co_await context.log_store().remove_group(removal.group_uid));
        } else {
            const port::LogStreamId stream{removal.group_uid, removal.stream_id};
            CO_TRY_VOID(co_await context.log_store().remove_stream(stream));
        }
        // Named: GCC 12 destroys such a temporary twice when it stands in a co_await.
        std::function<Result<bool>(state::Txn&)> erase = [&removal](state::Txn& txn) {
            return finish(txn, removal);
        };
        CO_TRY_VOID(co_await context.transact<bool>(std::move(erase)));
    }
    for (const auto& expiry : work.expiries)
        CO_TRY_VOID(co_await context.log_store().expire(expiry.group_uid, expiry.before_ms));
    co_return Result<void>{};
}

}  // namespace gantry::logs
