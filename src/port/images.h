#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"

namespace gantry::port {

struct RegistryAuth {
    std::string username;
    std::string password;
};

// HEALTHCHECK of the image; Docker's word for none is an empty test.
struct ImageHealthCheck {
    std::vector<std::string> test;  // {"CMD", ...} or {"CMD-SHELL", "..."} or {"NONE"}
    std::int64_t interval_ms = 0;   // 0: not said
    std::int64_t timeout_ms = 0;
    std::int64_t start_period_ms = 0;
    int retries = 0;
};

struct ImageInfo {
    std::string reference;         // normalised: "docker.io/library/nginx:latest"
    std::string digest;            // of what the reference points to (manifest or index): "sha256:..."
    std::uint64_t size_bytes = 0;  // config and compressed layers of this machine's platform
    std::int64_t created_ms = 0;   // when the image was built; 0 when not said
    std::string architecture;
    std::vector<std::string> entry_point;
    std::vector<std::string> command;
    std::vector<std::string> env;  // "NAME=value"
    std::string user;
    std::string cwd;
    std::string stop_signal;                 // "SIGQUIT", "3"; empty: SIGTERM
    std::vector<std::string> exposed_ports;  // "80/tcp"
    std::vector<std::string> volumes;
    std::map<std::string, std::string> labels;
    ImageHealthCheck health_check;
};

struct PullProgress {
    std::uint64_t done_bytes = 0;
    std::uint64_t total_bytes = 0;  // 0 while not known
    std::string phase;              // "resolving", "downloading", "unpacking"
};
using OnPullProgress = std::function<void(const PullProgress&)>;

// Images on this machine, unpacked and ready to start. References are normalised as Docker does: "nginx" is
// docker.io/library/nginx:latest. All methods are idempotent.
//
// A pull fails with `refused` and code "CannotPullContainerError" where a retry makes no sense (no such
// repository or tag, no permission, not an image, wrong platform) and with unavailable, timeout or exhausted
// where it may; the message is what ECS shows after "CannotPullContainerError: ".
class Images {
  public:
    template <class T = void>
    using Reply = boost::asio::awaitable<Result<T>>;

    virtual ~Images() = default;

    // Always asks the registry; layers that are here already are not fetched again. Concurrent pulls of the
    // same reference are one pull.
    virtual Reply<ImageInfo> pull(std::string reference, RegistryAuth auth, OnPullProgress progress) = 0;
    virtual Reply<ImageInfo> get(std::string reference) = 0;
    virtual Reply<std::vector<ImageInfo>> list() = 0;
    virtual Reply<> remove(std::string reference) = 0;
    // An archive as `docker save` or an OCI layout tar writes it (may be gzipped); the references that it
    // held.
    virtual Reply<std::vector<std::string>> load(std::string archive_path) = 0;
};

}  // namespace gantry::port
