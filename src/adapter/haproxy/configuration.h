#pragma once

#include <map>
#include <string>

#include "adapter/haproxy/frontend.h"
#include "adapter/haproxy/options.h"
#include "adapter/haproxy/slots.h"
#include "port/http_balancer.h"

namespace gantry::adapter::haproxy {

// A whole configuration, as text. Two with the same `structure` differ in what a running proxy can be told
// without a reload: who is in which slot, and the weights.
struct Configuration {
    std::string text;
    Files files;  // what it refers to; weights too
    std::map<std::string, int> thresholds;
    // A digest of the structure. It also stands in the text as the process's description, so that a running
    // proxy can be asked which it has.
    std::string structure;
};

struct Limits {
    int connections_max = 9'000;
    bool has_user = false;  // whether there is a user and group haproxy to become
};

// Pure.
Configuration configure(
    const port::HttpBalancerState& state,
    const Assignment& assignment,
    const Options& options,
    const Limits& limits
);

std::string worker_socket(const Options& options);
std::string master_socket(const Options& options);
std::string configuration_file(const Options& options);

// Groups that a rule refers to and the state does not have: they exist without servers.
port::HttpBalancerState with_all_pools(port::HttpBalancerState state);

// Which pools a balancer forwards to.
std::map<std::string, const port::HttpPool*> pools_of(
    const port::HttpBalancerState& state, const link::LoadBalancer& balancer
);

}  // namespace gantry::adapter::haproxy
