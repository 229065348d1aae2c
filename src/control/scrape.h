#pragma once

#include "control/api.h"

namespace gantry::control {

// GET /metrics, for Prometheus: the last whole minute of what Gantry measures (not of what users put), and some of Gantry itself.
// In secured mode for those who have the metrics token, as a bearer token; in development mode for everybody who reaches the port.
boost::asio::awaitable<port::HttpResponse> answer_scrape(
    Loop& loop, const ApiOptions& options, const RequestCounts& requests, const port::HttpRequest& request
);

}  // namespace gantry::control
