#include <chrono>
#include <csignal>
#include <filesystem>
#include <unistd.h>

#include "adapter/containerd/blocking.h"
#include "adapter/containerd/call.h"
#include "adapter/containerd/file.h"
#include "adapter/containerd/runtime.h"
#include "adapter/containerd/runtime_process.h"
#include "adapter/containerd/wire.h"

namespace gantry::adapter::containerd {

static std::string now_ms() {
    auto now = std::chrono::system_clock::now().time_since_epoch();
    return std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(now).count());
}

Runtime::Reply<> Runtime::start(std::string id) {
    auto known = co_await record(id);
    if (!known) co_return tl::unexpected(known.error());
    // A create() that died on its way, or a shim that did, leaves a container without a process.
    auto made = co_await process(id);
    if (!made && made.error().errc == Errc::not_found && access(started_file(id).c_str(), F_OK) != 0)
        CO_TRY_VOID(co_await create_process_of(id, *known));
    // Written first: a container that ran must never look as if it had not.
    CO_TRY_VOID(make_directories(config_.data_dir + "/started"));
    if (access(started_file(id).c_str(), F_OK) != 0) CO_TRY_VOID(create_file(started_file(id), now_ms()));
    Result<api::tasks::StartResponse> reply = tl::unexpected(Error{});
    {
        auto pass = co_await starts_.enter();
        if (!pass) co_return tl::unexpected(pass.error());
        api::tasks::StartRequest request;
        request.set_container_id(id);
        reply = co_await CONTAINERD_CALL(*client_, tasks, Start, api::tasks::StartResponse, request, slow);
    }
    if (!reply) {
        auto seen = co_await process(id);
        bool ran = seen && seen->seen.status() != api::TaskStatus::CREATED;
        if (!ran) {
            (void)unlink(started_file(id).c_str());
            if (reply.error().errc == Errc::unknown && reply.error().message.find("OCI runtime start failed") != std::string::npos)
                co_return refuse("CannotStartContainerError", reply.error().message);
            co_return tl::unexpected(reply.error());
        }
        // Started before, by a call whose answer was lost.
    }
    watch(id);
    co_return Result<>{};
}

Runtime::Reply<> Runtime::kill(std::string id, int signal, bool all) {
    auto known = co_await record(id);
    if (!known) co_return tl::unexpected(known.error());
    api::tasks::KillRequest request;
    request.set_container_id(id);
    request.set_signal(static_cast<std::uint32_t>(signal));
    request.set_all(all);
    auto reply = co_await CONTAINERD_CALL(*client_, tasks, Kill, google::protobuf::Empty, request, quick);
    // "process already finished", or no process at all: what was wanted is so.
    if (!reply && reply.error().errc != Errc::not_found) co_return tl::unexpected(reply.error());
    co_return Result<>{};
}

// Kills what still runs and removes containerd's task, shim and cgroup of it.
Runtime::Reply<> Runtime::delete_process(std::string id) {
    for (int attempt = 0;; ++attempt) {
        api::tasks::DeleteTaskRequest request;
        request.set_container_id(id);
        auto reply = co_await CONTAINERD_CALL(*client_, tasks, Delete, api::tasks::DeleteResponse, request, slow);
        if (reply || reply.error().errc == Errc::not_found) co_return Result<>{};
        // "cannot delete a running process" comes as an unknown error.
        if (reply.error().errc == Errc::cancelled || attempt == 3) co_return tl::unexpected(reply.error());
        api::tasks::KillRequest kill;
        kill.set_container_id(id);
        kill.set_signal(SIGKILL);
        kill.set_all(true);
        (void)co_await CONTAINERD_CALL(*client_, tasks, Kill, google::protobuf::Empty, kill, quick);
        api::tasks::WaitRequest wait;
        wait.set_container_id(id);
        auto ended = co_await CONTAINERD_CALL(*client_, tasks, Wait, api::tasks::WaitResponse, wait, quick);
        if (!ended && ended.error().errc != Errc::not_found && ended.error().errc != Errc::unknown)
            co_return tl::unexpected(ended.error());
    }
}

Runtime::Reply<> Runtime::remove(std::string id) {
    auto known = co_await record(id);
    if (!known && known.error().errc == Errc::not_found) co_return Result<>{};
    if (!known) co_return tl::unexpected(known.error());
    if (auto gone = co_await delete_process(id); !gone) co_return gone;
    // The data goes before the record: a crash in between is found again by list().
    auto work = [own = overlay_directory(known->task, id),
                                           stdin_path = config_.run_dir + "/stdin-" + id]() -> Result<> {
        std::error_code error;
        std::filesystem::remove_all(own, error);
        if (error) return system_trouble("removing " + own, error.value());
        (void)unlink(stdin_path.c_str());
        return {};
    };
    auto swept = co_await on_pool(*pool_, std::move(work));
    if (!swept) co_return swept;
    api::containers::DeleteContainerRequest request;
    request.set_id(id);
    auto reply = co_await CONTAINERD_CALL(*client_, containers, Delete, google::protobuf::Empty, request, quick);
    if (!reply && reply.error().errc != Errc::not_found) co_return tl::unexpected(reply.error());
    records_.erase(id);
    (void)unlink(started_file(id).c_str());
    co_return Result<>{};
}

}  // namespace gantry::adapter::containerd
