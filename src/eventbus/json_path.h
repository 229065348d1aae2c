#pragma once

#include <boost/json/value.hpp>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace gantry::eventbus {

// The JSON paths of InputPath and InputPathsMap: "$", "$.detail.state", "$.resources[0]", "$['detail-type']".
// Those that name several places (*, .., slices, filters) are none of EventBridge's.
class JsonPath {
  public:
    static std::optional<JsonPath> parse(std::string_view text);

    // Null: nothing stands there.
    const boost::json::value* find(const boost::json::value& in) const;

  private:
    std::vector<std::variant<std::string, std::size_t>> steps_;
};

}  // namespace gantry::eventbus
