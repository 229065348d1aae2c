#pragma once

#include <boost/describe.hpp>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "ec2/address.h"
#include "state/schema.h"
#include "state/txn.h"

namespace gantry::ec2 {

// Which of 1,024 neighbouring addresses are taken. Blocks belong to the installation, not to a VPC: every
// region and account has a default VPC 172.31.0.0/16, and an address is live only once per installation.
struct AddressBlockRecord {
    static constexpr state::TableInfo kTable{"ec2.address_block", 1};
    static constexpr std::uint32_t kSize = 1024;

    std::string network;  // "172.31.0.0": the first address
    // 256 hexadecimal digits; the lowest address is the lowest bit of the first digit.
    std::string taken;
    // Where the last search ended: a released address rests until the search comes round again.
    std::uint32_t cursor = 0;

    std::string key() const { return network; }
};
BOOST_DESCRIBE_STRUCT(AddressBlockRecord, (), (network, taken, cursor))

// Public addresses come from 198.18.0.0/15. RFC 2544 gives that range to benchmarks inside one network, so no
// public host and hardly any LAN has it, and unlike 100.64.0.0/10 carriers and overlay networks do not use
// it.
inline constexpr Cidr kPublicAddresses{{0xc6120000u}, 15};

// Takes and frees addresses over a view. What it did so far it remembers, so that one plan may take several;
// it becomes true when the blocks are written with the records that hold the addresses, in the same plan or
// transaction.
class AddressPool {
  public:
    explicit AddressPool(const state::View& view) : view_(view) {}

    // A free address between first and last, both included; absent when all are in use. Looks at no more than
    // one block per 1,024 addresses of the range, whatever the number of addresses in use.
    std::optional<Ipv4> take(Ipv4 first, Ipv4 last);
    // False when the address was free already.
    bool free(Ipv4 address);

    void write(state::Plan& plan, const std::string& reason) const;
    void write(state::Txn& txn) const;

  private:
    AddressBlockRecord& block_at(Ipv4 network);

    state::View view_;
    std::map<std::string, AddressBlockRecord> read_;
    std::set<std::string> changed_;
};

}  // namespace gantry::ec2
