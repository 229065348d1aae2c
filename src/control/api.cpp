#include "control/api.h"

#include <openssl/sha.h>

#include "base/assertion.h"
#include "base/log.h"
#include "control/admin.h"
#include "control/api_guard.h"
#include "control/loop_data_context.h"
#include "control/scrape.h"
#include "sts/identity.h"
#include "wire/decode.h"
#include "wire/encode.h"

namespace gantry::control {
namespace asio = boost::asio;
namespace {

bool only_reads(std::string_view operation) {
    for (const std::string_view verb : {"Describe", "List", "Get", "Filter", "BatchGet", "Head", "Test"})
        if (operation.starts_with(verb)) return true;
    return false;
}

std::string digest(std::string_view text) {
    std::string hash(SHA256_DIGEST_LENGTH, '\0');
    ::SHA256(
        reinterpret_cast<const unsigned char*>(text.data()), text.size(),
        reinterpret_cast<unsigned char*>(hash.data())
    );
    return hash;
}

wire::HttpRequest to_wire(port::HttpRequest request) {
    return {
        std::move(request.method), std::move(request.target), std::move(request.headers),
        std::move(request.body)
    };
}

port::HttpResponse from_wire(wire::HttpResponse response) {
    return {response.status, std::move(response.headers), std::move(response.body)};
}

Error refusal_of(sts::Authentication verdict, shapes::Protocol protocol) {
    const bool json = protocol == shapes::Protocol::aws_json;
    const bool ec2 = protocol == shapes::Protocol::ec2;
    if (verdict == sts::Authentication::expired) {
        return {
            Errc::refused,
            json  ? "ExpiredTokenException"
            : ec2 ? "RequestExpired"
                  : "ExpiredToken",
            "The security token included in the request is expired"
        };
    }
    return {
        Errc::refused,
        json  ? "UnrecognizedClientException"
        : ec2 ? "AuthFailure"
              : "InvalidClientTokenId",
        "The security token included in the request is invalid."
    };
}

}  // namespace

struct Api::Call {
    wire::HttpRequest http;
    wire::Routed routed;
    const operation::Handler* handler = nullptr;
    std::string request_id;
    Caller caller;
    std::shared_ptr<const void> request;
    std::shared_ptr<void> response;
    Later later;  // set: instead of response
};

Api::Api(
    Loop& loop,
    const operation::Handlers& handlers,
    DataStores stores,
    state::Chance& chance,
    ApiOptions options
)
    : loop_(loop), stores_(stores), options_(std::move(options)), chance_(chance) {
    for (const auto& handler : handlers) {
        const bool added = handlers_.emplace(handler.operation, handler).second;
        ASSERT(added, "two handlers of one operation");
    }
}

std::string Api::fresh_id() {
    const std::lock_guard lock(chance_mutex_);
    return chance_.uuid();
}

asio::awaitable<port::HttpResponse> Api::handle(port::HttpRequest request, port::HttpPeer peer) {
    Call call;
    call.request_id = fresh_id();
    const auto allowed = check_browser_rules(request, options_.hosts);
    if (request.target.starts_with("/_gantry/")) {
        if (!allowed) co_return port::HttpResponse{403, {}, allowed.error().message + "\n"};
        co_return co_await answer_admin(loop_, options_, std::move(request), std::move(peer));
    }
    if (request.target == "/metrics" || request.target.starts_with("/metrics?")) {
        if (!allowed) co_return port::HttpResponse{403, {}, allowed.error().message + "\n"};
        co_return co_await answer_scrape(loop_, options_, counts_, request);
    }
    // Scripts that wait for the server ask like this; AWS has nothing there.
    if (allowed && request.target == "/" && (request.method == "GET" || request.method == "HEAD") &&
        request.header("Authorization").empty())
        co_return port::HttpResponse{200, {{"Content-Type", "application/json"}}, "{\"status\":\"ok\"}\n"};
    call.http = to_wire(std::move(request));
    const auto dialect = wire::guess_dialect(call.http);
    if (!allowed) co_return from_wire(wire::encode_error(dialect, allowed.error(), call.request_id));
    auto routed = wire::route(call.http);
    if (!routed) co_return from_wire(wire::encode_error(dialect, routed.error(), call.request_id));
    call.routed = *std::move(routed);
    const auto handler = handlers_.find(call.routed.operation);
    if (handler == handlers_.end() || call.routed.operation->input == nullptr) {
        const auto error = wire::not_implemented(*call.routed.operation);
        co_return from_wire(wire::encode_error(call.routed.dialect, error, call.request_id));
    }
    call.handler = &handler->second;
    // Before anything is remembered or repeated for the caller.
    if (options_.secured && call.routed.credentials) {
        const auto known = co_await authenticate(call);
        if (!known)
            co_return from_wire(wire::encode_error(call.routed.dialect, known.error(), call.request_id));
    }

    const auto invocation = wire::header(call.http, "amz-sdk-invocation-id");
    if (invocation.empty() || !call.routed.credentials || only_reads(call.routed.operation->name))
        co_return co_await serve(std::move(call));

    std::string key(invocation);
    for (const std::string_view part :
         {std::string_view(call.routed.credentials->access_key),
          std::string_view(call.routed.credentials->region),
          std::string_view(call.routed.operation->service->id),
          std::string_view(call.routed.operation->name)})
        key.append("\n").append(part);
    key.append("\n").append(digest(call.http.body));
    if (const auto earlier = co_await replay_.begin(key, loop_.real_now())) co_return *earlier;
    Replay::Ticket ticket(replay_, key);
    auto response = std::make_shared<const port::HttpResponse>(co_await serve(std::move(call)));
    ticket.finish(response, response->status < 300, loop_.real_now());
    co_return *response;
}

asio::awaitable<port::HttpResponse> Api::serve(Call call) {
    auto done = co_await perform(call);
    const std::string service(call.routed.operation->service->id);
    if (!done) {
        if (done.error().errc != Errc::refused) {
            log::error(
                "a request failed", {{"operation", call.routed.operation->name},
                                     {"request", call.request_id},
                                     {"why", done.error()}}
            );
        }
        auto refusal = from_wire(wire::encode_error(call.routed.dialect, done.error(), call.request_id));
        counts_.add(service, refusal.status);
        co_return refusal;
    }
    counts_.add(service, 200);
    if (call.later) {
        std::string json;
        call.later(json, texts_);
        co_return from_wire(wire::encode_success(call.routed, std::move(json), call.request_id));
    }
    co_return from_wire(wire::encode_success(call.routed, call.response.get(), call.request_id));
}

asio::awaitable<Result<void>> Api::perform(Call& call) {
    if (call.routed.credentials && !looks_like_region(call.routed.credentials->region)) {
        const bool json = call.routed.dialect.protocol == shapes::Protocol::aws_json;
        co_return refuse(
            json ? "InvalidSignatureException" : "SignatureDoesNotMatch",
            "Credential should be scoped to a valid region."
        );
    }
    CO_TRY(call.request, wire::decode(call.routed));
    Loop::Who whose = who(call);
    if (call.handler->transact_later != nullptr &&
        call.routed.dialect.protocol == shapes::Protocol::aws_json && !call.routed.dialect.cbor) {
        Loop::Work work = [&call](state::Txn& txn) -> Result<void> {
            TRY(call.later, call.handler->transact_later(txn, call.request.get(), call.caller));
            return {};
        };
        co_return co_await loop_.transact(std::move(work), std::move(whose));
    }
    call.response = call.routed.operation->make_response();
    if (call.handler->transact != nullptr) {
        // `call` outlives the work: this coroutine waits for it and cannot be cut while it does.
        Loop::Work work = [&call](state::Txn& txn) {
            return call.handler->transact(txn, call.request.get(), call.caller, call.response.get());
        };
        co_return co_await loop_.transact(std::move(work), std::move(whose));
    }
    Loop::Work nothing = [](state::Txn&) { return Result<void>{}; };
    CO_TRY_VOID(co_await loop_.transact(std::move(nothing), std::move(whose)));
    LoopDataContext context(loop_, stores_);
    co_return co_await call.handler->move_data(context, call.request, call.caller, call.response);
}

// Runs on the strand, before the operation: who stands behind the access key.
Loop::Who Api::who(Call& call) const {
    return [this, &call](const state::View& view, const state::Turn&) -> Result<Caller> {
        Caller& caller = call.caller;
        caller.request_id = call.request_id;
        caller.region = call.routed.credentials ? call.routed.credentials->region : options_.region;
        caller.access_key = call.routed.credentials ? call.routed.credentials->access_key : std::string();
        if (options_.secured && options_.root && caller.access_key == options_.root->access_key) {
            caller.account = options_.root->account;
            caller.arn = "arn:aws:iam::" + caller.account + ":root";
            caller.user_id = caller.account;
            return caller;
        }
        auto identity = sts::find_identity(view, caller.access_key);
        if (!identity) identity = sts::development_identity(caller.access_key);
        caller.account = identity->account;
        caller.arn = identity->arn;
        caller.user_id = identity->user_id;
        return caller;
    };
}

asio::awaitable<Result<void>> Api::authenticate(Call& call) {
    const auto& credentials = *call.routed.credentials;
    const auto protocol = call.routed.dialect.protocol;
    std::optional<std::string> secret;
    if (options_.root && credentials.access_key == options_.root->access_key) {
        // A permanent key has no token: the key is one thing's and the token another's.
        if (!credentials.session_token.empty())
            co_return tl::unexpected<Error>(refusal_of(sts::Authentication::wrong_token, protocol));
        secret = options_.root->secret;
    } else {
        auto verdict = sts::Authentication::unknown_key;
        Loop::Work work = [&](state::Txn& txn) -> Result<void> {
            const auto identity = sts::find_identity(txn, credentials.access_key);
            verdict = sts::judge(identity, credentials.session_token, txn.real_now());
            if (identity) secret = identity->secret;
            return {};
        };
        CO_TRY_VOID(co_await loop_.transact(std::move(work)));
        if (verdict != sts::Authentication::accepted)
            co_return tl::unexpected<Error>(refusal_of(verdict, protocol));
    }
    const wire::SecretLookup lookup = [&](std::string_view, std::string_view) { return secret; };
    co_return wire::verify_signature(call.http, credentials, protocol, loop_.real_now().ms / 1'000, lookup);
}

}  // namespace gantry::control
