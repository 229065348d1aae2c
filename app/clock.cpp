#include <boost/json.hpp>
#include <charconv>
#include <cstdio>

#include "admin_client.h"
#include "base/instant.h"
#include "commands.h"

namespace gantry::app {
namespace {

// "90s", "10m", "2h", "1d", "1h30m" in milliseconds; 0 when it is none of these.
std::int64_t parse_duration(std::string_view text) {
    std::int64_t total = 0;
    while (!text.empty()) {
        std::int64_t number = 0;
        const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), number);
        if (failed != std::errc{} || number < 0 || number > 1'000'000'000) return 0;
        text.remove_prefix(end - text.data());
        if (text.starts_with("ms")) {
            total += number;
            text.remove_prefix(2);
            continue;
        }
        const std::int64_t unit = text.empty()          ? 0
                                  : text.front() == 's' ? 1'000
                                  : text.front() == 'm' ? 60'000
                                  : text.front() == 'h' ? 3'600'000
                                  : text.front() == 'd' ? 86'400'000
                                                        : 0;
        if (unit == 0) return 0;
        total += number * unit;
        text.remove_prefix(1);
    }
    return total;
}

void print(const std::string& answer) {
    boost::system::error_code failed;
    const auto json = boost::json::parse(answer, failed);
    if (failed || !json.is_object()) return;
    const auto& object = json.get_object();
    const auto number = [&](const char* name) {
        const auto* found = object.if_contains(name);
        return found != nullptr && found->is_number() ? found->to_number<double>() : 0.0;
    };
    const auto policy = static_cast<std::int64_t>(number("policy_now_ms"));
    const auto real = static_cast<std::int64_t>(number("real_now_ms"));
    std::printf(
        "policy time %s  rate %g  ahead of real time by %.3f s\n", format_iso8601(policy).c_str(),
        number("rate"), double(policy - real) / 1000
    );
}

}  // namespace

int run_clock(const Installation& installation, const std::string& verb, const std::string& argument) {
    boost::json::object body;
    if (verb == "advance") {
        const auto ms = parse_duration(argument);
        if (ms <= 0) {
            return complain(
                {Errc::invalid, {}, "not a duration: '" + argument + "' (90s, 10m, 2h, 1d, 1h30m)"}
            );
        }
        body["advance_ms"] = ms;
    } else if (verb == "rate") {
        char* end = nullptr;
        const double rate = std::strtod(argument.c_str(), &end);
        if (end == argument.c_str() || *end != 0)
            return complain({Errc::invalid, {}, "not a number: " + argument});
        body["rate"] = rate;
    }
    const auto answer =
        body.empty() ? ask_server(installation, "GET", "/_gantry/clock")
                     : ask_server(installation, "POST", "/_gantry/clock", boost::json::serialize(body));
    if (!answer) return complain(answer.error());
    print(*answer);
    return 0;
}

}  // namespace gantry::app
