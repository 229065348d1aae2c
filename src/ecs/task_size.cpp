#include "ecs/task_size.h"

#include <charconv>
#include <cmath>

namespace gantry::ecs {
namespace {

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
    while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
    return text;
}

std::string lower(std::string_view text) {
    std::string out(text);
    for (char& c : out) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
    }
    return out;
}

// A number times `scale` for the unit, or as it stands without one. Whole results only.
std::optional<int> parse_amount(std::string_view text, std::string_view unit, double scale) {
    const std::string whole = lower(trimmed(text));
    std::string_view digits = whole;
    double factor = 1;
    if (digits.ends_with(unit)) {
        digits = trimmed(digits.substr(0, digits.size() - unit.size()));
        factor = scale;
    }
    double number = 0;
    const auto [end, failed] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    if (failed != std::errc() || end != digits.data() + digits.size() || digits.empty()) return std::nullopt;
    number *= factor;
    if (!(number >= 1 && number <= 100'000'000) || number != std::floor(number)) return std::nullopt;
    return static_cast<int>(number);
}

bool steps(int value, int from, int to, int step) {
    return value >= from && value <= to && (value - from) % step == 0;
}

}  // namespace

Result<int> parse_task_cpu(std::string_view text) {
    const auto units = parse_amount(text, "vcpu", 1024);
    if (!units) return refuse("ClientException", "Invalid 'cpu' setting for task.");
    return *units;
}

Result<int> parse_task_memory(std::string_view text) {
    const auto mib = parse_amount(text, "gb", 1024);
    if (!mib) return refuse("ClientException", "Invalid 'memory' setting for task.");
    return *mib;
}

bool fargate_size(int cpu_units, int memory_mib) {
    switch (cpu_units) {
        case 256:
            return memory_mib == 512 || memory_mib == 1024 || memory_mib == 2048;
        case 512:
            return steps(memory_mib, 1024, 4096, 1024);
        case 1024:
            return steps(memory_mib, 2048, 8192, 1024);
        case 2048:
            return steps(memory_mib, 4096, 16384, 1024);
        case 4096:
            return steps(memory_mib, 8192, 30720, 1024);
        case 8192:
            return steps(memory_mib, 16384, 61440, 4096);
        case 16384:
            return steps(memory_mib, 32768, 122880, 8192);
        case 32768:
            return memory_mib == 61440 || memory_mib == 122880 || memory_mib == 249856;
        default:
            return false;
    }
}

Error no_fargate_size(int cpu_units, int memory_mib) {
    return Error{
        Errc::refused, "ClientException", "No Fargate configuration exists for given values: " + std::to_string(cpu_units) +
                               " CPU, " + std::to_string(memory_mib) +
                               " memory. See the Amazon ECS documentation for the valid values."
    };
}

Result<void> check_fargate_size(int cpu_units, int memory_mib) {
    if (fargate_size(cpu_units, memory_mib)) return {};
    return tl::unexpected<Error>(no_fargate_size(cpu_units, memory_mib));
}

}  // namespace gantry::ecs
