#pragma once

#include <string>

#include "adapter/haproxy/slots.h"
#include "port/http_balancer.h"

namespace gantry::adapter::haproxy {

// A target group as one balancer uses it: connections to its servers come from that balancer's address.
std::string backend_name(const link::LoadBalancer& balancer, const std::string& group);
std::string server_name(std::size_t slot);

// The section. `with_servers` false leaves addresses and states out: what then differs needs a reload.
std::string backend_text(
    const link::LoadBalancer& balancer,
    const port::HttpPool& pool,
    const std::vector<Slot>& slots,
    bool with_servers
);

}  // namespace gantry::adapter::haproxy
