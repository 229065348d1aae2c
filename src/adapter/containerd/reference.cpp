#include "adapter/containerd/reference.h"

#include <algorithm>

namespace gantry::adapter::containerd {

static bool is_lower_alnum(char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}
static bool is_alnum(char c) {
    return is_lower_alnum(c) || (c >= 'A' && c <= 'Z');
}

// Path components are lower-case alphanumerics with single '.', '_', "__" or dashes between them.
static bool valid_component(std::string_view part) {
    if (part.empty() || !is_lower_alnum(part.front()) || !is_lower_alnum(part.back())) return false;
    for (std::size_t i = 0; i < part.size(); ++i) {
        if (is_lower_alnum(part[i])) continue;
        auto end = part.find_first_not_of("._-", i);
        auto separator = part.substr(i, end - i);
        bool dashes = separator.find_first_not_of('-') == std::string_view::npos;
        if (separator.empty()) return false;
        if (!dashes && separator != "." && separator != "_" && separator != "__") return false;
        i = end - 1;
    }
    return true;
}

static bool valid_domain(std::string_view domain) {
    auto host = domain;
    if (host.starts_with('[')) {
        auto close = host.find(']');
        if (close == std::string_view::npos) return false;
        host.remove_prefix(close + 1);
        if (host.empty()) return true;
    } else {
        auto colon = host.find(':');
        auto name = host.substr(0, colon);
        if (name.empty() || !is_alnum(name.front()) || !is_alnum(name.back())) return false;
        if (!std::all_of(name.begin(), name.end(), [](char c) { return is_alnum(c) || c == '-' || c == '.'; }))
            return false;
        if (colon == std::string_view::npos) return true;
        host.remove_prefix(colon);
    }
    return host.size() > 1 && host[0] == ':' &&
           std::all_of(host.begin() + 1, host.end(), [](char c) { return c >= '0' && c <= '9'; });
}

static bool valid_tag(std::string_view tag) {
    auto allowed = [](char c) { return is_alnum(c) || c == '_' || c == '.' || c == '-'; };
    return !tag.empty() && tag.size() <= 128 && tag[0] != '.' && tag[0] != '-' &&
           std::all_of(tag.begin(), tag.end(), allowed);
}

static bool valid_digest(std::string_view digest) {
    auto hex = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); };
    if (digest.starts_with("sha256:")) digest.remove_prefix(7);
    else return false;
    return digest.size() == 64 && std::all_of(digest.begin(), digest.end(), hex);
}

std::string Reference::str() const {
    auto name = domain + "/" + repository;
    return digest.empty() ? name + ":" + tag : name + "@" + digest;
}

Result<Reference> parse_reference(std::string_view text) {
    auto bad = [&] {
        return refuse("CannotPullContainerError", "invalid reference format: \"" + std::string(text.substr(0, 300)) + "\"");
    };
    if (text.empty() || text.size() > 1024) return bad();
    Reference reference;
    auto rest = text;
    if (auto at = rest.find('@'); at != std::string_view::npos) {
        reference.digest = rest.substr(at + 1);
        if (!valid_digest(reference.digest)) return bad();
        rest = rest.substr(0, at);
    }
    auto slash = rest.rfind('/');
    if (auto colon = rest.rfind(':');
        colon != std::string_view::npos && (slash == std::string_view::npos || colon > slash)) {
        reference.tag = rest.substr(colon + 1);
        if (!valid_tag(reference.tag)) return bad();
        rest = rest.substr(0, colon);
    }
    // As Docker: the first part is a host only when it looks like one.
    auto first = rest.find('/');
    auto head = rest.substr(0, first);
    bool has_domain = first != std::string_view::npos &&
                      (head.find_first_of(".:") != std::string_view::npos || head == "localhost" ||
                       std::any_of(head.begin(), head.end(), [](char c) { return c >= 'A' && c <= 'Z'; }));
    if (has_domain) {
        reference.domain = head;
        reference.repository = rest.substr(first + 1);
    } else {
        reference.domain = "docker.io";
        reference.repository = rest;
    }
    if (reference.domain == "index.docker.io") reference.domain = "docker.io";
    if (reference.domain == "docker.io" && reference.repository.find('/') == std::string::npos)
        reference.repository = "library/" + reference.repository;
    if (!valid_domain(reference.domain) || reference.repository.size() > 255) return bad();
    std::string_view path = reference.repository;
    while (true) {
        auto end = path.find('/');
        if (!valid_component(path.substr(0, end))) return bad();
        if (end == std::string_view::npos) break;
        path.remove_prefix(end + 1);
    }
    if (reference.tag.empty() && reference.digest.empty()) reference.tag = "latest";
    return reference;
}

}  // namespace gantry::adapter::containerd
