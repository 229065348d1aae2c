#include "ec2/address_pool.h"

#include <algorithm>

#include "base/assertion.h"

namespace gantry::ec2 {
namespace {

constexpr std::string_view kDigits = "0123456789abcdef";
constexpr std::uint32_t kMask = AddressBlockRecord::kSize - 1;

unsigned digit(const AddressBlockRecord& block, std::uint32_t offset) {
    const auto value = kDigits.find(block.taken[offset / 4]);
    ASSERT(value != std::string_view::npos, "an address block that is no hexadecimal number");
    return static_cast<unsigned>(value);
}

bool is_taken(const AddressBlockRecord& block, std::uint32_t offset) {
    return (digit(block, offset) >> offset % 4 & 1) != 0;
}

void flip(AddressBlockRecord& block, std::uint32_t offset) {
    block.taken[offset / 4] = kDigits[digit(block, offset) ^ 1u << offset % 4];
}

// The next free offset between low and high, starting at the cursor and going round.
std::optional<std::uint32_t> search(const AddressBlockRecord& block, std::uint32_t low, std::uint32_t high) {
    const std::uint32_t room = high - low + 1;
    const std::uint32_t start = low <= block.cursor && block.cursor <= high ? block.cursor - low : 0;
    for (std::uint32_t step = 0; step < room; ++step) {
        const std::uint32_t offset = low + (start + step) % room;
        if (!is_taken(block, offset)) return offset;
    }
    return {};
}

}  // namespace

AddressBlockRecord& AddressPool::block_at(Ipv4 network) {
    const std::string key = format(network);
    const auto known = read_.find(key);
    if (known != read_.end()) return known->second;
    AddressBlockRecord block{key, std::string(AddressBlockRecord::kSize / 4, '0'), 0};
    if (const auto found = view_.get<AddressBlockRecord>(key)) block = *found;
    ASSERT(block.taken.size() == AddressBlockRecord::kSize / 4, "an address block of another size");
    return read_.emplace(key, std::move(block)).first->second;
}

std::optional<Ipv4> AddressPool::take(Ipv4 first, Ipv4 last) {
    if (last < first) return {};
    for (std::uint64_t base = first.bits & ~kMask; base <= last.bits; base += AddressBlockRecord::kSize) {
        auto& block = block_at({static_cast<std::uint32_t>(base)});
        const auto low = static_cast<std::uint32_t>(std::max<std::uint64_t>(base, first.bits) - base);
        const auto high = static_cast<std::uint32_t>(std::min<std::uint64_t>(base + kMask, last.bits) - base);
        const auto offset = search(block, low, high);
        if (!offset) continue;
        flip(block, *offset);
        block.cursor = (*offset + 1) & kMask;
        changed_.insert(block.network);
        return Ipv4{static_cast<std::uint32_t>(base + *offset)};
    }
    return {};
}

bool AddressPool::free(Ipv4 address) {
    auto& block = block_at({address.bits & ~kMask});
    const std::uint32_t offset = address.bits & kMask;
    if (!is_taken(block, offset)) return false;
    flip(block, offset);
    changed_.insert(block.network);
    return true;
}

void AddressPool::write(state::Plan& plan, const std::string& reason) const {
    for (const auto& network : changed_) plan.put(read_.at(network), reason);
}

void AddressPool::write(state::Txn& txn) const {
    for (const auto& network : changed_) txn.put(read_.at(network));
}

}  // namespace gantry::ec2
