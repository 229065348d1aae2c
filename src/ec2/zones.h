#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace gantry::ec2 {

// A region of AWS as DescribeRegions shows it, with its availability zones. Which letter stands for which
// zone id differs between AWS accounts; here it is fixed.
struct RegionFacts {
    std::string_view name;         // "ap-northeast-1"
    std::string_view long_name;    // "Asia Pacific (Tokyo)"
    bool opt_in = false;           // AWS asks accounts to opt in first
    std::string_view zone_prefix;  // "apne1"
    std::string_view zones;        // letter and number of the zone id by turns: "a4c1d2"
};

struct Zone {
    std::string name;  // "ap-northeast-1a"
    std::string id;    // "apne1-az4"
    std::string region;
};

// Sorted by name.
std::span<const RegionFacts> regions();
// nullptr for a region that is not AWS's.
const RegionFacts* find_region(std::string_view name);

// In the order of their names. A region that AWS does not have gets three zones a, b and c, so that any name
// a user configures works.
std::vector<Zone> zones_of(std::string_view region);

}  // namespace gantry::ec2
