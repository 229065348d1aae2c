#pragma once

#include <boost/json/object.hpp>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "control/loop.h"
#include "control/loop_data_context.h"
#include "control/replay.h"
#include "control/request_counts.h"
#include "control/text_cache.h"
#include "operation/handler.h"
#include "port/http.h"
#include "wire/route.h"

namespace gantry::control {

// The key of the installation's owner, in secured mode.
struct RootKey {
    std::string access_key;
    std::string secret;
    std::string account;
};

class LatestMetrics;

struct ApiOptions {
    // Off: any key is accepted (development). On: SigV4 is verified with the secrets of IAM's access keys, of
    // sessions, and of the root key.
    bool secured = false;
    std::optional<RootKey> root;
    std::string region = "us-east-1";  // of requests that carry no credentials
    std::vector<std::string> hosts;  // names and addresses beside loopback and *.gantry.internal, lower case
    // Where set, callers of /_gantry/ (health excepted) must send it as X-Gantry-Token. Without one the
    // secured mode offers no more than health there.
    std::string admin_token;
    // Of /metrics: what is measured (outlives the API; null: nothing), and who may read it in secured mode.
    LatestMetrics* latest_metrics = nullptr;
    std::string metrics_token;
    std::function<boost::json::object()> status;  // what else /_gantry/status tells; any thread
    // And what of the state: called on the strand, so it must be quick.
    std::function<boost::json::object(const state::View&)> explain;
};

// The path of a request: rules, route, credentials, decode, strand, fence, encode. Any thread, any number of
// requests at once; handle() is a port::HttpHandler. Everything that comes out is durable.
class Api {
  public:
    // chance: for request ids only.
    Api(Loop& loop,
        const operation::Handlers& handlers,
        DataStores stores,
        state::Chance& chance,
        ApiOptions options);

    boost::asio::awaitable<port::HttpResponse> handle(port::HttpRequest request, port::HttpPeer peer);

  private:
    struct Call;
    boost::asio::awaitable<port::HttpResponse> serve(Call call);
    boost::asio::awaitable<Result<void>> authenticate(Call& call);
    boost::asio::awaitable<Result<void>> perform(Call& call);
    Loop::Who who(Call& call) const;
    std::string fresh_id();

    Loop& loop_;
    std::map<const shapes::Operation*, operation::Handler> handlers_;
    DataStores stores_;
    ApiOptions options_;
    Replay replay_;
    BoundedTextCache texts_;
    RequestCounts counts_;
    std::mutex chance_mutex_;
    state::Chance& chance_;
};

}  // namespace gantry::control
