#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "iam/page.h"

namespace gantry::elbv2 {

// Cuts a list to PageSize entries (400 unless told) after the Marker. Lists are in the order of `name`, except
// that what a client named keeps the client's order: then there is no Marker.
template <class T, class Name>
Result<std::optional<std::string>> cut_page(
    std::vector<T>& list,
    const std::optional<std::string>& marker,
    const std::optional<std::int32_t>& page_size,
    const Name& name
) {
    const std::optional<std::string> after = marker && !marker->empty() ? marker : std::nullopt;
    TRY(auto end, iam::cut_page(list, after, std::optional<std::int32_t>(page_size.value_or(400)), name));
    return end.marker;
}

}  // namespace gantry::elbv2
