#include "control/scrape.h"

#include <openssl/crypto.h>

#include "control/exposition.h"
#include "control/latest_metrics.h"

namespace gantry::control {
namespace asio = boost::asio;
namespace {

constexpr std::size_t kAtOnce = 1'000;

bool may_scrape(const ApiOptions& options, const port::HttpRequest& request) {
    if (!options.secured) return true;
    const std::string wanted = "Bearer " + options.metrics_token;
    const auto given = request.header("Authorization");
    return !options.metrics_token.empty() && given.size() == wanted.size() &&
           ::CRYPTO_memcmp(given.data(), wanted.data(), given.size()) == 0;
}

void add_own(const LoopStatus& status, const RequestCounts& requests, Exposition& out) {
    out.add("gantry_policy_clock_rate", "gauge", "Seconds of policy time in a real one.", {}, status.policy_rate);
    out.add(
        "gantry_policy_time_seconds", "gauge", "Policy time, in seconds of the epoch.", {},
        static_cast<double>(status.policy_now.ms) / 1'000
    );
    out.add(
        "gantry_commits_total", "counter", "Transactions that are durable.", {}, static_cast<double>(status.durable)
    );
    out.add(
        "gantry_commits_failed_total", "counter", "Commits that failed since the start.", {},
        static_cast<double>(status.commits_failed)
    );
    out.add(
        "gantry_controller_keys_queued", "gauge", "What controllers have yet to look at.", {},
        static_cast<double>(status.keys_queued)
    );
    for (const auto& [table, count] : status.records)
        out.add("gantry_records", "gauge", "Records of the state.", {{"table", table}}, static_cast<double>(count));
    for (const auto& [key, count] : requests.all()) {
        out.add(
            "gantry_requests_total", "counter", "Requests answered since the start.",
            {{"service", key.first}, {"status", std::to_string(key.second) + "xx"}}, static_cast<double>(count)
        );
    }
}

}  // namespace

asio::awaitable<port::HttpResponse> answer_scrape(
    Loop& loop, const ApiOptions& options, const RequestCounts& requests, const port::HttpRequest& request
) {
    if (request.method != "GET")
        co_return port::HttpResponse{405, {{"Allow", "GET"}}, "Only GET is answered here.\n"};
    if (!may_scrape(options, request)) {
        co_return port::HttpResponse{
            401, {{"WWW-Authenticate", "Bearer"}}, "The bearer token of the data folder's file metrics-token is needed.\n"
        };
    }
    LoopStatus status;
    Loop::Work work = [&](state::Txn&) -> Result<void> {
        status = loop.status();
        return {};
    };
    if (const auto asked = co_await loop.transact(std::move(work)); !asked)
        co_return port::HttpResponse{503, {}, asked.error().message + "\n"};
    Exposition out;
    add_own(status, requests, out);
    if (options.latest_metrics != nullptr) {
        metric::Name after;
        bool first = true;
        while (true) {
            auto page =
                options.latest_metrics->page(status.policy_now.ms / 1'000, first ? nullptr : &after, kAtOnce);
            if (page.empty()) break;
            for (const auto& one : page) out.add(one.name, one.values);
            after = std::move(page.back().name);
            first = false;
        }
    }
    co_return port::HttpResponse{200, {{"Content-Type", "text/plain; version=0.0.4; charset=utf-8"}}, out.text()};
}

}  // namespace gantry::control
