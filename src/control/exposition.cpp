#include "control/exposition.h"

#include <array>
#include <charconv>
#include <cmath>

namespace gantry::control {
namespace {

bool lower(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }
bool upper(char c) { return c >= 'A' && c <= 'Z'; }

// "HealthyHostCount" → "healthy_host_count", "CPUUtilization" → "cpuutilization"; what a name cannot have is '_'.
std::string snake(const std::string& text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (upper(c)) {
            if (i > 0 && lower(text[i - 1])) out += '_';
            out += static_cast<char>(c + 32);
        } else {
            out += lower(c) ? c : '_';
        }
    }
    return out;
}

std::string small(const std::string& text) {
    std::string out;
    for (const char c : text) out += upper(c) ? static_cast<char>(c + 32) : lower(c) ? c : '_';
    return out;
}

std::string escaped(const std::string& text, bool quotes) {
    std::string out;
    for (const char c : text) {
        if (c == '\\')
            out += "\\\\";
        else if (c == '\n')
            out += "\\n";
        else if (c == '"' && quotes)
            out += "\\\"";
        else
            out += c;
    }
    return out;
}

std::string number(double value) {
    if (std::isnan(value)) return "NaN";
    if (std::isinf(value)) return value > 0 ? "+Inf" : "-Inf";
    std::array<char, 32> buffer;
    const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value).ptr;
    return {buffer.data(), end};
}

}  // namespace

void Exposition::add(
    const std::string& family, const char* type, const std::string& help, const Labels& labels, double value
) {
    auto& known = families_[family];
    if (known.head.empty())
        known.head = "# HELP " + family + " " + escaped(help, false) + "\n# TYPE " + family + " " + type + "\n";
    known.lines += family;
    char before = '{';
    for (const auto& [label, text] : labels) {
        known.lines += before;
        known.lines += label + "=\"" + escaped(text, true) + "\"";
        before = ',';
    }
    if (!labels.empty()) known.lines += '}';
    known.lines += " " + number(value) + "\n";
}

void Exposition::add(const metric::Name& name, const metric::Values& values) {
    if (values.empty()) return;
    Labels labels{{"account", name.account}, {"region", name.region}};
    for (const auto& [dimension, value] : name.dimensions) labels.emplace_back(snake(dimension), value);
    const std::string base = small(name.space) + "_" + snake(name.name) + "_";
    const std::string help = name.space + " " + name.name + " of the last whole minute: ";
    const auto tell = [&](const char* statistic, const char* words, double value) {
        add(base + statistic, "gauge", help + words, labels, value);
    };
    tell("average", "Average", values.average());
    tell("maximum", "Maximum", values.max());
    tell("minimum", "Minimum", values.min());
    tell("sample_count", "SampleCount", values.count());
    tell("sum", "Sum", values.sum());
}

std::string Exposition::text() const {
    std::string out;
    for (const auto& [name, family] : families_) out += family.head + family.lines;
    return out;
}

}  // namespace gantry::control
