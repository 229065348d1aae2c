#include <boost/json/serialize.hpp>
#include <cerrno>
#include <fcntl.h>
#include <filesystem>
#include <github.com/containerd/containerd/runtime/v2/runc/options/oci.pb.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "adapter/containerd/blocking.h"
#include "adapter/containerd/call.h"
#include "adapter/containerd/file.h"
#include "adapter/containerd/image_config.h"
#include "adapter/containerd/oci_spec.h"
#include "adapter/containerd/runtime.h"
#include "adapter/containerd/runtime_process.h"
#include "adapter/containerd/ulimit.h"
#include "adapter/containerd/volume.h"
#include "adapter/containerd/wire.h"

namespace gantry::adapter::containerd {

constexpr const char* snapshotter = "overlayfs";

// The image's layers, topmost first, out of the mounts that a read-only view of them would have.
static std::vector<std::string> lower_of(const google::protobuf::RepeatedPtrField<::containerd::types::Mount>& mounts) {
    std::vector<std::string> result;
    for (const auto& mount : mounts) {
        if (mount.type() == "bind") result.push_back(mount.source());
        for (const auto& option : mount.options()) {
            if (!option.starts_with("lowerdir=")) continue;
            std::string_view rest(option);
            rest.remove_prefix(9);
            while (true) {
                auto end = rest.find(':');
                result.emplace_back(rest.substr(0, end));
                if (end == std::string_view::npos) break;
                rest.remove_prefix(end + 1);
            }
        }
    }
    return result;
}

// One view per stack of layers, shared by all containers of the image: their records refer to it, which keeps the
// layers from being collected while a container has them mounted, also after the image was removed.
Runtime::Reply<std::vector<std::string>> Runtime::lower_directories(std::string view, std::string chain_id) {
    api::snapshots::MountsRequest request;
    request.set_snapshotter(snapshotter);
    request.set_key(view);
    auto reply = co_await CONTAINERD_CALL(*client_, snapshots, Mounts, api::snapshots::MountsResponse, request, quick);
    if (reply) co_return lower_of(reply->mounts());
    if (reply.error().errc != Errc::not_found) co_return tl::unexpected(reply.error());
    api::snapshots::ViewSnapshotRequest make;
    make.set_snapshotter(snapshotter);
    make.set_key(view);
    make.set_parent(chain_id);
    auto made = co_await CONTAINERD_CALL(*client_, snapshots, View, api::snapshots::ViewSnapshotResponse, make, quick);
    if (made) co_return lower_of(made->mounts());
    if (made.error().errc != Errc::conflict) co_return tl::unexpected(made.error());
    auto again = co_await CONTAINERD_CALL(*client_, snapshots, Mounts, api::snapshots::MountsResponse, request, quick);
    if (!again) co_return tl::unexpected(again.error());
    co_return lower_of(again->mounts());
}

// A file of the image by its topmost layer that has it. Links are followed inside the layer only.
static std::string file_of_layers(const std::vector<std::string>& layers, const char* path) {
    for (const auto& layer : layers) {
        int root = open(layer.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC);
        if (root < 0) continue;
        open_how how{};
        how.flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK;
        how.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS;
        int file = static_cast<int>(syscall(SYS_openat2, root, path, &how, sizeof how));
        close(root);
        if (file < 0) continue;
        std::string text(1 << 20, '\0');
        struct stat about;
        ssize_t length = fstat(file, &about) == 0 && S_ISREG(about.st_mode) ? read(file, text.data(), text.size()) : -1;
        close(file);
        if (length < 0) continue;
        text.resize(static_cast<std::size_t>(length));
        return text;
    }
    return {};
}

Runtime::Reply<Runtime::Accounts> Runtime::accounts(std::string chain_id) {
    if (auto known = accounts_.find(chain_id); known != accounts_.end()) co_return known->second;
    auto view = "view-" + chain_id;
    auto layers = co_await lower_directories(view, chain_id);
    if (!layers) co_return tl::unexpected(layers.error());
    auto work = [layers = *layers] {
        return Accounts{file_of_layers(layers, "etc/passwd"), file_of_layers(layers, "etc/group")};
    };
    auto found = co_await on_pool(*pool_, std::move(work));
    co_return accounts_.insert_or_assign(chain_id, std::move(found)).first->second;
}

Runtime::Reply<std::string> Runtime::namespace_of(std::string container, const char* kind) {
    if (container.empty()) co_return std::string();
    auto other = co_await process(container);
    if (!other || other->seen.pid() == 0)
        co_return trouble(Errc::conflict, "container " + container + ", whose namespace is to be shared, does not run");
    co_return "/proc/" + std::to_string(other->seen.pid()) + "/ns/" + kind;
}

static Result<HostFacts::DeviceNode> device_node(const port::Device& device) {
    struct stat about;
    if (stat(device.host_path.c_str(), &about) != 0)
        return refuse("CannotCreateContainerError", "error gathering device information while adding custom device \"" +
                                                        device.host_path + "\": no such file or directory");
    if (!S_ISCHR(about.st_mode) && !S_ISBLK(about.st_mode))
        return refuse("CannotCreateContainerError", device.host_path + " is not a device");
    return HostFacts::DeviceNode{device.container_path.empty() ? device.host_path : device.container_path,
                                 S_ISBLK(about.st_mode) ? 'b' : 'c', major(about.st_rdev), minor(about.st_rdev),
                                 static_cast<std::uint32_t>(about.st_mode & 0777), about.st_uid, about.st_gid,
                                 device.permissions};
}

static Result<> require_buildable(const port::ContainerSpec& spec) {
    TRY_VOID(require_id(spec.id));
    TRY_VOID(require_id(spec.task));
    if (spec.terminal)
        return refuse("CannotCreateContainerError", "pseudoTerminal is not supported by Gantry yet");
    std::size_t size = 0;
    for (const auto& [name, value] : spec.labels) size = std::max(size, name.size() + value.size());
    for (auto* path : {&spec.stdout_path, &spec.stderr_path}) size = std::max(size, path->size());
    if (size > 4000) return trouble(Errc::invalid, "a label of container " + spec.id + " is longer than 4000 bytes");
    return {};
}

static api::containers::Container container_record(const port::ContainerSpec& spec, const port::ImageInfo& image,
                                                   const std::string& view, std::string oci) {
    api::containers::Container container;
    container.set_id(spec.id);
    container.set_image(image.reference);
    container.set_snapshotter(snapshotter);
    container.set_snapshot_key(view);
    container.mutable_runtime()->set_name("io.containerd.runc.v2");
    *container.mutable_spec() = any_json("Spec", std::move(oci));
    auto& labels = *container.mutable_labels();
    labels["gantry.task"] = spec.task;
    if (spec.open_stdin) labels["gantry.stdin"] = "fifo";
    labels["gantry.stdout"] = spec.stdout_path;
    labels["gantry.stderr"] = spec.stderr_path;
    labels["gantry.stop-signal"] = std::to_string(signal_number(image.stop_signal, 15));
    for (const auto& [name, value] : spec.labels) labels["user." + name] = value;
    return container;
}

Runtime::Reply<port::Created> Runtime::create(port::ContainerSpec spec) {
    CO_TRY_VOID(require_buildable(spec));
    // Before containerd is told: what it refuses later leaves a container behind, for the caller to remove.
    if (const auto disk = disks_->use(spec.task); !disk) co_return tl::unexpected(disk.error());
    auto image = co_await images_.unpacked(spec.image);
    if (!image) co_return tl::unexpected(image.error());
    auto users = co_await accounts(image->chain_id);
    if (!users) co_return tl::unexpected(users.error());

    HostFacts facts;
    port::Created created;
    created.stop_signal = signal_number(image->info.stop_signal, 15);
    facts.cgroup_path = cgroups_.path(spec.task, spec.id);
    facts.cgroup_v2 = cgroups_.v2();
    facts.swap_accounting = cgroups_.swap_accounting();
    CO_TRY(facts.user, resolve_user(spec.user.empty() ? image->info.user : spec.user, users->passwd, users->group));
    if (!spec.ulimits.empty()) {
        CO_TRY(auto ceiling, ulimit_ceiling(daemon_pid_()));
        CO_TRY(auto ulimits, clamp_ulimits(spec.ulimits, ceiling));
        facts.ulimits = std::move(ulimits.granted);
        created.clamped = std::move(ulimits.clamped);
    }
    for (const auto& device : spec.devices) {
        CO_TRY(auto node, device_node(device));
        facts.devices.push_back(std::move(node));
    }
    CO_TRY(facts.pid_namespace, co_await namespace_of(spec.pid_namespace_of, "pid"));
    CO_TRY(facts.ipc_namespace, co_await namespace_of(spec.ipc_namespace_of, "ipc"));
    facts.init_path = config_.init_program;
    if (spec.init_process && access(config_.init_program.c_str(), X_OK) != 0)
        co_return refuse("CannotCreateContainerError",
                         "initProcessEnabled needs the program " + config_.init_program + " (Debian: tini)");

    Record record{spec.task, image->info.reference, "view-" + image->chain_id, spec.open_stdin ? "fifo" : "",
                  spec.stdout_path, spec.stderr_path, created.stop_signal, spec.labels};
    auto layers = co_await lower_directories(record.view, image->chain_id);
    if (!layers) co_return tl::unexpected(layers.error());
    auto work = [root = disks_->root(spec.task), run_dir = config_.run_dir, spec,
                                            layers = *layers, volumes = image->info.volumes] {
        return resolve_mounts(root, run_dir, spec, layers, volumes);
    };
    auto mounts = co_await on_pool(*pool_, std::move(work));
    CO_TRY(facts.mounts, std::move(mounts));
    CO_TRY(auto oci, oci_spec(spec, image->info, facts));

    api::containers::CreateContainerRequest request;
    *request.mutable_container() = container_record(spec, image->info, record.view, boost::json::serialize(oci));
    auto made = co_await CONTAINERD_CALL(*client_, containers, Create, api::containers::CreateContainerResponse, request,
                                         quick);
    if (!made && made.error().errc != Errc::conflict) co_return tl::unexpected(made.error());
    if (!made) {
        // An earlier call, perhaps before a crash, came at least this far.
        auto there = co_await process(spec.id);
        if (there) co_return created;
        if (there.error().errc != Errc::not_found) co_return tl::unexpected(there.error());
    }
    records_.insert_or_assign(spec.id, record);
    if (auto done = co_await create_process(spec.id, record, *layers); !done) co_return tl::unexpected(done.error());
    co_return created;
}

// What runc says when the container itself is at fault; everything else is trouble of ours.
static Error blame(Error error) {
    auto runc = error.message.find("OCI runtime create failed");
    if (runc == std::string::npos) runc = error.message.find("runc create failed");
    if (runc == std::string::npos || error.errc == Errc::exhausted) return error;
    auto begin = error.message.find("failed to create");
    auto message = error.message.substr(begin == std::string::npos ? runc : begin);
    return Error{Errc::refused, "CannotStartContainerError", message};
}

static std::string chain_of_view(const std::string& view) { return view.substr(5); }

// The overlay of image layers and the task's disk, the shim and runc's half of the start.
Runtime::Reply<> Runtime::create_process(std::string id, Record record, std::vector<std::string> layers) {
    auto own = overlay_directory(record.task, id);
    auto stdin_path = record.stdin_path.empty() ? "" : config_.run_dir + "/stdin-" + id;
    auto work = [own, stdin_path, disk = disks_->root(record.task)]() -> Result<> {
        struct stat about;
        if (stat((disk + "/containers").c_str(), &about) != 0)
            return trouble(Errc::not_found, "the task of this container was not prepared");
        TRY_VOID(make_directories(own + "/upper"));
        TRY_VOID(make_directories(own + "/work"));
        (void)chmod((own + "/upper").c_str(), 0755);
        // Nobody writes to it, so who reads waits, as at an open but silent terminal.
        if (!stdin_path.empty() && mkfifo(stdin_path.c_str(), 0600) != 0 && errno != EEXIST)
            return system_trouble("making " + stdin_path, errno);
        return {};
    };
    auto prepared = co_await on_pool(*pool_, std::move(work));
    if (!prepared) co_return tl::unexpected(prepared.error());

    api::tasks::CreateTaskRequest request;
    request.set_container_id(id);
    request.set_stdin(stdin_path);
    // The shim copies standard input only beside outputs that it can open: without any it hangs.
    const bool silent = !stdin_path.empty() && record.stdout_path.empty();
    request.set_stdout(silent ? "/dev/null" : record.stdout_path);
    request.set_stderr(silent ? "/dev/null" : record.stderr_path);
    auto* mount = request.add_rootfs();
    mount->set_type("overlay");
    mount->set_source("overlay");
    std::string lower;
    for (const auto& layer : layers) lower += (lower.empty() ? "" : ":") + layer;
    mount->add_options("workdir=" + own + "/work");
    mount->add_options("upperdir=" + own + "/upper");
    mount->add_options("lowerdir=" + lower);

    auto pass = co_await starts_.enter();
    if (!pass) co_return tl::unexpected(pass.error());
    auto reply = co_await CONTAINERD_CALL(*client_, tasks, Create, api::tasks::CreateTaskResponse, request, slow);
    if (reply) co_return Result<>{};
    if (reply.error().errc != Errc::conflict) co_return tl::unexpected(blame(reply.error()));
    auto there = co_await process(id);
    if (there || there.error().errc != Errc::not_found) co_return Result<>{};
    // An earlier call was cut off after its shim came up and before that made the process: containerd knows a task of
    // which the shim knows nothing, and which never comes to be.
    CO_TRY_VOID(co_await delete_process(id));
    auto again = co_await CONTAINERD_CALL(*client_, tasks, Create, api::tasks::CreateTaskResponse, request, slow);
    if (!again) co_return tl::unexpected(blame(again.error()));
    co_return Result<>{};
}

Runtime::Reply<> Runtime::create_process_of(std::string id, Record record) {
    auto layers = co_await lower_directories(record.view, chain_of_view(record.view));
    if (!layers) co_return tl::unexpected(layers.error());
    co_return co_await create_process(id, record, *std::move(layers));
}

Runtime::Reply<> Runtime::reset(std::string id) {
    auto known = co_await record(id);
    if (!known) co_return tl::unexpected(known.error());
    auto seen = co_await process(id);
    if (seen && seen->seen.status() == api::TaskStatus::CREATED) co_return Result<>{};
    if (seen && seen->seen.status() != api::TaskStatus::STOPPED)
        co_return trouble(Errc::conflict, "container " + id + " still runs");
    auto gone = co_await delete_process(id);
    if (!gone) co_return gone;
    (void)unlink(started_file(id).c_str());
    co_return co_await create_process_of(id, *known);
}

}  // namespace gantry::adapter::containerd
