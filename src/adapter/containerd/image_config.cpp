#include "adapter/containerd/image_config.h"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <cctype>
#include <charconv>
#include <csignal>
#include <openssl/evp.h>
#include <optional>

#include "base/instant.h"

namespace json = boost::json;

namespace gantry::adapter::containerd {

static const json::value* member(const json::object& object, const char* name) {
    auto* value = object.if_contains(name);
    return value && !value->is_null() ? value : nullptr;
}

static std::string text(const json::object& object, const char* name) {
    auto* value = member(object, name);
    return value && value->is_string() ? std::string(value->get_string()) : std::string();
}

static std::vector<std::string> texts(const json::object& object, const char* name) {
    std::vector<std::string> result;
    if (auto* value = member(object, name); value && value->is_array())
        for (const auto& item : value->get_array())
            if (item.is_string()) result.emplace_back(item.get_string());
    return result;
}

static std::vector<std::string> keys(const json::object& object, const char* name) {
    std::vector<std::string> result;
    if (auto* value = member(object, name); value && value->is_object())
        for (const auto& [key, ignored] : value->get_object()) result.emplace_back(key);
    return result;
}

static std::int64_t milliseconds_from_ns(const json::object& object, const char* name) {
    auto* value = member(object, name);
    return value && value->is_int64() ? value->get_int64() / 1'000'000 : 0;
}

static port::ImageHealthCheck health_check(const json::object& object) {
    port::ImageHealthCheck check;
    check.test = texts(object, "Test");
    check.interval_ms = milliseconds_from_ns(object, "Interval");
    check.timeout_ms = milliseconds_from_ns(object, "Timeout");
    check.start_period_ms = milliseconds_from_ns(object, "StartPeriod");
    if (auto* retries = member(object, "Retries"); retries && retries->is_int64())
        check.retries = static_cast<int>(retries->get_int64());
    return check;
}

Result<ImageConfig> parse_image_config(std::string_view bytes) {
    boost::system::error_code error;
    auto root = json::parse(json::string_view(bytes.data(), bytes.size()), error);
    if (error || !root.is_object()) return trouble(Errc::invalid, "the image's configuration is not JSON");
    const auto& image = root.get_object();
    ImageConfig result;
    auto& info = result.info;
    info.architecture = text(image, "architecture");
    if (auto created = text(image, "created"); !created.empty())
        if (auto ms = parse_iso8601(created)) info.created_ms = *ms;
    if (auto* config = member(image, "config"); config && config->is_object()) {
        const auto& object = config->get_object();
        info.entry_point = texts(object, "Entrypoint");
        info.command = texts(object, "Cmd");
        info.env = texts(object, "Env");
        info.user = text(object, "User");
        info.cwd = text(object, "WorkingDir");
        info.stop_signal = text(object, "StopSignal");
        info.exposed_ports = keys(object, "ExposedPorts");
        info.volumes = keys(object, "Volumes");
        if (auto* labels = member(object, "Labels"); labels && labels->is_object())
            for (const auto& [key, value] : labels->get_object())
                if (value.is_string()) info.labels.emplace(key, value.get_string());
        if (auto* check = member(object, "Healthcheck"); check && check->is_object())
            info.health_check = health_check(check->get_object());
    }
    auto* rootfs = member(image, "rootfs");
    if (!rootfs || !rootfs->is_object()) return trouble(Errc::invalid, "the image's configuration has no rootfs");
    result.diff_ids = texts(rootfs->get_object(), "diff_ids");
    return result;
}

static std::string sha256(const std::string& data) {
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned int length = 0;
    EVP_Digest(data.data(), data.size(), digest, &length, EVP_sha256(), nullptr);
    static const char hex[] = "0123456789abcdef";
    std::string result = "sha256:";
    for (unsigned int i = 0; i < length; ++i) {
        result += hex[digest[i] >> 4];
        result += hex[digest[i] & 15];
    }
    return result;
}

std::string chain_id(const std::vector<std::string>& diff_ids) {
    if (diff_ids.empty()) return {};
    auto chain = diff_ids.front();
    for (std::size_t i = 1; i < diff_ids.size(); ++i) chain = sha256(chain + " " + diff_ids[i]);
    return chain;
}

static std::optional<int> whole_number(std::string_view text) {
    int number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return number;
}

// "RTMIN+3", "RTMAX-1"; the kernel's 34 as musl and glibc count it: two below are the libraries' own.
static std::optional<int> real_time_signal(std::string_view name) {
    const bool lowest = name.starts_with("RTMIN");
    if (!lowest && !name.starts_with("RTMAX")) return std::nullopt;
    name.remove_prefix(5);
    const int base = lowest ? 34 : 64;
    if (name.empty()) return base;
    if (name.front() != (lowest ? '+' : '-')) return std::nullopt;
    const auto offset = whole_number(name.substr(1));
    if (!offset || *offset < 0 || *offset > 30) return std::nullopt;
    return lowest ? base + *offset : base - *offset;
}

int signal_number(std::string_view text, int fallback) {
    if (const auto number = whole_number(text)) return *number > 0 && *number < NSIG ? *number : fallback;
    std::string upper(text);
    for (char& c : upper) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    std::string_view name = upper;
    if (name.starts_with("SIG")) name.remove_prefix(3);
    if (name.starts_with("RT")) return real_time_signal(name).value_or(fallback);
    for (int signal = 1; signal < 32; ++signal)
        if (auto* abbreviation = sigabbrev_np(signal); abbreviation && name == abbreviation) return signal;
    return fallback;
}

}  // namespace gantry::adapter::containerd
