#include "codedeploy/app_spec.h"

#include <algorithm>
#include <array>
#include <boost/json.hpp>

#include "codedeploy/yaml.h"

namespace gantry::codedeploy {

namespace json = boost::json;

namespace {

constexpr std::array<std::string_view, 5> kHookEvents{
    "BeforeInstall", "AfterInstall", "AfterAllowTestTraffic", "BeforeAllowTraffic", "AfterAllowTraffic"
};

tl::unexpected<Error> invalid(std::string why) {
    return refuse("InvalidRevisionException", "The AppSpec file is not valid: " + std::move(why));
}

bool same(std::string_view a, std::string_view b) {
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [&](char x, char y) {
        return lower(x) == lower(y);
    });
}

// Null: not there.
const json::value* member(const json::object& object, std::string_view name) {
    for (const auto& entry : object) {
        if (same(std::string_view(entry.key()), name)) return &entry.value();
    }
    return nullptr;
}

Result<std::string> text_of(const json::object& object, std::string_view name) {
    const auto* value = member(object, name);
    if (value == nullptr || value->is_null()) return std::string();
    // A version like 1.4 is a number to YAML's readers.
    if (value->is_int64()) return std::to_string(value->get_int64());
    if (!value->is_string()) return invalid(std::string(name) + " must be a text.");
    return json::value_to<std::string>(*value);
}

Result<int> number_of(const json::object& object, std::string_view name, int least, int most) {
    const auto* value = member(object, name);
    if (value != nullptr && value->is_int64() && value->get_int64() >= least && value->get_int64() <= most)
        return static_cast<int>(value->get_int64());
    return invalid(
        std::string(name) + " must be a number between " + std::to_string(least) + " and " +
        std::to_string(most) + "."
    );
}

Result<std::vector<std::string>> texts_of(const json::object& object, std::string_view name) {
    std::vector<std::string> texts;
    const auto* value = member(object, name);
    if (value == nullptr || value->is_null()) return texts;
    if (!value->is_array()) return invalid(std::string(name) + " must be a list.");
    for (const auto& entry : value->get_array()) {
        if (!entry.is_string()) return invalid(std::string(name) + " must be a list of texts.");
        texts.push_back(json::value_to<std::string>(entry));
    }
    return texts;
}

// Null: not there, or empty.
Result<const json::object*> map_of(const json::object& object, std::string_view name) {
    const auto* value = member(object, name);
    if (value == nullptr || value->is_null()) return nullptr;
    if (!value->is_object()) return invalid(std::string(name) + " must be a map.");
    return &value->get_object();
}

bool is_version_0(const json::value* version) {
    if (version == nullptr) return false;
    if (version->is_string()) return version->get_string() == "0.0";
    return version->is_number() && version->to_number<double>() == 0;
}

Result<> read_network(const json::object& properties, AppSpec& spec) {
    TRY(const auto* network, map_of(properties, "NetworkConfiguration"));
    if (network == nullptr) return {};
    TRY(const auto* awsvpc, map_of(*network, "AwsvpcConfiguration"));
    if (awsvpc == nullptr) return invalid("NetworkConfiguration must have an AwsvpcConfiguration.");
    shapes::ecs::AwsVpcConfiguration configuration;
    TRY(configuration.subnets, texts_of(*awsvpc, "Subnets"));
    TRY(configuration.security_groups, texts_of(*awsvpc, "SecurityGroups"));
    TRY(const auto address, text_of(*awsvpc, "AssignPublicIp"));
    if (configuration.subnets.empty()) return invalid("AwsvpcConfiguration must have Subnets.");
    if (!address.empty() && address != "ENABLED" && address != "DISABLED")
        return invalid("AssignPublicIp must be ENABLED or DISABLED.");
    if (!address.empty()) configuration.assign_public_ip = address;
    spec.network.emplace().awsvpc_configuration = std::move(configuration);
    return {};
}

Result<> read_strategy(const json::object& properties, AppSpec& spec) {
    const auto* strategy = member(properties, "CapacityProviderStrategy");
    if (strategy == nullptr || strategy->is_null()) return {};
    if (!strategy->is_array()) return invalid("CapacityProviderStrategy must be a list.");
    for (const auto& entry : strategy->get_array()) {
        if (!entry.is_object()) return invalid("CapacityProviderStrategy must be a list of maps.");
        const auto& map = entry.get_object();
        shapes::ecs::CapacityProviderStrategyItem item;
        TRY(item.capacity_provider, text_of(map, "CapacityProvider"));
        if (item.capacity_provider.empty())
            return invalid("An entry of CapacityProviderStrategy must have a CapacityProvider.");
        if (member(map, "Base") != nullptr) {
            TRY(item.base, number_of(map, "Base", 0, 100'000));
        }
        if (member(map, "Weight") != nullptr) {
            TRY(item.weight, number_of(map, "Weight", 0, 1'000));
        }
        spec.strategy.push_back(std::move(item));
    }
    return {};
}

Result<> read_service(const json::object& resource, AppSpec& spec) {
    TRY(const auto type, text_of(resource, "Type"));
    if (type != "AWS::ECS::Service")
        return invalid("The Type of the resource must be AWS::ECS::Service, not '" + type + "'.");
    TRY(const auto* properties, map_of(resource, "Properties"));
    if (properties == nullptr) return invalid("The resource must have Properties.");
    TRY(spec.task_definition, text_of(*properties, "TaskDefinition"));
    if (spec.task_definition.empty()) return invalid("Properties must have a TaskDefinition.");
    TRY(const auto* balancer, map_of(*properties, "LoadBalancerInfo"));
    if (balancer == nullptr) return invalid("Properties must have a LoadBalancerInfo.");
    TRY(spec.container, text_of(*balancer, "ContainerName"));
    if (spec.container.empty()) return invalid("LoadBalancerInfo must have a ContainerName.");
    TRY(spec.port, number_of(*balancer, "ContainerPort", 1, 65'535));
    TRY(spec.platform_version, text_of(*properties, "PlatformVersion"));
    TRY_VOID(read_network(*properties, spec));
    return read_strategy(*properties, spec);
}

Result<> read_hook(const json::object& entry, AppSpec& spec) {
    for (const auto& hook : entry) {
        const std::string_view key = hook.key();
        const auto event = std::find_if(kHookEvents.begin(), kHookEvents.end(), [&](std::string_view name) {
            return same(name, key);
        });
        if (event == kHookEvents.end())
            return invalid("There is no lifecycle event '" + std::string(key) + "' that a hook can run at.");
        if (!hook.value().is_string() || hook.value().get_string().empty())
            return invalid("The hook " + std::string(*event) + " must name a function.");
        std::string function = json::value_to<std::string>(hook.value());
        // arn:aws:lambda:REGION:ACCOUNT:function:NAME
        if (function.starts_with("arn:")) {
            const auto at = function.find(":function:");
            if (at == std::string::npos)
                return invalid("The hook " + std::string(*event) + " must name a function.");
            function = function.substr(at + 10);
            function = function.substr(0, function.find(':'));
        }
        if (!spec.hooks.emplace(*event, std::move(function)).second)
            return invalid("The hook " + std::string(*event) + " is there twice.");
    }
    return {};
}

Result<json::value> parse(std::string_view content) {
    const auto first = content.find_first_not_of(" \t\r\n");
    if (first == std::string_view::npos) return invalid("it is empty.");
    if (content.size() > kAppSpecMax)
        return invalid("it is larger than " + std::to_string(kAppSpecMax) + " bytes.");
    if (content[first] == '{') {
        boost::system::error_code code;
        auto value = json::parse(json::string_view(content), code);
        if (!code) return value;
    }
    return parse_yaml(content);
}

}  // namespace

Result<AppSpec> parse_app_spec(std::string_view content) {
    TRY(const auto document, parse(content));
    if (!document.is_object()) return invalid("it must be a map with version and Resources.");
    const auto& root = document.get_object();
    if (!is_version_0(member(root, "version"))) return invalid("its version must be 0.0.");
    const auto* resources = member(root, "Resources");
    if (resources == nullptr || !resources->is_array() || resources->get_array().size() != 1 ||
        !resources->get_array().front().is_object() || resources->get_array().front().get_object().size() != 1) {
        return invalid("Resources must be a list of exactly one service.");
    }
    const auto& resource = resources->get_array().front().get_object().begin()->value();
    if (!resource.is_object()) return invalid("The resource must have a Type and Properties.");
    AppSpec spec;
    TRY_VOID(read_service(resource.get_object(), spec));
    const auto* hooks = member(root, "Hooks");
    if (hooks == nullptr || hooks->is_null()) return spec;
    if (!hooks->is_array()) return invalid("Hooks must be a list.");
    for (const auto& entry : hooks->get_array()) {
        if (!entry.is_object()) return invalid("Hooks must be a list of maps.");
        TRY_VOID(read_hook(entry.get_object(), spec));
    }
    return spec;
}

}  // namespace gantry::codedeploy
