#include "adapter/routernet/namespace_files.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <fstream>

#include "adapter/routernet/netlink_socket.h"
#include "base/assertion.h"

namespace gantry::adapter::routernet {
namespace {

Result<bool> is_mount_point(const std::string& directory) {
    std::error_code error;
    auto real = std::filesystem::canonical(directory, error);
    if (error) return system_trouble("cannot look at " + directory, error.value());
    std::ifstream mounts("/proc/thread-self/mountinfo");
    for (std::string line; std::getline(mounts, line);) {
        std::size_t at = 0;
        for (int field = 0; field < 4 && at != line.npos; ++field) at = line.find(' ', at + 1);
        if (at == line.npos) continue;
        if (line.substr(at + 1, line.find(' ', at + 1) - at - 1) == real.string()) return true;
    }
    return false;
}

bool is_namespace(int fd) {
    struct statfs info{};
    return ::fstatfs(fd, &info) == 0 && info.f_type == NSFS_MAGIC;
}

}  // namespace

Result<> NamespaceFiles::prepare() {
    std::error_code error;
    std::filesystem::create_directories(directory_, error);
    if (error) return system_trouble("cannot make the folder " + directory_, error.value());
    ::chmod(directory_.c_str(), 0700);
    TRY(bool mounted, is_mount_point(directory_));
    if (mounted) return {};
    if (::mount(directory_.c_str(), directory_.c_str(), "none", MS_BIND, nullptr) != 0) {
        return system_trouble("cannot mount " + directory_ + " (is this root?)", errno);
    }
    if (::mount("none", directory_.c_str(), "none", MS_SHARED, nullptr) != 0) {
        return system_trouble("cannot share the mount " + directory_, errno);
    }
    return {};
}

Result<port::Descriptor> NamespaceFiles::open(const std::string& name) {
    port::Descriptor file(::open(path(name).c_str(), O_RDONLY | O_CLOEXEC));
    if (!file) {
        if (errno == ENOENT) return trouble(Errc::not_found, "no network namespace " + name);
        return system_trouble("cannot open " + path(name), errno);
    }
    if (is_namespace(file.get())) return file;
    ::unlink(path(name).c_str());
    return trouble(Errc::not_found, "no network namespace " + name);
}

Result<port::Descriptor> NamespaceFiles::make(const std::string& name) {
    TRY(auto home, current_namespace());
    {
        port::Descriptor file(::open(path(name).c_str(), O_RDONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
        if (!file && errno == EEXIST) return trouble(Errc::conflict, path(name) + " exists already");
        if (!file) return system_trouble("cannot make " + path(name), errno);
    }
    int error = 0;
    if (::unshare(CLONE_NEWNET) != 0) {
        error = errno;
    } else {
        if (::mount("/proc/thread-self/ns/net", path(name).c_str(), "none", MS_BIND, nullptr) != 0)
            error = errno;
        auto back = enter(home);
        ASSERT(back.has_value(), "the thread must not stay in a task's namespace");
    }
    if (error != 0) {
        ::unlink(path(name).c_str());
        return system_trouble("cannot make a network namespace", error);
    }
    return open(name);
}

Result<> NamespaceFiles::remove(const std::string& name) {
    // More than one mount on it can only come from a crash in the middle of something.
    while (::umount2(path(name).c_str(), MNT_DETACH | UMOUNT_NOFOLLOW) == 0) {
    }
    if (errno != EINVAL && errno != ENOENT) return system_trouble("cannot unmount " + path(name), errno);
    if (::unlink(path(name).c_str()) != 0 && errno != ENOENT) {
        return system_trouble("cannot remove " + path(name), errno);
    }
    return {};
}

Result<std::vector<std::string>> NamespaceFiles::list() {
    std::vector<std::string> names;
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator(directory_, error)) {
        names.push_back(entry.path().filename().string());
    }
    if (error && error != std::errc::no_such_file_or_directory) {
        return system_trouble("cannot list " + directory_, error.value());
    }
    return names;
}

Result<> NamespaceFiles::remove_folder() {
    while (::umount2(directory_.c_str(), MNT_DETACH | UMOUNT_NOFOLLOW) == 0) {
    }
    if (::rmdir(directory_.c_str()) != 0 && errno != ENOENT) {
        return system_trouble("cannot remove " + directory_, errno);
    }
    return {};
}

Result<port::Descriptor> current_namespace() {
    port::Descriptor file(::open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC));
    if (!file) return system_trouble("cannot open the own network namespace", errno);
    return file;
}

Result<> enter(const port::Descriptor& netns) {
    if (::setns(netns.get(), CLONE_NEWNET) != 0) {
        return system_trouble("cannot enter a network namespace (is this root?)", errno);
    }
    return {};
}

Visit::Visit(const port::Descriptor& there, const port::Descriptor& back) : back_(back) {
    ASSERT(enter(there).has_value(), "the namespace to visit was open");
}

Visit::~Visit() { ASSERT(enter(back_).has_value(), "the own namespace was open"); }

Result<> write_sysctl(const std::string& name, const std::string& value) {
    auto path = "/proc/sys/" + name;
    port::Descriptor file(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
    if (!file || ::write(file.get(), value.data(), value.size()) < 0) {
        return system_trouble("cannot write " + path, errno);
    }
    return {};
}

}  // namespace gantry::adapter::routernet
