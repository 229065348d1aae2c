#include <unistd.h>

#include <cinttypes>
#include <cstdio>
#include <iostream>

#include "adapter/containerd/images.h"
#include "commands.h"
#include "run_loop.h"

namespace gantry::app {
namespace {

namespace asio = boost::asio;
namespace containerd = adapter::containerd;

// The images of a running installation; containerd is the server's.
struct Opened {
    asio::io_context context;
    std::shared_ptr<containerd::Client> client;
    std::unique_ptr<containerd::Images> images;
};

Result<std::unique_ptr<Opened>> open(const Installation& installation) {
    TRY(const auto server, read_server_file(installation));
    if (!server_runs(installation)) {
        return trouble(Errc::unavailable, "no server runs with " + installation.data_dir + ": start it with `gantry up`");
    }
    auto opened = std::make_unique<Opened>();
    opened->client = std::make_shared<containerd::Client>(server.containerd_socket, server.containerd_namespace);
    containerd::ImagesConfig config;
    config.registry_config_dir = server.registry_hosts_dir;
    config.registry_login_file = server.registry_login_file;
    opened->images = std::make_unique<containerd::Images>(opened->context.get_executor(), opened->client, config);
    return opened;
}

std::string human_size(std::uint64_t bytes) {
    char text[32];
    std::snprintf(text, sizeof text, "%.1f MB", double(bytes) / 1e6);
    return text;
}

void show_progress(const port::PullProgress& progress) {
    if (::isatty(STDERR_FILENO) == 0) return;
    if (progress.total_bytes > 0) {
        std::fprintf(
            stderr, "\r\033[K%s %s of %s", progress.phase.c_str(), human_size(progress.done_bytes).c_str(),
            human_size(progress.total_bytes).c_str()
        );
    } else {
        std::fprintf(stderr, "\r\033[K%s", progress.phase.c_str());
    }
}

}  // namespace

int run_image_load(const Installation& installation, const std::vector<std::string>& archives) {
    auto opened = open(installation);
    if (!opened) return complain(opened.error());
    for (const auto& archive : archives) {
        auto loaded = run_to_end((*opened)->context, (*opened)->images->load(archive));
        if (!loaded) return complain(loaded.error());
        for (const auto& reference : *loaded) std::printf("loaded %s\n", reference.c_str());
    }
    return 0;
}

int run_image_pull(const Installation& installation, const PullOptions& options) {
    auto opened = open(installation);
    if (!opened) return complain(opened.error());
    port::RegistryAuth auth;
    auth.username = options.username;
    if (!auth.username.empty() && !std::getline(std::cin, auth.password)) {
        return complain({Errc::invalid, {}, "--username needs the password on standard input"});
    }
    auto pulled = run_to_end((*opened)->context, (*opened)->images->pull(options.reference, auth, show_progress));
    if (::isatty(STDERR_FILENO) != 0) std::fputs("\r\033[K", stderr);
    if (!pulled) return complain(pulled.error());
    std::printf("pulled %s %s\n", pulled->reference.c_str(), pulled->digest.c_str());
    return 0;
}

int run_image_list(const Installation& installation) {
    auto opened = open(installation);
    if (!opened) return complain(opened.error());
    const auto images = run_to_end((*opened)->context, (*opened)->images->list());
    if (!images) return complain(images.error());
    for (const auto& image : *images) {
        std::printf("%-60s %.19s %10s\n", image.reference.c_str(), image.digest.c_str(), human_size(image.size_bytes).c_str());
    }
    return 0;
}

int run_image_remove(const Installation& installation, const std::vector<std::string>& references) {
    auto opened = open(installation);
    if (!opened) return complain(opened.error());
    for (const auto& reference : references) {
        // Removing is idempotent for the worker; a person who names what is not there has mistyped.
        if (auto there = run_to_end((*opened)->context, (*opened)->images->get(reference)); !there) {
            if (there.error().errc == Errc::not_found)
                return complain(Error{Errc::not_found, {}, "there is no image " + reference + ": see `gantry image ls`"});
            return complain(there.error());
        }
        if (auto removed = run_to_end((*opened)->context, (*opened)->images->remove(reference)); !removed) {
            return complain(removed.error());
        }
        std::printf("removed %s\n", reference.c_str());
    }
    return 0;
}

}  // namespace gantry::app
