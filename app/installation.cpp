#include "installation.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <boost/describe.hpp>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>
#include <sstream>

#include "base/codec.h"

namespace gantry::app {

BOOST_DESCRIBE_STRUCT(
    ServerFile,
    (),
    (pid, endpoint, region, containerd_socket, containerd_namespace, registry_hosts_dir, registry_login_file, admin_token, access_key, secret)
)
std::string Installation::id() const {
    std::error_code ignored;
    const auto path = std::filesystem::weakly_canonical(data_dir, ignored).string();
    // FNV-1a: stable across builds, unlike std::hash.
    std::uint64_t hash = 0xcbf29ce484222325ULL;
    for (const unsigned char c : path) hash = (hash ^ c) * 0x100000001b3ULL;
    char text[8];
    std::snprintf(text, sizeof text, "%06x", unsigned(hash >> 40));
    return text;
}

Result<ServerFile> read_server_file(const Installation& installation) {
    std::ifstream file(installation.server_file());
    if (!file) return trouble(Errc::not_found, "no server has run with " + installation.data_dir);
    std::ostringstream text;
    text << file.rdbuf();
    return decode_text<ServerFile>(text.str());
}

Result<void> write_server_file(const Installation& installation, const ServerFile& file) {
    const std::string fresh = installation.server_file() + ".new";
    // It may hold the owner's key.
    const int fd = ::open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd >= 0) ::close(fd);
    std::ofstream out(fresh);
    out << encode_text(file) << '\n';
    out.close();
    if (!out || std::rename(fresh.c_str(), installation.server_file().c_str()) != 0) {
        return trouble(
            Errc::unavailable, "cannot write " + installation.server_file() + ": " + std::strerror(errno)
        );
    }
    return {};
}

Result<std::string> keep_metrics_token(const Installation& installation, const std::string& fresh) {
    const auto path = installation.metrics_token_file();
    std::string token;
    if (std::ifstream file(path); file >> token) return token;
    const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    const bool written = fd >= 0 && ::write(fd, fresh.data(), fresh.size()) == static_cast<ssize_t>(fresh.size());
    if (fd >= 0) ::close(fd);
    if (!written) return trouble(Errc::unavailable, "cannot write " + path + ": " + std::strerror(errno));
    return fresh;
}

Result<int> lock_installation(const Installation& installation) {
    const int fd = ::open(installation.lock_file().c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0) {
        return trouble(
            Errc::unavailable, "cannot open " + installation.lock_file() + ": " + std::strerror(errno)
        );
    }
    if (::flock(fd, LOCK_EX | LOCK_NB) != 0) {
        ::close(fd);
        return trouble(Errc::conflict, "another gantry runs with " + installation.data_dir);
    }
    return fd;
}

bool server_runs(const Installation& installation) {
    const int fd = ::open(installation.lock_file().c_str(), O_RDWR | O_CLOEXEC);
    if (fd < 0) return false;
    const bool taken = ::flock(fd, LOCK_EX | LOCK_NB) != 0;
    ::close(fd);
    return taken;
}

}  // namespace gantry::app
