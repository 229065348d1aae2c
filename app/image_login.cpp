#include <cstdio>
#include <filesystem>
#include <iostream>

#include "adapter/containerd/file.h"
#include "adapter/containerd/registry_login.h"
#include "commands.h"

namespace gantry::app {
namespace {

namespace containerd = adapter::containerd;

// The file that `gantry image login` may write; one that another tool keeps is left to that tool.
Result<std::string> own_login_file(const Installation& installation) {
    auto own = installation.registry_login_file();
    const auto server = read_server_file(installation);
    if (server && server_runs(installation) && !server->registry_login_file.empty() &&
        server->registry_login_file != std::filesystem::absolute(own).string()) {
        return trouble(
            Errc::conflict,
            "the server runs with --registry-logins " + server->registry_login_file +
                ": log in with the tool that keeps that file"
        );
    }
    return own;
}

Result<> write_logins(const Installation& installation, const std::string& path, const std::string& text) {
    std::error_code code;
    std::filesystem::create_directories(installation.data_dir, code);
    if (code) return trouble(Errc::unavailable, "cannot make " + installation.data_dir + ": " + code.message());
    // It holds passwords; what replace_file() makes is its owner's alone.
    return containerd::replace_file(path, text);
}

Result<> log_in(const Installation& installation, const LoginOptions& options) {
    TRY(const auto path, own_login_file(installation));
    port::RegistryAuth login;
    login.username = options.username;
    if (!std::getline(std::cin, login.password) || login.password.empty()) {
        return trouble(Errc::invalid, "the password is read from standard input, and there was none");
    }
    const auto before = containerd::read_file(path).value_or("");
    auto text = containerd::with_registry_login(before, options.host, login);
    if (!text) return trouble(text.error().errc, path + ": " + text.error().message);
    return write_logins(installation, path, *text);
}

Result<> log_out(const Installation& installation, const std::string& host) {
    TRY(const auto path, own_login_file(installation));
    const auto before = containerd::read_file(path).value_or("");
    TRY(const auto text, containerd::without_registry_login(before, host));
    return write_logins(installation, path, text);
}

}  // namespace

int run_image_login(const Installation& installation, const LoginOptions& options) {
    if (auto done = log_in(installation, options); !done) return complain(done.error());
    std::printf("kept the login of %s for %s\n", options.username.c_str(), options.host.c_str());
    return 0;
}

int run_image_logout(const Installation& installation, const std::string& host) {
    if (auto done = log_out(installation, host); !done) return complain(done.error());
    std::printf("forgot the login for %s\n", host.c_str());
    return 0;
}

}  // namespace gantry::app
