#pragma once

#include "control/api.h"

namespace gantry::control {

// What lies below /_gantry/, for the client commands of the same machine:
//   GET  health          anyone; 200, or 503 while the state is being loaded
//   GET  status          counts of records, commits and keys, both clocks
//   GET  dump[?table=T]  every record as JSON: {"T": {"KEY": {…}}}; access keys' secrets included
//   GET  clock           {"policy_now_ms", "real_now_ms", "rate"}
//   POST clock           {"advance_ms": N} or {"rate": X}
// All but health need a caller on a loopback address, in secured mode also the token.
boost::asio::awaitable<port::HttpResponse> answer_admin(
    Loop& loop, const ApiOptions& options, port::HttpRequest request, port::HttpPeer peer
);

}  // namespace gantry::control
