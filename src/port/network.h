#pragma once

#include <boost/asio/awaitable.hpp>
#include <string>
#include <vector>

#include "base/result.h"
#include "port/descriptor.h"
#include "port/network_state.h"

namespace gantry::port {

// The network of one worker: every task has a namespace of its own, joined by a routed veth to the worker's
// router namespace, which one veth joins to the host. Nothing leaves the router except what apply() allows.
//
// All methods are idempotent and level-triggered: they say what shall be, may be repeated at any time, and
// after a failure are simply called again. They run one after the other, in the order of the calls. What a
// former process of the same installation left (router, interfaces, rules) is found and kept: nothing that
// runs loses traffic.
//
// Errors of every method: `unavailable` when a tool or the kernel does not answer or refuses (message says
// which and why), `invalid` for arguments that make no sense (an address that is none, a rule with two peers,
// an unknown group or VPC).
//
// What the host is: a client outside every VPC. Its packets arrive with one fixed link-local source address
// (in 169.254.0.0/16), so a security group lets it in by a rule for 0.0.0.0/0 or one that covers that
// address, and never by a group reference. Tasks can never open connections to the host.
class Network {
  public:
    template <class T = void>
    using Async = boost::asio::awaitable<Result<T>>;

    virtual ~Network() = default;

    // Makes or adopts the router namespace and its veth to the host. Every other method does this by itself
    // where needed; calling it first gives the error early (not root, nft missing, names taken by something
    // foreign: `conflict`).
    virtual Async<> ensure_router() = 0;

    // A namespace with eth0 (address/32, MAC, default route by 169.254.1.1) and loopback up. It carries no
    // traffic before apply() has named the ENI; either order of the two calls is fine. The address is free of
    // connection-tracking entries of former owners. `conflict`: another attached ENI has the address, or this
    // ENI is attached with another one.
    virtual Async<Attached> attach(EniSpec spec) = 0;

    // Removes the interface, its namespace file, and then all connection-tracking entries of its address;
    // when it returns the address may be given to another ENI. Stop the processes in the namespace first,
    // else their peers hang. An ENI that is not attached is fine. The policy entries of the ENI stay until
    // the next apply(); they let nobody in.
    virtual Async<> detach(std::string eni_id) = 0;

    // All interfaces that exist, by id: for adoption after a restart and for the removal of leftovers by
    // detach().
    virtual Async<std::vector<FoundEni>> list() = 0;

    // `not_found` when the ENI is not attached.
    virtual Async<EniUsage> usage(std::string eni_id) = 0;

    // Makes the policy exactly this, in one atomic step: a diff against what was applied before, or a
    // replacement of the whole when that fails or nothing is known. On an error the former policy is fully in
    // force.
    //
    // As on AWS: rules are stateful (replies need none); refused packets are dropped without an answer. A
    // change holds for new connections at once. Open connections that are no longer allowed go on where AWS
    // tracks them, and are cut at once where it does not (TCP or UDP admitted by a rule for 0.0.0.0/0, while
    // the other direction is open for everything). ENIs of different VPCs never see each other, also with
    // equal CIDRs. An address of the own VPC without an ENI is answered with "host unreachable" instead of
    // silence.
    //
    // Call it also when nothing changed, every few seconds: it looks at the host again (a route or address
    // that collides with a VPC now) and restarts what died of the way outside. That costs a millisecond.
    virtual Async<Applied> apply(NetworkState state) = 0;

    // A listening TCP (a bound UDP) socket inside the router at a link-local address, reachable from every
    // task and from nowhere else; the peer's address is that of the calling ENI and cannot be forged.
    // Non-blocking, close-on-exec. The resolver's port 53 is reachable under each VPC's base + 2 too.
    // `conflict` when the port is taken (by a former process that still lives).
    virtual Async<Descriptor> listen_tcp(std::string address, std::uint16_t port) = 0;
    virtual Async<Descriptor> listen_udp(std::string address, std::uint16_t port) = 0;

    // How many flows go through balancers to this target now: opening and established ones (TCP entries that are
    // closing do not count). One look at the connection table for all of them; the answer has the order of the question.
    virtual Async<std::vector<int>> balanced_flows(std::vector<FlowEnd> targets) = 0;

    // Of all entrances whose flows the kernel carries. The first reading of a process only begins to count.
    virtual Async<std::vector<EntranceTraffic>> traffic() = 0;

    // Ends all balanced flows to a target that is dead, so that none hangs: TCP clients get a reset with their
    // next packet, UDP clients are sent to another target. Call it after the apply() that takes the target out:
    // a flow that begins in between would be forgotten.
    virtual Async<> reset_flows(FlowEnd target) = 0;

    // A TCP socket inside the router, bound to a balancer's address (any port), not connected, non-blocking,
    // close-on-exec: for probes and proxied connections. `not_found`: no such balancer address is applied.
    virtual Async<Descriptor> socket_from(std::string balancer_address) = 0;

    // Removes everything that the installation ever made: interfaces, router, rules, routes, helper
    // processes. Tasks that still run lose their network. Afterwards the object can be used again.
    virtual Async<> teardown() = 0;
};

}  // namespace gantry::port
