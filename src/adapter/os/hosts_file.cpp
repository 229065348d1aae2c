#include "adapter/os/hosts_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <sstream>

namespace gantry::adapter::os {
namespace {

Result<void> write_to(const std::string& path, const std::string& text, int flags, mode_t mode) {
    const int file = ::open(path.c_str(), O_WRONLY | O_CLOEXEC | flags, mode);
    if (file < 0) return trouble(Errc::unavailable, path + ": " + std::strerror(errno));
    const bool written =
        ::write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size()) && ::fsync(file) == 0;
    ::close(file);
    if (!written) return trouble(Errc::unavailable, path + ": cannot be written");
    return {};
}

}  // namespace

std::string HostsFile::with_block(const std::string& text, const Entries& entries) const {
    const std::string first = "# BEGIN " + owner_ + ": written by gantry, changes here are lost\n";
    const std::string last = "# END " + owner_ + "\n";
    std::string rest = text;
    if (const auto begin = rest.find(first); begin != std::string::npos) {
        const auto end = rest.find(last, begin);
        rest.erase(begin, end == std::string::npos ? std::string::npos : end + last.size() - begin);
    }
    if (entries.empty()) return rest;
    if (!rest.empty() && rest.back() != '\n') rest.push_back('\n');
    rest.append(first);
    for (const auto& [address, name] : entries) rest.append(address).append(" ").append(name).append("\n");
    rest.append(last);
    return rest;
}

Result<void> HostsFile::set(const Entries& entries) {
    std::ifstream file(path_, std::ios::binary);
    if (!file) return trouble(Errc::unavailable, path_ + " cannot be read");
    std::stringstream present;
    present << file.rdbuf();
    const auto wanted = with_block(present.str(), entries);
    if (wanted == present.str()) return {};
    struct stat status{};
    const mode_t mode = ::stat(path_.c_str(), &status) == 0 ? status.st_mode & 0777 : 0644;
    const std::string fresh = path_ + ".gantry";
    if (auto written = write_to(fresh, wanted, O_CREAT | O_TRUNC, mode); written) {
        if (::rename(fresh.c_str(), path_.c_str()) == 0) return {};
        ::unlink(fresh.c_str());
    }
    return write_to(path_, wanted, O_TRUNC, mode);
}

}  // namespace gantry::adapter::os
