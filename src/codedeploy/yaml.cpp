#include "codedeploy/yaml.h"

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <boost/json.hpp>
#include <charconv>

namespace gantry::codedeploy {

namespace json = boost::json;

namespace {

constexpr int kNodes = 10'000;
constexpr int kDepth = 32;

struct TooLarge {};

json::value scalar(const YAML::Node& node) {
    const std::string& text = node.Scalar();
    std::int64_t number = 0;
    const char* end = text.data() + text.size();
    const auto read = std::from_chars(text.data(), end, number);
    // "!" is the tag of what stands in quotes.
    if (node.Tag() != "!" && read.ec == std::errc() && read.ptr == end) return number;
    return json::string(text);
}

json::value convert(const YAML::Node& node, int depth, int& left) {
    if (depth > kDepth || --left < 0) throw TooLarge();
    switch (node.Type()) {
        case YAML::NodeType::Scalar:
            return scalar(node);
        case YAML::NodeType::Sequence: {
            json::array list;
            for (const auto& entry : node) list.push_back(convert(entry, depth + 1, left));
            return list;
        }
        case YAML::NodeType::Map: {
            json::object map;
            for (const auto& entry : node) {
                // A key that is no scalar names nothing that anybody asks for.
                if (entry.first.IsScalar()) map[entry.first.Scalar()] = convert(entry.second, depth + 1, left);
            }
            return map;
        }
        default:
            return nullptr;
    }
}

}  // namespace

Result<json::value> parse_yaml(std::string_view text) {
    const auto invalid = [](std::string why) {
        return refuse("InvalidRevisionException", "The AppSpec file is not valid YAML: " + std::move(why));
    };
    try {
        int left = kNodes;
        return convert(YAML::Load(std::string(text)), 0, left);
    } catch (const TooLarge&) {
        return invalid("it is too large or too deep.");
    } catch (const YAML::Exception& error) {
        return invalid(error.what());
    }
}

}  // namespace gantry::codedeploy
