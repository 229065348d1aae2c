#pragma once

#include <cstddef>

// AWS's default quotas, as DescribeAccountLimits shows them.
namespace gantry::elbv2 {

inline constexpr std::size_t kBalancersOfAType = 50;
inline constexpr std::size_t kGroups = 3000;
inline constexpr std::size_t kListenersPerBalancer = 50;
inline constexpr std::size_t kRulesPerBalancer = 100;
inline constexpr std::size_t kTargetsPerGroup = 1000;
inline constexpr std::size_t kGroupsPerAction = 5;
inline constexpr std::size_t kGroupsPerBalancer = 100;
inline constexpr std::size_t kCertificatesPerBalancer = 25;
inline constexpr std::size_t kSecurityGroupsPerBalancer = 5;
inline constexpr std::size_t kConditionValuesPerRule = 5;
inline constexpr std::size_t kConditionWildcardsPerRule = 5;
inline constexpr std::size_t kTagsPerResource = 50;
inline constexpr std::size_t kResourcesPerTagCall = 20;

}  // namespace gantry::elbv2
