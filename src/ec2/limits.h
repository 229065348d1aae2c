#pragma once

#include <cstddef>

// AWS's default quotas where they shape the data, generous ones where AWS raises them on request.
namespace gantry::ec2 {

inline constexpr std::size_t kVpcsPerRegion = 100;
inline constexpr std::size_t kSubnetsPerVpc = 200;
inline constexpr std::size_t kRouteTablesPerVpc = 200;
inline constexpr std::size_t kRoutesPerTable = 100;
inline constexpr std::size_t kGatewaysPerRegion = 100;
inline constexpr std::size_t kGroupsPerRegion = 2'500;
inline constexpr std::size_t kRulesPerGroup = 60;  // each way
inline constexpr std::size_t kTagsPerResource = 50;

}  // namespace gantry::ec2
