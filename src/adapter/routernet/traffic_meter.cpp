#include "adapter/routernet/traffic_meter.h"

#include <algorithm>
#include <sstream>
#include <utility>

namespace gantry::adapter::routernet {
namespace {

// "KEY counter packets N bytes N"
void read_element(const std::string& text, PacketCounters& counters) {
    const auto at = text.find(" counter ");
    if (at == text.npos) return;
    const auto begin = text.find_first_not_of(" \t\n");
    std::istringstream words(text.substr(at));
    std::string counter, packets, bytes;
    PacketCounter found;
    if (!(words >> counter >> packets >> found.packets >> bytes >> found.bytes)) return;
    if (packets == "packets" && bytes == "bytes") counters[text.substr(begin, at - begin)] = found;
}

std::uint64_t risen(std::uint64_t before, std::uint64_t now) { return now < before ? now : now - before; }

PacketCounter difference(const PacketCounters& before, const PacketCounters::value_type& now) {
    const auto found = before.find(now.first);
    if (found == before.end()) return now.second;
    if (now.second.packets < found->second.packets) return now.second;
    return {now.second.packets - found->second.packets, risen(found->second.bytes, now.second.bytes)};
}

}  // namespace

PacketCounters set_counters(const std::string& listing) {
    PacketCounters counters;
    const std::string opening = "elements = {";
    auto at = listing.find(opening);
    if (at == listing.npos) return counters;
    at += opening.size();
    const auto end = std::min(listing.find('}', at), listing.size());
    while (at < end) {
        const auto next = std::min(listing.find(',', at), end);
        read_element(listing.substr(at, next - at), counters);
        at = next + 1;
    }
    return counters;
}

std::vector<port::EntranceTraffic> TrafficMeter::read(Reading now) {
    std::map<std::pair<std::string, std::string>, port::EntranceTraffic> all;
    const auto entry = [&](const std::string& element) -> port::EntranceTraffic& {
        const auto split = element.find(" . ");
        const auto address = element.substr(0, split);
        const auto protocol = element.substr(split + 3, element.find(' ', split + 3) - split - 3);
        auto& one = all[{address, protocol}];
        one.address = address;
        one.protocol = protocol;
        return one;
    };
    for (const auto& element : now.bytes) {
        auto& one = entry(element.first);
        if (!any_) continue;
        const auto more = difference(before_.bytes, element);
        one.packets = more.packets;
        one.bytes = more.bytes;
    }
    if (any_) {
        for (const auto& element : now.flows)
            entry(element.first).new_flows += difference(before_.flows, element).packets;
        for (const auto& element : now.target_resets)
            entry(element.first + " . tcp").target_resets = difference(before_.target_resets, element).packets;
        for (const auto& element : now.client_resets)
            entry(element.first + " . tcp").client_resets = difference(before_.client_resets, element).packets;
    }
    before_ = std::move(now);
    any_ = true;
    std::vector<port::EntranceTraffic> out;
    for (auto& [key, one] : all) out.push_back(std::move(one));
    return out;
}

}  // namespace gantry::adapter::routernet
