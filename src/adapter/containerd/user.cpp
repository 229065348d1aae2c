#include "adapter/containerd/user.h"

#include <algorithm>
#include <charconv>
#include <optional>

namespace gantry::adapter::containerd {

static std::optional<std::uint32_t> number(std::string_view text) {
    std::uint32_t value = 0;
    auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size() || value > 0x7fffffff) return std::nullopt;
    return value;
}

static std::vector<std::string_view> split(std::string_view text, char separator) {
    std::vector<std::string_view> parts;
    while (true) {
        auto end = text.find(separator);
        parts.push_back(text.substr(0, end));
        if (end == std::string_view::npos) return parts;
        text.remove_prefix(end + 1);
    }
}

Result<User> resolve_user(std::string_view text, std::string_view passwd, std::string_view group) {
    auto colon = text.find(':');
    auto who = text.substr(0, colon);
    auto wanted_group = colon == std::string_view::npos ? std::string_view{} : text.substr(colon + 1);
    if (who.empty()) who = "0";

    User user;
    auto uid = number(who);
    bool found = false;
    std::string name;
    for (auto line : split(passwd, '\n')) {
        auto fields = split(line, ':');
        if (fields.size() < 7) continue;
        auto entry_uid = number(fields[2]);
        auto entry_gid = number(fields[3]);
        if (!entry_uid || !entry_gid) continue;
        if (fields[0] != who && !(uid && *entry_uid == *uid)) continue;
        user.uid = *entry_uid;
        user.gid = *entry_gid;
        user.home = fields[5].empty() ? "/" : std::string(fields[5]);
        name = fields[0];
        found = true;
        break;
    }
    if (!found) {
        if (!uid)
            return refuse("CannotCreateContainerError", "unable to find user " + std::string(who) +
                                                            ": no matching entries in passwd file");
        user.uid = *uid;
    }
    auto gid = number(wanted_group);
    bool group_found = wanted_group.empty() || gid;
    if (gid) user.gid = *gid;
    for (auto line : split(group, '\n')) {
        auto fields = split(line, ':');
        if (fields.size() < 4) continue;
        auto entry_gid = number(fields[2]);
        if (!entry_gid) continue;
        if (!wanted_group.empty()) {
            if (fields[0] != wanted_group) continue;
            user.gid = *entry_gid;
            group_found = true;
            break;
        }
        auto members = split(fields[3], ',');
        if (!name.empty() && std::find(members.begin(), members.end(), name) != members.end())
            user.additional_gids.push_back(*entry_gid);
    }
    if (!group_found)
        return refuse("CannotCreateContainerError", "unable to find group " + std::string(wanted_group) +
                                                        ": no matching entries in group file");
    return user;
}

}  // namespace gantry::adapter::containerd
