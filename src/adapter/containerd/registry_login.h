#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "port/images.h"

namespace gantry::adapter::containerd {

// Logins at registries, in the form of Docker's config.json: {"auths": {"HOST": {"auth": base64("USER:PASSWORD")}}}.
// All of it is pure text to text; an empty text is a file that is not there.

// The login for a registry host ("docker.io", "localhost:5000"); empty where the text has none. Docker's own spellings
// of a host ("https://index.docker.io/v1/") are understood. invalid when the text is not of that form, and where the
// login lies with a credential helper or is an identity token, neither of which is built.
Result<port::RegistryAuth> registry_login(std::string_view text, std::string_view host);

// The text with one login more, or another one for the same host. Everything else in it stays.
Result<std::string> with_registry_login(std::string_view text, std::string_view host, const port::RegistryAuth& login);

// The text without the logins for this host; not_found when it has none.
Result<std::string> without_registry_login(std::string_view text, std::string_view host);

}  // namespace gantry::adapter::containerd
