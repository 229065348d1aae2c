#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "adapter/routernet/options.h"
#include "base/result.h"
#include "port/network_state.h"

namespace gantry::adapter::routernet {

// The router's nft table as data: what varies with the policy. The chains that never change are in
// fixed_chains().
struct Ruleset {
    struct Set {
        std::string declaration;  // "set"/"map" is `map`
        bool map = false;
        std::map<std::string, std::string> elements;  // key → value; value is empty in a set

        friend bool operator==(const Set&, const Set&) = default;
    };
    std::map<std::string, Set> sets;
    std::map<std::string, std::vector<std::string>> chains;
    // Open connections that AWS would not track are judged again when this changes; 1..65535.
    std::uint16_t generation = 1;

    friend bool operator==(const Ruleset&, const Ruleset&) = default;
};

// A listening socket that tasks may reach.
struct Service {
    std::string address;
    std::string protocol;  // "tcp", "udp"
    std::uint16_t port = 0;

    friend auto operator<=>(const Service&, const Service&) = default;
};

// Pure. `invalid` when an address, CIDR, id, protocol or rule makes no sense, or an ENI names an unknown
// group or VPC. The set `outside_links` (by which links packets go outside) is left empty.
Result<Ruleset> compile(const port::NetworkState& state, const std::vector<Service>& services);

// What stands in the kernel's table by name, whoever made it.
struct TableNames {
    std::set<std::string> chains, sets, maps;

    bool empty() const { return chains.empty() && sets.empty() && maps.empty(); }
};

// From what `nft -t list table` prints.
TableNames table_names(const std::string& listing);

// nft commands, one a line, that make the table from nothing, whatever is there: one transaction. Packets that are
// in the old chains at that moment are lost.
std::string replacement(const Ruleset& now, const Options& options);

// The same for a table that a former process left or somebody changed, and nobody's packet is lost: chains and sets
// stay the same objects with other contents. nft refuses it when one of them is of another kind (another version
// of Gantry made it).
std::string replacement(const Ruleset& now, const Options& options, const TableNames& there);

// nft commands that lead from one to the other; empty when there is nothing to do.
std::string difference(const Ruleset& before, const Ruleset& now);

// Whether something allowed in `before` may not be allowed in `now`, so that the generation has to change.
bool narrows(const Ruleset& before, const Ruleset& now);

}  // namespace gantry::adapter::routernet
