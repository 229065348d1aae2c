#include "adapter/containerd/disk.h"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <filesystem>
#include <linux/loop.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "adapter/containerd/file.h"
#include "base/spawn.h"

namespace gantry::adapter::containerd {

namespace fs = std::filesystem;

namespace {

class Fd {
  public:
    Fd(const std::string& path, int flags, mode_t mode = 0600) : fd_(open(path.c_str(), flags | O_CLOEXEC, mode)) {}
    ~Fd() {
        if (fd_ >= 0) close(fd_);
    }
    Fd(const Fd&) = delete;
    Fd& operator=(const Fd&) = delete;
    operator int() const { return fd_; }

  private:
    int fd_;
};

}  // namespace

static bool is_mount_point(const std::string& path) {
    struct stat here, above;
    return stat(path.c_str(), &here) == 0 && stat((path + "/..").c_str(), &above) == 0 && here.st_dev != above.st_dev;
}

static Result<> run(const std::vector<std::string>& arguments) {
    TRY(const auto child, spawn({arguments, -1, -1, STDERR_FILENO}));
    if (reap(child) != 0) return trouble(Errc::unavailable, arguments[0] + " failed on " + arguments.back());
    return {};
}

Result<std::string> TaskDisks::template_file(std::uint64_t bytes) {
    auto path = directory_ + "/.template-" + std::to_string(bytes) + ".ext4";
    std::error_code ignored;
    if (fs::exists(path, ignored)) return path;
    auto fresh = path + "." + std::to_string(gettid());
    fs::remove(fresh, ignored);
    {
        Fd file(fresh, O_RDWR | O_CREAT | O_TRUNC);
        if (file < 0) return system_trouble("making " + fresh, errno);
        if (ftruncate(file, static_cast<off_t>(bytes)) != 0) return system_trouble("sizing " + fresh, errno);
    }
    // No journal, no zeroed inode tables, no backup superblocks: what is not written costs nothing.
    TRY_VOID(run({"mkfs.ext4", "-q", "-F", "-O", "^has_journal,^resize_inode,sparse_super2", "-E",
                  "lazy_itable_init=1,nodiscard,num_backup_sb=0,packed_meta_blocks=1,root_owner=0:0", "-i", "65536", "-I",
                  "256", "-b", "4096", "-m", "0", fresh}));
    if (rename(fresh.c_str(), path.c_str()) != 0) return system_trouble("making " + path, errno);
    return path;
}

static Result<> copy_sparse(const std::string& from, const std::string& to) {
    Fd source(from, O_RDONLY), target(to, O_RDWR | O_CREAT | O_TRUNC);
    struct stat about;
    if (source < 0 || target < 0 || fstat(source, &about) != 0) return system_trouble("copying to " + to, errno);
    if (ftruncate(target, about.st_size) != 0) return system_trouble("sizing " + to, errno);
    std::vector<char> buffer(64 * 1024);
    off_t position = 0;
    while ((position = lseek(source, position, SEEK_DATA)) >= 0) {
        off_t end = lseek(source, position, SEEK_HOLE);
        while (position < end) {
            auto want = std::min<off_t>(static_cast<off_t>(buffer.size()), end - position);
            auto length = pread(source, buffer.data(), static_cast<std::size_t>(want), position);
            if (length <= 0) return system_trouble("reading " + from, length == 0 ? EIO : errno);
            if (pwrite(target, buffer.data(), static_cast<std::size_t>(length), position) != length)
                return system_trouble("writing " + to, errno ? errno : ENOSPC);
            position += length;
        }
    }
    return {};
}

static Result<> loop_mount(const std::string& image, const std::string& target) {
    Fd control("/dev/loop-control", O_RDWR), file(image, O_RDWR);
    if (control < 0) return system_trouble("opening /dev/loop-control", errno);
    if (file < 0) return system_trouble("opening " + image, errno);
    for (int attempt = 0; attempt < 64; ++attempt) {
        int number = ioctl(control, LOOP_CTL_GET_FREE);
        if (number < 0) return system_trouble("finding a free loop device", errno);
        auto device = "/dev/loop" + std::to_string(number);
        // Where /dev is not kept up by the kernel the node may be missing.
        if (access(device.c_str(), F_OK) != 0)
            (void)mknod(device.c_str(), S_IFBLK | 0660, makedev(7, static_cast<unsigned>(number)));
        Fd loop(device, O_RDWR);
        if (loop < 0) return system_trouble("opening " + device, errno);
        loop_config config{};
        config.fd = static_cast<__u32>(static_cast<int>(file));
        config.block_size = 4096;
        config.info.lo_flags = LO_FLAGS_AUTOCLEAR;
        if (ioctl(loop, LOOP_CONFIGURE, &config) != 0) {
            if (errno == EBUSY) continue;  // someone else was faster
            return system_trouble("attaching " + image + " to " + device, errno);
        }
        if (mount(device.c_str(), target.c_str(), "ext4", MS_NODEV | MS_NOATIME,
                  "noinit_itable,discard,nobarrier,errors=remount-ro") != 0)
            return system_trouble("mounting " + image, errno);
        return {};
    }
    return trouble(Errc::exhausted, "no loop device could be had");
}

Result<> TaskDisks::prepare(const std::string& task, std::uint64_t bytes) {
    auto target = root(task);
    if (is_mount_point(target)) return {};
    TRY_VOID(make_directories(target));
    auto image = image_file(task);
    std::error_code ignored;
    if (!fs::exists(image, ignored)) {
        TRY(auto source, template_file(std::max<std::uint64_t>(bytes, 8 << 20) & ~4095ull));
        TRY_VOID(copy_sparse(source, image + ".new"));
        if (rename((image + ".new").c_str(), image.c_str()) != 0) return system_trouble("making " + image, errno);
    }
    TRY_VOID(loop_mount(image, target));
    for (auto* directory : {"/containers", "/volumes"})
        if (mkdir((target + directory).c_str(), 0711) != 0 && errno != EEXIST)
            return system_trouble("making " + target + directory, errno);
    return {};
}

Result<> TaskDisks::remove(const std::string& task) {
    auto target = root(task);
    if (is_mount_point(target) && umount2(target.c_str(), 0) != 0)
        // A process of someone else's may still stand in it; the data goes when it leaves.
        if (umount2(target.c_str(), MNT_DETACH) != 0) return system_trouble("unmounting " + target, errno);
    std::error_code error;
    fs::remove_all(directory_ + "/" + task, error);
    if (error) return system_trouble("removing the disk of " + task, error.value());
    return {};
}

std::vector<std::string> TaskDisks::tasks() const {
    std::vector<std::string> result;
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(directory_, error))
        if (entry.is_directory(error)) result.push_back(entry.path().filename());
    std::sort(result.begin(), result.end());
    return result;
}

Result<port::StorageUse> TaskDisks::use(const std::string& task) const {
    struct statvfs about;
    if (!is_mount_point(root(task))) return trouble(Errc::not_found, "task " + task + " has no disk");
    if (statvfs(root(task).c_str(), &about) != 0) return system_trouble("asking for the disk of " + task, errno);
    auto total = static_cast<std::uint64_t>(about.f_blocks) * about.f_frsize;
    return port::StorageUse{total - static_cast<std::uint64_t>(about.f_bfree) * about.f_frsize, total};
}

}  // namespace gantry::adapter::containerd
