#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace gantry::adapter::containerd {

struct User {
    std::uint32_t uid = 0;
    std::uint32_t gid = 0;
    std::vector<std::uint32_t> additional_gids;
    std::string home = "/";

    friend bool operator==(const User&, const User&) = default;
};

// "uid", "name", "uid:gid", "name:group" looked up in the image's /etc/passwd and /etc/group (their contents, empty
// when the image has none). Numbers need no entry. refused with CannotCreateContainerError for unknown names.
Result<User> resolve_user(std::string_view text, std::string_view passwd, std::string_view group);

}  // namespace gantry::adapter::containerd
