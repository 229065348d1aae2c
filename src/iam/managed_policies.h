#pragma once

#include <span>
#include <string>
#include <string_view>

namespace gantry::iam {

// A policy of AWS itself: it exists in every account from the start and nobody can change it. Documents are
// written here from what AWS documents as the policies' purposes; they are not AWS's text.
struct ManagedPolicy {
    std::string_view name;
    std::string_view path;     // "/", "/service-role/", "/aws-service-role/"
    std::string_view actions;  // separated by blanks, allowed on all resources

    std::string arn() const;
    std::string id() const;
    std::string document() const;
};

// Sorted by name.
std::span<const ManagedPolicy> managed_policies();
// nullptr when there is none.
const ManagedPolicy* find_managed_policy(std::string_view arn);

// 2015-02-06T18:40:00Z, when most of them appeared.
inline constexpr long long kManagedPolicyCreatedMs = 1'423'248'000'000;

}  // namespace gantry::iam
