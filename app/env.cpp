#include <cstdio>

#include "commands.h"
#include "control/api_guard.h"

namespace gantry::app {

int run_env(const Installation& installation, const std::string& region) {
    const auto server = read_server_file(installation);
    if (!server) return complain(server.error());
    const std::string& name = region.empty() ? server->region : region;
    if (!control::looks_like_region(name))
        return complain(Error{Errc::invalid, {}, "--region takes a name like ap-northeast-1, not '" + name + "'"});
    std::printf("export AWS_ENDPOINT_URL='%s'\n", server->endpoint.c_str());
    std::printf("export AWS_REGION='%s'\nexport AWS_DEFAULT_REGION='%s'\n", name.c_str(), name.c_str());
    // Development mode accepts any key; in secured mode this is the owner's.
    const bool secured = !server->access_key.empty();
    std::printf("export AWS_ACCESS_KEY_ID='%s'\n", secured ? server->access_key.c_str() : "gantry");
    std::printf("export AWS_SECRET_ACCESS_KEY='%s'\n", secured ? server->secret.c_str() : "gantry");
    std::puts("unset AWS_SESSION_TOKEN");
    // `logs start-live-tail` would otherwise look for a host named stream-127.0.0.1.
    std::puts("export AWS_DISABLE_HOST_PREFIX_INJECTION='true'");
    return 0;
}

}  // namespace gantry::app
