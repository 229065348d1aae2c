#include "control/admin.h"

#include <openssl/crypto.h>

#include <boost/json.hpp>

#include "control/policy_time.h"

namespace gantry::control {
namespace asio = boost::asio;
namespace json = boost::json;
namespace {

constexpr std::size_t kRecordsPerTurn = 1'000;

port::HttpResponse answer(int status, const json::value& body) {
    return {status, {{"Content-Type", "application/json"}}, json::serialize(body) + "\n"};
}

port::HttpResponse complaint(int status, std::string_view message) {
    return answer(status, json::object{{"message", message}});
}

port::HttpResponse complaint(const Error& error) {
    return complaint(
        error.errc == Errc::refused       ? 400
        : error.errc == Errc::unavailable ? 503
                                          : 500,
        error.message
    );
}

bool may_ask(const ApiOptions& options, const port::HttpRequest& request, const port::HttpPeer& peer) {
    if (!peer.loopback) return false;
    if (options.admin_token.empty()) return !options.secured;
    const auto token = request.header("X-Gantry-Token");
    return token.size() == options.admin_token.size() &&
           ::CRYPTO_memcmp(token.data(), options.admin_token.data(), token.size()) == 0;
}

json::object clock_of(const LoopStatus& status) {
    return {
        {"policy_now_ms", status.policy_now.ms},
        {"real_now_ms", status.real_now.ms},
        {"rate", status.policy_rate},
    };
}

using Explain = std::function<json::object(const state::View&)>;

// With what `explain` says of the same moment in `explained`, where both are there.
asio::awaitable<Result<LoopStatus>> ask_status(
    Loop& loop, const Explain* explain = nullptr, json::object* explained = nullptr
) {
    LoopStatus status;
    Loop::Work work = [&](state::Txn& txn) -> Result<void> {
        status = loop.status();
        if (explain != nullptr && *explain) *explained = (*explain)(txn);
        return {};
    };
    CO_TRY_VOID(co_await loop.transact(std::move(work)));
    co_return status;
}

asio::awaitable<port::HttpResponse> tell_status(Loop& loop, const ApiOptions& options) {
    json::object explained;
    const auto status = co_await ask_status(loop, &options.explain, &explained);
    if (!status) co_return complaint(status.error());
    json::object body = options.status ? options.status() : json::object();
    for (auto& [name, value] : explained) body.insert_or_assign(name, std::move(value));
    json::object records;
    for (const auto& [table, count] : status->records) records.emplace(table, count);
    body.emplace("ready", status->ready);
    body.emplace("commit_seen", status->seen);
    body.emplace("commit_durable", status->durable);
    body.emplace("commits_failed", status->commits_failed);
    body.emplace("reloads", status->reloads);
    body.emplace("keys_queued", status->keys_queued);
    body.emplace("keys_sleeping", status->keys_sleeping);
    body.emplace("clock", clock_of(*status));
    body.emplace("records", std::move(records));
    co_return answer(200, body);
}

asio::awaitable<port::HttpResponse> tell_health(Loop& loop) {
    const auto status = co_await ask_status(loop);
    co_return status ? answer(200, json::object{{"status", "ok"}}) : complaint(503, status.error().message);
}

asio::awaitable<port::HttpResponse> tell_clock(Loop& loop) {
    const auto status = co_await ask_status(loop);
    co_return status ? answer(200, clock_of(*status)) : complaint(status.error());
}

asio::awaitable<port::HttpResponse> bend_clock(Loop& loop, std::string body) {
    boost::system::error_code failed;
    const auto wish = json::parse(body, failed);
    if (failed || !wish.is_object()) co_return complaint(400, "The body is no JSON object.");
    const auto* advance = wish.get_object().if_contains("advance_ms");
    const auto* rate = wish.get_object().if_contains("rate");
    const bool numbers = (advance != nullptr) != (rate != nullptr) &&
                         (advance != nullptr ? advance->is_int64() : rate->is_number());
    if (!numbers) co_return complaint(400, "Either advance_ms (an integer) or rate (a number) is needed.");
    const auto by = Duration{advance != nullptr ? advance->get_int64() : 0};
    const double wanted = rate != nullptr ? rate->to_number<double>() : 1;
    Loop::Work work = [=](state::Txn& txn) {
        return rate != nullptr ? set_policy_rate(txn, wanted) : advance_policy_time(txn, by);
    };
    const auto done = co_await loop.transact(std::move(work));
    if (!done) co_return complaint(done.error());
    co_return co_await tell_clock(loop);
}

// Pinned records of one table, a few per turn, so that no turn is long; they become JSON here, off the
// strand.
asio::awaitable<Result<json::object>> dump_table(Loop& loop, const state::Schema& schema, state::TableId id) {
    json::object rows;
    std::string after;
    for (bool more = true; more;) {
        std::vector<std::pair<std::string, state::Erased>> pinned;
        Loop::Work work = [&](state::Txn& txn) -> Result<void> {
            const auto& records = txn.database().rows(id);
            auto row = after.empty() ? records.begin() : records.upper_bound(after);
            for (; row != records.end() && pinned.size() < kRecordsPerTurn; ++row) pinned.emplace_back(*row);
            more = row != records.end();
            return {};
        };
        CO_TRY_VOID(co_await loop.transact(std::move(work)));
        for (const auto& [key, record] : pinned) rows.emplace(key, schema.tables()[id].encode(record.get()));
        if (!pinned.empty()) after = pinned.back().first;
    }
    co_return rows;
}

asio::awaitable<port::HttpResponse> dump(Loop& loop, std::string wanted) {
    const auto& schema = loop.schema();
    json::object tables;
    for (state::TableId id = 0; id < schema.tables().size(); ++id) {
        const auto name = schema.tables()[id].info.name;
        if (!wanted.empty() && name != wanted) continue;
        auto rows = co_await dump_table(loop, schema, id);
        if (!rows) co_return complaint(rows.error());
        tables.emplace(name, *std::move(rows));
    }
    if (!wanted.empty() && tables.empty()) co_return complaint(404, "There is no table of that name.");
    co_return answer(200, tables);
}

}  // namespace

asio::awaitable<port::HttpResponse> answer_admin(
    Loop& loop, const ApiOptions& options, port::HttpRequest request, port::HttpPeer peer
) {
    const std::string_view target = request.target;
    const auto path = target.substr(0, target.find('?'));
    const bool get = request.method == "GET" || request.method == "HEAD";
    if (path == "/_gantry/health" && get) co_return co_await tell_health(loop);
    if (!may_ask(options, request, peer))
        co_return complaint(403, "This is for callers on the same machine only.");
    if (path == "/_gantry/status" && get) co_return co_await tell_status(loop, options);
    if (path == "/_gantry/clock" && get) co_return co_await tell_clock(loop);
    if (path == "/_gantry/clock" && request.method == "POST")
        co_return co_await bend_clock(loop, std::move(request.body));
    if (path == "/_gantry/dump" && get) {
        constexpr std::string_view kTable = "?table=";
        const auto query = target.substr(path.size());
        std::string table(query.starts_with(kTable) ? query.substr(kTable.size()) : std::string_view());
        co_return co_await dump(loop, std::move(table));
    }
    co_return complaint(404, "There is nothing of that name here.");
}

}  // namespace gantry::control
