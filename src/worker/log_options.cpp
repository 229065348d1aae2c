#include "worker/log_options.h"

#include <re2/re2.h>

#include <cctype>
#include <charconv>
#include <map>

namespace gantry::worker {
namespace {

tl::unexpected<Error> invalid(std::string message) {
    return refuse("ResourceInitializationError", "failed to validate logger args: " + std::move(message));
}

// "4m", "256k", "1048576" as Docker reads sizes; 0 when it is none.
std::uint64_t parse_size(std::string_view text) {
    std::uint64_t number = 0;
    const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (failed != std::errc{} || number == 0) return 0;
    std::string unit;
    for (const char* c = end; c != text.data() + text.size(); ++c) unit += char(std::tolower(*c));
    if (unit.ends_with('b') && unit.size() > 1) unit.pop_back();
    if (unit.empty() || unit == "b") return number;
    const int shift = unit == "k" ? 10 : unit == "m" ? 20 : unit == "g" ? 30 : -1;
    return shift < 0 || number > (1ull << 32) ? 0 : number << shift;
}

Result<std::shared_ptr<const re2::RE2>> compile(const std::string& pattern, const char* option) {
    auto compiled = std::make_shared<const re2::RE2>(pattern, re2::RE2::Quiet);
    if (!compiled->ok()) {
        return invalid(std::string(option) + " could not parse: '" + pattern + "': " + compiled->error());
    }
    return compiled;
}

}  // namespace

Result<std::string> datetime_pattern(const std::string& format) {
    // The conversions that Docker's documentation lists for awslogs-datetime-format.
    static const std::map<char, std::string> kConversions = {
        {'a', "(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)"},
        {'A', "(?:Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday)"},
        {'b', "(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"},
        {'B', "(?:January|February|March|April|May|June|July|August|September|October|November|December)"},
        {'d', "(?:0[1-9]|[1,2][0-9]|3[0,1])"},
        {'f', "\\d{6}"},
        {'F', "\\d{4}-\\d{2}-\\d{2}"},
        {'H', "(?:[0,1][0-9]|2[0-3])"},
        {'I', "(?:0[1-9]|1[0-2])"},
        {'j', "(?:0[0-9][1-9]|[1,2][0-9][0-9]|3[0-5][0-9]|36[0-6])"},
        {'L', "\\.\\d{3}"},
        {'m', "(?:0[1-9]|1[0-2])"},
        {'M', "[0-5][0-9]"},
        {'p', "[A,P]M"},
        {'S', "[0-5][0-9]"},
        {'T', "\\d{2}:\\d{2}:\\d{2}"},
        {'w', "[0-6]"},
        {'y', "\\d{2}"},
        {'Y', "\\d{4}"},
        {'z', "[+-]\\d{4}"},
        {'Z', "[A-Z]{1,4}T"},
        {'%', "%"},
    };
    std::string pattern;
    for (std::size_t i = 0; i < format.size(); ++i) {
        if (format[i] != '%') {
            pattern += re2::RE2::QuoteMeta(format.substr(i, 1));
            continue;
        }
        const auto found = ++i < format.size() ? kConversions.find(format[i]) : kConversions.end();
        if (found == kConversions.end()) {
            return invalid("awslogs-datetime-format has a conversion that is not known: '" + format + "'");
        }
        pattern += found->second;
    }
    return pattern;
}

Result<LogOptions> parse_log_options(
    const link::LogConfiguration& log,
    const std::string& container,
    const std::string& task,
    const std::string& region
) {
    const auto option = [&](const char* name) -> std::string {
        const auto found = log.options.find(name);
        return found == log.options.end() ? std::string() : found->second;
    };
    LogOptions options;
    options.region = option("awslogs-region").empty() ? region : option("awslogs-region");
    options.group = option("awslogs-group");
    if (options.group.empty()) return invalid("must specify a value for log opt 'awslogs-group'");
    const std::string stream = option("awslogs-stream");
    const std::string prefix = option("awslogs-stream-prefix");
    options.stream = !stream.empty()   ? stream
                     : !prefix.empty() ? prefix + "/" + container + "/" + task
                                       : task;
    const std::string create = option("awslogs-create-group");
    if (!create.empty() && create != "true" && create != "false") {
        return invalid("must specify valid value for log opt 'awslogs-create-group': '" + create + "'");
    }
    options.create_group = create == "true";

    const std::string multiline = option("awslogs-multiline-pattern");
    const std::string datetime = option("awslogs-datetime-format");
    if (!multiline.empty() && !datetime.empty()) {
        return invalid(
            "you cannot configure log opt 'awslogs-datetime-format' and 'awslogs-multiline-pattern' at the "
            "same time"
        );
    }
    if (!multiline.empty()) {
        TRY(options.starts_event, compile(multiline, "awslogs-multiline-pattern"));
    } else if (!datetime.empty()) {
        TRY(const auto pattern, datetime_pattern(datetime));
        TRY(options.starts_event, compile(pattern, "awslogs-datetime-format"));
    }

    const std::string mode = option("mode");
    if (mode == "blocking") {
        options.mode = port::OutputMode::blocking;
    } else if (!mode.empty() && mode != "non-blocking") {
        return invalid("logger: invalid mode '" + mode + "', must be 'blocking' or 'non-blocking'");
    }
    if (const std::string size = option("max-buffer-size"); !size.empty()) {
        options.buffer_bytes = parse_size(size);
        if (options.buffer_bytes == 0)
            return invalid("invalid value for log opt 'max-buffer-size': '" + size + "'");
        if (mode == "blocking") {
            return invalid("logger: max-buffer-size option is only supported with 'mode=non-blocking'");
        }
    }
    return options;
}

}  // namespace gantry::worker
