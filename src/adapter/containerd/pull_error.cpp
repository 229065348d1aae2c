#include "adapter/containerd/pull_error.h"

#include <cmath>
#include <re2/re2.h>
#include <sstream>

namespace gantry::adapter::containerd {

// The last line that ctr prefixes with its name is the failure; logrus lines before it are details.
static std::string failure_in(const std::string& output) {
    std::istringstream lines(output);
    std::string failure, last;
    for (std::string line; std::getline(lines, line);) {
        while (!line.empty() && (line.back() == '\r' || line.back() == ' ')) line.pop_back();
        if (line.starts_with("ctr: ")) failure = line.substr(5);
        if (!line.empty()) last = line;
    }
    return failure.empty() ? last : failure;
}

std::string no_platform_message(const std::string& platform) {
    return "image Manifest does not contain descriptor matching platform '" + platform + "'";
}

Error pull_error(const std::string& reference, const std::string& output, const std::string& platform) {
    auto message = failure_in(output);
    // Fargate's own wording.
    RE2::Replace(&message, R"re(failed to resolve reference "([^"]*)":)re", R"(failed to resolve ref \1:)");
    if (message.find("no match for platform") != std::string::npos)
        return {Errc::refused, "CannotPullContainerError", no_platform_message(platform)};
    if (message.empty()) message = "pulling " + reference + " failed";
    auto has = [&](const char* text) { return message.find(text) != std::string::npos; };
    if (has("no space left on device")) return {Errc::exhausted, {}, message};
    for (auto* final_word : {": not found", "pull access denied", "authorization failed", "401 Unauthorized",
                             "403 Forbidden", "no basic auth credentials", "unsupported",
                             "unrecognized image format", "invalid", "unexpected media type", "x509:", "mismatched",
                             "failed to extract", "unknown image format", "not an image"})
        if (has(final_word)) return {Errc::refused, "CannotPullContainerError", message};
    if (has("i/o timeout") || has("deadline exceeded") || has("Client.Timeout")) return {Errc::timeout, {}, message};
    return {Errc::unavailable, {}, message};
}

static std::uint64_t bytes_of(double number, const std::string& unit) {
    double factor = 1;
    for (std::size_t i = 0; std::string("KMGT")[i] != '\0'; ++i)
        if (!unit.empty() && std::toupper(static_cast<unsigned char>(unit[0])) == "KMGT"[i])
            factor = std::pow(1024.0, static_cast<double>(i + 1));
    return static_cast<std::uint64_t>(number * factor);
}

bool parse_progress(const std::string& raw, ProgressLine& progress) {
    static const RE2 line_form(R"(^(\S+?):\s+(waiting|resolving|resolved|downloading|exists|done|committing)\s*\|)");
    static const RE2 amount(R"(([0-9.]+)\s*([KMGT]?i?)B?\s*/\s*([0-9.]+)\s*([KMGT]?i?)B?)");
    auto line = raw;
    RE2::GlobalReplace(&line, "\x1b\\[[0-9;?]*[A-Za-z]", "");
    progress = {};
    if (!RE2::PartialMatch(line, line_form, &progress.item, &progress.state)) return false;
    double done = 0, total = 0;
    std::string done_unit, total_unit;
    if (RE2::PartialMatch(line, amount, &done, &done_unit, &total, &total_unit)) {
        progress.done_bytes = bytes_of(done, done_unit);
        progress.total_bytes = bytes_of(total, total_unit);
    }
    return true;
}

std::string imported_reference(const std::string& line) {
    std::string reference;
    RE2::PartialMatch(line, R"(^unpacking (\S+) \()", &reference);
    return reference;
}

}  // namespace gantry::adapter::containerd
