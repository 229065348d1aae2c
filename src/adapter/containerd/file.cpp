#include "adapter/containerd/file.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <unistd.h>

namespace gantry::adapter::containerd {

tl::unexpected<Error> system_trouble(const std::string& what, int error_number) {
    auto errc = Errc::unavailable;
    if (error_number == ENOSPC || error_number == EDQUOT || error_number == ENOMEM) errc = Errc::exhausted;
    if (error_number == ENOENT) errc = Errc::not_found;
    if (error_number == EBUSY || error_number == EEXIST || error_number == ENOTEMPTY) errc = Errc::conflict;
    return trouble(errc, what + ": " + std::strerror(error_number));
}

std::optional<std::string> read_file(const std::string& path) {
    int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (fd < 0) return std::nullopt;
    std::string text;
    char buffer[8192];
    ssize_t length = 0;
    while ((length = read(fd, buffer, sizeof buffer)) > 0) text.append(buffer, static_cast<std::size_t>(length));
    close(fd);
    if (length < 0) return std::nullopt;
    return text;
}

static Result<> write_all(const std::string& path, const std::string& text, int flags, bool sync) {
    int fd = open(path.c_str(), flags | O_WRONLY | O_CLOEXEC, 0600);
    if (fd < 0) return system_trouble("opening " + path, errno);
    std::size_t done = 0;
    while (done < text.size()) {
        auto written = write(fd, text.data() + done, text.size() - done);
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) {
            int error = errno;
            close(fd);
            return system_trouble("writing " + path, error);
        }
        done += static_cast<std::size_t>(written);
    }
    if (sync && fsync(fd) != 0) {
        int error = errno;
        close(fd);
        return system_trouble("writing " + path, error);
    }
    close(fd);
    return {};
}

Result<> write_file(const std::string& path, const std::string& text) {
    return write_all(path, text, 0, false);
}

Result<> create_file(const std::string& path, const std::string& text) {
    return write_all(path, text, O_CREAT | O_TRUNC, false);
}

Result<> replace_file(const std::string& path, const std::string& text) {
    auto fresh = path + ".new";
    TRY_VOID(write_all(fresh, text, O_CREAT | O_TRUNC, true));
    if (std::rename(fresh.c_str(), path.c_str()) != 0) return system_trouble("writing " + path, errno);
    return {};
}

Result<> make_directories(const std::string& path) {
    std::error_code error;
    std::filesystem::create_directories(path, error);
    if (error) return system_trouble("making directory " + path, error.value());
    return {};
}

}  // namespace gantry::adapter::containerd
