#include "wire/form.h"

#include <algorithm>
#include <charconv>

namespace gantry::wire {

static int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

bool percent_decode(std::string_view text, bool plus_is_space, std::string& out) {
    out.clear();
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '+' && plus_is_space) {
            out += ' ';
        } else if (text[i] != '%') {
            out += text[i];
        } else {
            if (i + 2 >= text.size()) return false;
            const int high = hex_digit(text[i + 1]), low = hex_digit(text[i + 2]);
            if (high < 0 || low < 0) return false;
            out += static_cast<char>(high * 16 + low);
            i += 2;
        }
    }
    return true;
}

std::string percent_encode(std::string_view text, bool keep_slash) {
    static constexpr char kHex[] = "0123456789ABCDEF";
    std::string out;
    out.reserve(text.size());
    for (char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        const bool plain = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
                           c == '-' || c == '.' || c == '_' || c == '~' || (c == '/' && keep_slash);
        if (plain) {
            out += c;
        } else {
            out += {'%', kHex[byte >> 4], kHex[byte & 15]};
        }
    }
    return out;
}

bool is_utf8(std::string_view text) {
    for (std::size_t i = 0; i < text.size();) {
        const auto lead = static_cast<unsigned char>(text[i]);
        if (lead < 0x80) {
            ++i;
            continue;
        }
        const std::size_t length = lead >= 0xc2 && lead < 0xe0   ? 2
                                   : lead >= 0xe0 && lead < 0xf0 ? 3
                                   : lead >= 0xf0 && lead < 0xf5 ? 4
                                                                 : 0;
        if (length == 0 || i + length > text.size()) return false;
        for (std::size_t k = 1; k < length; ++k) {
            if ((static_cast<unsigned char>(text[i + k]) & 0xc0) != 0x80) return false;
        }
        const auto second = static_cast<unsigned char>(text[i + 1]);
        if ((lead == 0xe0 && second < 0xa0) || (lead == 0xed && second >= 0xa0) ||
            (lead == 0xf0 && second < 0x90) || (lead == 0xf4 && second >= 0x90)) {
            return false;
        }
        i += length;
    }
    return true;
}

Result<Form> Form::parse(std::string_view text) {
    Form form;
    while (!text.empty()) {
        const auto end = std::min(text.find('&'), text.size());
        const auto pair = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        if (pair.empty()) continue;
        if (form.parameters_.size() == kMaxParameters)
            return trouble(Errc::invalid, "The request has more than 20000 parameters.");
        const auto equals = std::min(pair.find('='), pair.size());
        Parameter parameter;
        const auto value = pair.substr(std::min(equals + 1, pair.size()));
        if (!percent_decode(pair.substr(0, equals), true, parameter.first) ||
            !percent_decode(value, true, parameter.second)) {
            return trouble(Errc::invalid, "A parameter has a broken percent escape.");
        }
        if (!is_utf8(parameter.first) || !is_utf8(parameter.second))
            return trouble(Errc::invalid, "A parameter is not UTF-8.");
        form.parameters_.push_back(std::move(parameter));
    }
    std::stable_sort(
        form.parameters_.begin(), form.parameters_.end(),
        [](const auto& left, const auto& right) { return left.first < right.first; }
    );
    return form;
}

std::vector<Form::Parameter>::const_iterator Form::lower_bound(std::string_view name) const {
    return std::lower_bound(
        parameters_.begin(), parameters_.end(), name,
        [](const Parameter& one, std::string_view wanted) { return one.first < wanted; }
    );
}

const std::string* Form::find(std::string_view name) const {
    const auto at = lower_bound(name);
    return at != parameters_.end() && at->first == name ? &at->second : nullptr;
}

bool Form::has_prefix(std::string_view name) const {
    if (find(name) != nullptr) return true;
    const std::string dotted = std::string(name) + ".";
    const auto at = lower_bound(dotted);
    return at != parameters_.end() && at->first.starts_with(dotted);
}

tl::expected<std::vector<std::uint32_t>, std::string> Form::indexes(std::string_view prefix) const {
    const std::string dotted = std::string(prefix) + ".";
    std::vector<std::uint32_t> found;
    for (auto at = lower_bound(dotted); at != parameters_.end() && at->first.starts_with(dotted); ++at) {
        const auto rest = std::string_view(at->first).substr(dotted.size());
        std::uint32_t number = 0;
        const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), number);
        const bool whole = end == rest.data() + rest.size() || *end == '.';
        // "01" would be asked for as "1" and not be found.
        if (error != std::errc() || !whole || rest[0] == '0')
            return tl::unexpected(std::string(rest.substr(0, rest.find('.'))));
        if (found.empty() || found.back() != number) found.push_back(number);
    }
    std::sort(found.begin(), found.end());
    found.erase(std::unique(found.begin(), found.end()), found.end());
    return found;
}

}  // namespace gantry::wire
