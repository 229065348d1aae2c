#pragma once

#include <cstdint>
#include <string>

#include "adapter/routernet/ipv4.h"

namespace gantry::adapter::routernet {

// What tells one installation on a host from another: all of it must differ between two that run side by
// side. options_for() fills it; tests and a second server choose another number.
struct Options {
    std::string installation;  // stands in link aliases, so that foreign links are never touched
    std::string
        directory;  // namespace files and the pasta log; created 0700; nobody else puts anything there
    std::string host_link;  // the host's end of the veth, at most 15 characters
    std::string
        host_table;       // the only nft table in the host's namespace, and only while outside access is used
    Ipv4 host_address;    // what tasks' security groups see of the host
    Ipv4 router_address;  // in the same /30
    std::uint32_t pasta_group =
        0;  // group id pasta runs under, so that a rule can keep it from the host's own addresses
    std::string resolv_conf = "/etc/resolv.conf";
};

// number 0 is the first installation of a host (gh0, 169.254.171.1); up to 63.
Options options_for(std::string installation, std::string directory, unsigned number);

// The file that names the router's network namespace, for programs that are to run in it.
std::string router_namespace(const Options& options);

// The names inside the router, where nobody else lives.
inline constexpr const char* router_link = "gr0";
inline constexpr const char* router_file = "router";  // among the namespace files
inline constexpr const char* pasta_link = "gp0";
inline constexpr const char* router_table = "gantry";
inline constexpr Ipv4 gateway_address{0xA9FE0101};        // 169.254.1.1
inline constexpr Ipv4 pasta_link_address{0xA9FEAC02};     // 169.254.172.2
inline constexpr Ipv4 pasta_gateway_address{0xA9FEAC01};  // 169.254.172.1

// Packet marks in the router: the low 16 bits number the VPC of the sending ENI, this bit says that it may go
// outside.
inline constexpr std::uint32_t outside_mark = 0x10000;
inline constexpr std::uint32_t outside_route_table = 100;

// The router's end of an ENI's veth: "ge" and 12 hexadecimal digits of a hash of the ENI's id.
std::string link_of(const std::string& eni_id);

}  // namespace gantry::adapter::routernet
