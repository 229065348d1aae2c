#include "ec2/zones.h"

#include <algorithm>
#include <array>

namespace gantry::ec2 {
namespace {

constexpr std::array kRegions = {
    RegionFacts{"af-south-1", "Africa (Cape Town)", true, "afs1", "a1b2c3"},
    RegionFacts{"ap-east-1", "Asia Pacific (Hong Kong)", true, "ape1", "a1b2c3"},
    RegionFacts{"ap-east-2", "Asia Pacific (Taipei)", true, "ape2", "a1b2c3"},
    RegionFacts{"ap-northeast-1", "Asia Pacific (Tokyo)", false, "apne1", "a4c1d2"},
    RegionFacts{"ap-northeast-2", "Asia Pacific (Seoul)", false, "apne2", "a1b2c3d4"},
    RegionFacts{"ap-northeast-3", "Asia Pacific (Osaka)", false, "apne3", "a3b1c2"},
    RegionFacts{"ap-south-1", "Asia Pacific (Mumbai)", false, "aps1", "a1b3c2"},
    RegionFacts{"ap-south-2", "Asia Pacific (Hyderabad)", true, "aps2", "a1b2c3"},
    RegionFacts{"ap-southeast-1", "Asia Pacific (Singapore)", false, "apse1", "a2b1c3"},
    RegionFacts{"ap-southeast-2", "Asia Pacific (Sydney)", false, "apse2", "a3b1c2"},
    RegionFacts{"ap-southeast-3", "Asia Pacific (Jakarta)", true, "apse3", "a1b2c3"},
    RegionFacts{"ap-southeast-4", "Asia Pacific (Melbourne)", true, "apse4", "a1b2c3"},
    RegionFacts{"ap-southeast-5", "Asia Pacific (Malaysia)", true, "apse5", "a1b2c3"},
    RegionFacts{"ap-southeast-7", "Asia Pacific (Thailand)", true, "apse7", "a1b2c3"},
    RegionFacts{"ca-central-1", "Canada (Central)", false, "cac1", "a1b2d4"},
    RegionFacts{"ca-west-1", "Canada West (Calgary)", true, "caw1", "a1b2c3"},
    RegionFacts{"eu-central-1", "Europe (Frankfurt)", false, "euc1", "a2b3c1"},
    RegionFacts{"eu-central-2", "Europe (Zurich)", true, "euc2", "a1b2c3"},
    RegionFacts{"eu-north-1", "Europe (Stockholm)", false, "eun1", "a1b2c3"},
    RegionFacts{"eu-south-1", "Europe (Milan)", true, "eus1", "a1b2c3"},
    RegionFacts{"eu-south-2", "Europe (Spain)", true, "eus2", "a1b2c3"},
    RegionFacts{"eu-west-1", "Europe (Ireland)", false, "euw1", "a1b2c3"},
    RegionFacts{"eu-west-2", "Europe (London)", false, "euw2", "a2b3c1"},
    RegionFacts{"eu-west-3", "Europe (Paris)", false, "euw3", "a1b2c3"},
    RegionFacts{"il-central-1", "Israel (Tel Aviv)", true, "ilc1", "a1b2c3"},
    RegionFacts{"me-central-1", "Middle East (UAE)", true, "mec1", "a1b2c3"},
    RegionFacts{"me-south-1", "Middle East (Bahrain)", true, "mes1", "a1b2c3"},
    RegionFacts{"mx-central-1", "Mexico (Central)", true, "mxc1", "a1b2c3"},
    RegionFacts{"sa-east-1", "South America (Sao Paulo)", false, "sae1", "a1b2c3"},
    RegionFacts{"us-east-1", "US East (N. Virginia)", false, "use1", "a1b2c4d6e3f5"},
    RegionFacts{"us-east-2", "US East (Ohio)", false, "use2", "a1b2c3"},
    RegionFacts{"us-west-1", "US West (N. California)", false, "usw1", "a3c1"},
    RegionFacts{"us-west-2", "US West (Oregon)", false, "usw2", "a2b1c3d4"},
};

}  // namespace

std::span<const RegionFacts> regions() { return kRegions; }

const RegionFacts* find_region(std::string_view name) {
    const auto found = std::find_if(kRegions.begin(), kRegions.end(), [&](const RegionFacts& region) {
        return region.name == name;
    });
    return found == kRegions.end() ? nullptr : &*found;
}

std::vector<Zone> zones_of(std::string_view region) {
    const RegionFacts* facts = find_region(region);
    const std::string_view letters = facts != nullptr ? facts->zones : "a1b2c3";
    const std::string prefix(facts != nullptr ? facts->zone_prefix : region);
    std::vector<Zone> zones;
    for (std::size_t at = 0; at + 1 < letters.size(); at += 2) {
        zones.push_back(
            {std::string(region) + letters[at], prefix + "-az" + letters[at + 1], std::string(region)}
        );
    }
    return zones;
}

}  // namespace gantry::ec2
