#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

// What port::Network is asked for, as plain data. Addresses and CIDRs are dotted IPv4 text ("172.31.0.5",
// "172.31.0.0/16"), ids are AWS ids ("eni-…", "sg-…", "vpc-…": letters, digits and '-' only, at most 64).
namespace gantry::port {

// Where a task finds Gantry's own services. They answer inside every task's namespace whatever its security
// groups say, as the VPC resolver and the metadata endpoint do on AWS.
inline constexpr const char* metadata_address = "169.254.170.2";  // task metadata and credentials, port 80
inline constexpr const char* resolver_address =
    "169.254.169.253";  // also at each VPC CIDR's base + 2, as on AWS
inline constexpr std::uint16_t resolver_port = 53;

// Where the proxy for application load balancers listens inside the router: reachable only as the
// local_address of a balancer's listener.
inline constexpr const char* proxy_address = "169.254.170.3";

// One network interface that lives on this worker: a task's own network namespace with the interface `eth0`.
struct EniSpec {
    std::string id;       // "eni-0123456789abcdef0"
    std::string address;  // private IPv4 address, live only once per installation (whatever its VPC)
    std::string mac;      // "02:…", as DescribeNetworkInterfaces shows it
    std::uint32_t mtu = 1500;

    friend bool operator==(const EniSpec&, const EniSpec&) = default;
};

struct Attached {
    std::string netns_path;  // a file that names the namespace, for the container runtime (OCI
                             // linux.namespaces[].path)
    std::string gateway;     // "169.254.1.1": the default route inside the task

    friend bool operator==(const Attached&, const Attached&) = default;
};

// An interface found in the world. netns_path is empty when only the router's end is left (a process still
// holds the namespace after a detach, or a crash came between the steps): such a thing can only be detached.
struct FoundEni {
    std::string id;
    std::string address;
    std::string mac;
    std::string netns_path;

    friend bool operator==(const FoundEni&, const FoundEni&) = default;
};

// Bytes and packets since attach as the task sees them: received is what came into the task.
struct EniUsage {
    std::uint64_t received_bytes = 0, received_packets = 0, received_dropped = 0, received_errors = 0;
    std::uint64_t sent_bytes = 0, sent_packets = 0, sent_dropped = 0, sent_errors = 0;
};

struct VpcState {
    std::string id;
    std::vector<std::string> cidrs;  // of different VPCs they may overlap or be equal

    friend bool operator==(const VpcState&, const VpcState&) = default;
};

// One permission of a security group with one peer; an IpPermission with several peers is several of these.
struct GroupRule {
    // "-1" (all), "tcp", "udp", "icmp" or a protocol number in decimal. "icmpv6" and "58" never match: there
    // is no IPv6.
    std::string protocol;
    // tcp, udp: the destination port range, inclusive. icmp: type and code, absent is any. Otherwise ignored.
    std::optional<std::uint16_t> from, to;
    // Exactly one is set. An IPv6 CIDR is accepted and never matches. A group stands for the addresses of its
    // member ENIs.
    std::string cidr;
    std::string group;

    friend bool operator==(const GroupRule&, const GroupRule&) = default;
};

struct GroupState {
    std::string id;
    std::vector<GroupRule> ingress, egress;

    friend bool operator==(const GroupState&, const GroupState&) = default;
};

// An ENI as policy sees it. May name ENIs of other workers too: as members of groups they matter here.
struct EniState {
    std::string id;
    std::string address;
    std::string vpc;
    std::vector<std::string> groups;
    // Whether route table and public address let it open connections to addresses outside its VPC (its
    // groups' egress rules still decide which). Never lets it reach the host itself.
    bool outside = false;

    friend bool operator==(const EniState&, const EniState&) = default;
};

// A place to which new flows of a listener go, with its share of them (a positive number).
struct FlowTarget {
    std::string address;
    std::uint16_t port = 0;
    int weight = 1;

    friend bool operator==(const FlowTarget&, const FlowTarget&) = default;
};

// One port of one balancer address, for one protocol. TCP_UDP is two of these.
struct FlowListener {
    std::string protocol;  // "tcp" or "udp"
    std::uint16_t port = 0;
    // Chosen per flow by its hash; the flow stays there whatever becomes of this list, until its conntrack
    // entry ends or reset_flows() ends it. Empty: refused at once (TCP reset, ICMP unreachable).
    std::vector<FlowTarget> targets;
    // Not 0: the flow goes to this port of the router itself instead, at address `local_address` (a proxy listens
    // there); targets is empty then.
    std::uint16_t local_port = 0;
    std::string local_address;
    // false: targets see the balancer's address. true: they see the client's, except a target that talks to
    // itself through the balancer.
    bool preserve_client = false;

    friend bool operator==(const FlowListener&, const FlowListener&) = default;
};

// One address of a load balancer in a zone; its interface is one of `enis` (with VPC and groups). What the
// router opens or forwards for it, proxied and probing connections too, comes from `address`.
struct BalancerAddressState {
    std::string balancer;      // id; several addresses of it have the same
    std::string eni;
    std::string address;
    std::vector<FlowListener> listeners;

    friend bool operator==(const BalancerAddressState&, const BalancerAddressState&) = default;
};

// A target of balanced flows.
struct FlowEnd {
    std::string address;
    std::uint16_t port = 0;
    std::string protocol;  // "tcp" or "udp"

    friend bool operator==(const FlowEnd&, const FlowEnd&) = default;
};

// What balancers carried for one entrance (an address where clients connect: a balancer's own or a host_address) and protocol
// since the reading before. Packets and bytes count both ways, IP headers included; flows that a proxy carries are not in it.
struct EntranceTraffic {
    std::string address;
    std::string protocol;          // "tcp" or "udp"
    std::uint64_t open_flows = 0;  // now; TCP entries that are closing do not count
    std::uint64_t new_flows = 0;
    std::uint64_t packets = 0;
    std::uint64_t bytes = 0;
    std::uint64_t target_resets = 0;
    std::uint64_t client_resets = 0;

    friend bool operator==(const EntranceTraffic&, const EntranceTraffic&) = default;
};

// How the host reaches a balancer: at its own address, where programs on the host connect (in 127.64.0.0/16),
// and where `localhost` is set at 127.0.0.1 with the listener's port, when nobody on the host has that port.
struct HostBalancerState {
    std::string balancer;
    std::string host_address;
    bool localhost = true;
    // Where a flow to host_address goes: what the balancer's address in one zone would have, chosen over all
    // zones that have targets.
    std::vector<FlowListener> listeners;

    friend bool operator==(const HostBalancerState&, const HostBalancerState&) = default;
};

// The whole desired policy of this worker. Order means nothing.
struct NetworkState {
    std::vector<VpcState> vpcs;
    std::vector<GroupState> groups;
    std::vector<EniState> enis;
    std::vector<BalancerAddressState> balancers;
    std::vector<HostBalancerState> host_balancers;

    friend bool operator==(const NetworkState&, const NetworkState&) = default;
};

// Whether programs on the host reach a VPC's addresses directly. Not where the CIDR overlaps a route, an
// address or a name server that the host has already: then `reason` says which, in words for `gantry status`.
struct HostRoute {
    std::string vpc, cidr;
    bool direct = false;
    std::string reason;

    friend bool operator==(const HostRoute&, const HostRoute&) = default;
};

enum class OutsideAccess {
    unused,       // no ENI asked for it
    kernel,       // the host forwards already: masqueraded by it
    userspace,    // through pasta, because the host does not forward or its firewall forbids it
    unavailable,  // asked for and not possible here; the reason is in Applied::outside_reason
};

// A listener's port that is not open on 127.0.0.1, and why: another program has it, or another balancer.
struct LocalhostPort {
    std::string balancer;
    std::string protocol;
    std::uint16_t port = 0;
    std::string reason;

    friend bool operator==(const LocalhostPort&, const LocalhostPort&) = default;
};

// What apply() made of the state.
struct Applied {
    std::vector<HostRoute> host_routes;  // in the order of vpcs and their CIDRs
    std::vector<LocalhostPort> localhost_taken;
    OutsideAccess outside = OutsideAccess::unused;
    std::string outside_reason;

    friend bool operator==(const Applied&, const Applied&) = default;
};

}  // namespace gantry::port
