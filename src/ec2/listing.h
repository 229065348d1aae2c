#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "ec2/filter.h"
#include "ec2/resource.h"

namespace gantry::ec2 {

// One page of what a Describe operation found, in the order of ids.
template <class R>
struct Listing {
    std::vector<state::Pinned<R>> records;
    std::optional<std::string> next_token;
};

// Where a page starts: tokens are opaque to clients, and hexadecimal here so that they survive any quoting.
std::string encode_token(std::string_view last);
Result<std::string> decode_token(std::string_view token);
// How many a page holds: MaxResults between 5 and 1,000, everything without it.
Result<std::size_t> page_size(const std::optional<std::int32_t>& max_results);

// Cuts a sorted list of things that `name` names.
template <class T, class Name>
Result<std::optional<std::string>> cut_page(
    std::vector<T>& list,
    const std::optional<std::string>& token,
    const std::optional<std::int32_t>& max_results,
    const Name& name
) {
    TRY(const std::size_t most, page_size(max_results));
    if (token && !token->empty()) {
        TRY(const std::string after, decode_token(*token));
        list.erase(list.begin(), std::find_if(list.begin(), list.end(), [&](const T& item) {
                       return name(item) > after;
                   }));
    }
    if (list.size() <= most) return std::optional<std::string>{};
    list.erase(list.begin() + static_cast<std::ptrdiff_t>(most), list.end());
    return std::optional<std::string>{encode_token(name(list.back()))};
}

// The given records that pass the filters, then a page of them. `fields(record, name)` gives FilterValues and
// must bear a record without content: an unknown filter is refused even when nothing is there to filter.
template <class R, class Request, class Fields>
Result<Listing<R>> filter_and_page(
    std::vector<state::Pinned<R>> candidates, const Request& request, const Fields& fields
) {
    const R nothing;
    TRY_VOID(matches_all(request.filters, {}, [&](const std::string& name) { return fields(nothing, name); })
    );
    Listing<R> found;
    for (auto& record : candidates) {
        TRY(const bool good, matches_all(request.filters, record->tags, [&](const std::string& name) {
                return fields(*record, name);
            }));
        if (good) found.records.push_back(std::move(record));
    }
    TRY(found.next_token,
        cut_page(found.records, request.next_token, request.max_results, [](const state::Pinned<R>& record) {
            return record->key();
        }));
    return found;
}

// The caller's records, or those of the given ids, of which each must exist.
template <class R, class Request, class Fields>
Result<Listing<R>> describe(
    const state::View& view,
    const Caller& caller,
    const std::optional<std::vector<std::string>>& ids,
    const Request& request,
    const Fields& fields
) {
    std::vector<state::Pinned<R>> candidates;
    if (ids && !ids->empty()) {
        for (const auto& id : *ids) {
            TRY(auto record, find<R>(view, caller, id));
            candidates.push_back(std::move(record));
        }
    } else {
        candidates = view.list<R>(caller.scope());
    }
    return filter_and_page<R>(std::move(candidates), request, fields);
}

}  // namespace gantry::ec2
