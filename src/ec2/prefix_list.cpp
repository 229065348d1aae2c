#include "ec2/prefix_list.h"

#include <algorithm>

#include "ec2/listing.h"
#include "ec2/tagging.h"

namespace gantry::ec2 {

using namespace shapes::ec2;
using state::Txn;

std::vector<PrefixListFacts> prefix_lists_of(std::string_view region) {
    const std::string prefix = "com.amazonaws." + std::string(region) + ".";
    // AWS's ids of these lists have eight digits.
    const auto id = [&](int number) { return seeded_id("pl-", "aws", region, number).substr(0, 11); };
    std::vector<PrefixListFacts> lists = {
        {id(1), prefix + "dynamodb", {"52.94.0.0/22", "52.119.224.0/20"}},
        {id(2), prefix + "s3", {"3.5.0.0/19", "16.12.0.0/16", "52.216.0.0/15", "52.219.0.0/20"}},
    };
    std::sort(lists.begin(), lists.end(), [](const auto& a, const auto& b) { return a.id < b.id; });
    return lists;
}

std::optional<PrefixListFacts> find_prefix_list(std::string_view region, std::string_view id) {
    for (auto& list : prefix_lists_of(region)) {
        if (list.id == id) return list;
    }
    return {};
}

namespace {

FilterValues fields(const PrefixListFacts& list, const std::string& name) {
    if (name == "prefix-list-id") return Values{list.id};
    if (name == "prefix-list-name") return Values{list.name};
    if (name == "owner-id") return Values{"AWS"};
    return {};
}

template <class Request>
Result<std::vector<PrefixListFacts>> select(const Request& request, const Caller& caller) {
    auto all = prefix_lists_of(caller.region);
    for (const auto& id : request.prefix_list_ids.value_or(std::vector<std::string>{})) {
        if (!find_prefix_list(caller.region, id))
            return refuse("InvalidPrefixListId.NotFound", "The prefix list ID '" + id + "' does not exist");
    }
    std::vector<PrefixListFacts> chosen;
    for (auto& list : all) {
        TRY(const bool good,
            matches_all(request.filters, {}, [&](const std::string& name) { return fields(list, name); }));
        const auto& ids = request.prefix_list_ids;
        const bool asked = !ids || ids->empty() || std::find(ids->begin(), ids->end(), list.id) != ids->end();
        if (good && asked) chosen.push_back(std::move(list));
    }
    return chosen;
}

}  // namespace

Result<DescribePrefixListsResponse> describe_prefix_lists(
    Txn&, const DescribePrefixListsRequest& request, const Caller& caller
) {
    TRY(auto lists, select(request, caller));
    TRY_VOID(dry_run(request.dry_run));
    DescribePrefixListsResponse response;
    TRY(response.next_token,
        cut_page(lists, request.next_token, request.max_results, [](const auto& list) { return list.id; }));
    response.prefix_lists.emplace();
    for (const auto& list : lists) response.prefix_lists->push_back({list.cidrs, list.id, list.name});
    return response;
}

Result<DescribeManagedPrefixListsResponse> describe_managed_prefix_lists(
    Txn&, const DescribeManagedPrefixListsRequest& request, const Caller& caller
) {
    TRY(auto lists, select(request, caller));
    TRY_VOID(dry_run(request.dry_run));
    DescribeManagedPrefixListsResponse response;
    TRY(response.next_token,
        cut_page(lists, request.next_token, request.max_results, [](const auto& list) { return list.id; }));
    response.prefix_lists.emplace();
    for (const auto& list : lists) {
        ManagedPrefixList out;
        out.prefix_list_id = list.id;
        out.address_family = "IPv4";
        out.state = "create-complete";
        out.prefix_list_arn = arn_of("aws", caller.region, "prefix-list", list.id);
        out.prefix_list_name = list.name;
        out.tags.emplace();
        out.owner_id = "AWS";
        response.prefix_lists->push_back(std::move(out));
    }
    return response;
}

}  // namespace gantry::ec2
