#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gantry::ec2 {

// AWS's own lists of address blocks of a region: those of its gateway endpoints.
struct PrefixListFacts {
    std::string id;    // "pl-…"
    std::string name;  // "com.amazonaws.ap-northeast-1.s3"
    std::vector<std::string> cidrs;
};

std::vector<PrefixListFacts> prefix_lists_of(std::string_view region);
std::optional<PrefixListFacts> find_prefix_list(std::string_view region, std::string_view id);

}  // namespace gantry::ec2
