#include "adapter/containerd/volume.h"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <filesystem>
#include <linux/openat2.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "adapter/containerd/file.h"
#include "adapter/containerd/wire.h"
#include "base/spawn.h"

namespace gantry::adapter::containerd {

namespace fs = std::filesystem;

static bool same_place(std::string a, std::string b) {
    while (a.size() > 1 && a.back() == '/') a.pop_back();
    while (b.size() > 1 && b.back() == '/') b.pop_back();
    return a == b;
}

// Copies what the image has at the target into the directory.
static Result<> fill(const std::string& fresh, const std::string& run_dir, const std::string& id,
                     const std::vector<std::string>& layers, const std::string& target) {
    auto view = run_dir + "/view-" + id;
    TRY_VOID(make_directories(view));
    std::string lower;
    for (const auto& layer : layers) lower += (lower.empty() ? "" : ":") + layer;
    int failure = layers.size() > 1
                      ? mount("overlay", view.c_str(), "overlay", MS_RDONLY, ("lowerdir=" + lower).c_str())
                      : mount(lower.c_str(), view.c_str(), nullptr, MS_BIND, nullptr);
    if (failure != 0) return system_trouble("looking into the image for " + target, errno);
    // The path is the image's own; its links must not lead out of it.
    int root = open(view.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC);
    open_how how{};
    how.flags = O_PATH | O_DIRECTORY | O_CLOEXEC;
    how.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS;
    int source = static_cast<int>(syscall(SYS_openat2, root, target.c_str(), &how, sizeof how));
    Result<> result;
    if (source >= 0) {
        struct stat about;
        if (fstat(source, &about) == 0) {
            (void)chmod(fresh.c_str(), about.st_mode & 07777);
            (void)chown(fresh.c_str(), about.st_uid, about.st_gid);
        }
        // The folder is the program's standard input: it inherits nothing else.
        auto child = spawn({{"cp", "-a", "/proc/self/fd/0/.", fresh + "/"}, source, -1, STDERR_FILENO});
        if (!child) {
            result = tl::unexpected<Error>(child.error());
        } else if (reap(*child) != 0) {
            result = trouble(Errc::exhausted, "the image's files at " + target + " do not fit into the volume");
        }
        close(source);
    }
    close(root);
    if (umount2(view.c_str(), MNT_DETACH) == 0) (void)rmdir(view.c_str());
    return result;
}

// Another container has it mounted already, perhaps since before: as with Docker's, it gets the image's files while it is
// still empty. The mark stays while that is under way, so that a start that was cut off is done again.
static Result<> fill_if_empty(const std::string& path, const std::string& mark, const std::string& run_dir,
                              const std::string& id, const std::vector<std::string>& layers, const std::string& target) {
    std::error_code error;
    if (!fs::exists(mark, error) && !fs::is_empty(path, error)) return {};
    TRY_VOID(create_file(mark, ""));
    TRY_VOID(fill(path, run_dir, id, layers, target));
    (void)unlink(mark.c_str());
    return {};
}

// The directory appears under its name only when it is complete.
static Result<std::string> volume_directory(const std::string& disk_root, const std::string& run_dir,
                                            const port::ContainerSpec& spec, const port::Mount& mount,
                                            const std::vector<std::string>& layers, bool from_image) {
    if (mount.source.empty() || mount.source.size() > 255 || mount.source.find('/') != std::string::npos ||
        mount.source[0] == '.')
        return trouble(Errc::invalid, "not a usable volume name: \"" + mount.source.substr(0, 300) + "\"");
    auto path = disk_root + "/volumes/" + mount.source;
    std::error_code error;
    if (fs::exists(path, error)) {
        auto mark = disk_root + "/volumes/.filling-" + mount.source;
        if (from_image) TRY_VOID(fill_if_empty(path, mark, run_dir, spec.id, layers, mount.target));
        return path;
    }
    auto fresh = disk_root + "/volumes/.new-" + spec.id + "-" + mount.source;
    fs::remove_all(fresh, error);
    if (mkdir(fresh.c_str(), 0755) != 0) return system_trouble("making volume " + mount.source, errno);
    if (from_image) TRY_VOID(fill(fresh, run_dir, spec.id, layers, mount.target));
    if (rename(fresh.c_str(), path.c_str()) != 0 && errno != EEXIST && errno != ENOTEMPTY)
        return system_trouble("making volume " + mount.source, errno);
    return path;
}

Result<std::vector<port::Mount>> resolve_mounts(const std::string& disk_root, const std::string& run_dir,
                                                const port::ContainerSpec& spec,
                                                const std::vector<std::string>& layers,
                                                const std::vector<std::string>& image_volumes) {
    std::vector<port::Mount> result;
    for (const auto& wanted : spec.mounts) {
        auto mount = wanted;
        if (!mount.target.starts_with('/'))
            return refuse("CannotCreateContainerError",
                          "invalid mount config: the container path \"" + mount.target + "\" is not absolute");
        if (mount.kind == port::Mount::Kind::volume) {
            bool declared = std::any_of(image_volumes.begin(), image_volumes.end(),
                                        [&](auto& place) { return same_place(place, mount.target); });
            TRY(mount.source, volume_directory(disk_root, run_dir, spec, mount, layers, declared));
            mount.kind = port::Mount::Kind::bind;
        }
        result.push_back(std::move(mount));
    }
    // VOLUME paths without a mount are anonymous volumes in Docker. The writable layer has the same life and the same
    // disk, so only below a read-only root they have to be apart.
    if (!spec.read_only_rootfs) return result;
    for (std::size_t i = 0; i < image_volumes.size(); ++i) {
        const auto& place = image_volumes[i];
        const bool taken = std::any_of(result.begin(), result.end(),
                                       [&](auto& mount) { return same_place(mount.target, place); });
        if (taken || !place.starts_with('/') || same_place(place, "/")) continue;
        port::Mount mount{port::Mount::Kind::volume, "image-" + spec.id + "-" + std::to_string(i), place, false, {}};
        TRY(mount.source, volume_directory(disk_root, run_dir, spec, mount, layers, true));
        mount.kind = port::Mount::Kind::bind;
        result.push_back(std::move(mount));
    }
    return result;
}

}  // namespace gantry::adapter::containerd
