// The baseline of bench/run.py: how fast this machine's containerd creates and starts a bare container, asked
// by its own API with nothing of Gantry between. Prints {"median_ms": …, "per_second": …} (one by one; four
// in flight).
//   container_start_bench DATA_DIR [CONTAINER]   of a running server that has busybox:latest
// With the id of a container of that server, what is started has that container's specification (its network
// namespace too): the same container, started by nothing but containerd.
//   container_start_bench DATA_DIR CONTAINER exec   runs `true` in it 50 times, one by one
#include <algorithm>
#include <atomic>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>
#include <boost/json.hpp>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <sstream>
#include <string>
#include <thread>

#include "adapter/containerd/call.h"
#include "adapter/containerd/images.h"

namespace {

namespace json = boost::json;
namespace adapter = gantry::adapter::containerd;
namespace api = adapter::api;

struct Bench {
    std::shared_ptr<adapter::Client> client;
    std::string chain;

    void check(const grpc::Status& status, const char* what) const {
        if (status.ok()) return;
        std::fprintf(stderr, "%s: %s\n", what, status.error_message().c_str());
        std::exit(1);
    }
    void prepare(grpc::ClientContext& context) const {
        context.AddMetadata("containerd-namespace", client->name_space());
    }
    json::object like;  // the specification to start, if not the least one

    std::string spec(const std::string& id) const {
        if (!like.empty()) {
            auto mine = like;
            auto& cgroup = mine.at("linux").as_object().at("cgroupsPath").as_string();
            cgroup = json::string(std::string(cgroup).substr(0, std::string(cgroup).rfind('/')) + "-" + id + "/" + id);
            return json::serialize(mine);
        }
        const auto mount = [](const char* type, const char* target) {
            return json::object{{"type", type}, {"source", type}, {"destination", target}};
        };
        json::array namespaces;
        for (const char* kind : {"pid", "ipc", "uts", "mount", "network"})
            namespaces.push_back(json::object{{"type", kind}});
        return json::serialize(json::object{
            {"ociVersion", "1.0.2"},
            {"process",
             {{"user", {{"uid", 0}, {"gid", 0}}},
              {"args", json::array{"sleep", "1000"}},
              {"env", json::array{"PATH=/bin"}},
              {"cwd", "/"}}},
            {"root", {{"path", "rootfs"}}},
            {"mounts", json::array{mount("proc", "/proc")}},
            {"linux", {{"namespaces", namespaces}}},
        });
    }

    void take_after(const std::string& container) {
        api::containers::GetContainerRequest get;
        get.set_id(container);
        api::containers::GetContainerResponse got;
        grpc::ClientContext context;
        prepare(context);
        check(client->stubs().containers->Get(&context, get, &got), "Containers.Get");
        like = json::parse(got.container().spec().value()).as_object();
        // A shim of its own, and a root file system by containerd's snapshot.
        like.erase("annotations");
        like["root"] = json::object{{"path", "rootfs"}};
    }

    void start(const std::string& id) const {
        api::snapshots::PrepareSnapshotRequest snapshot;
        snapshot.set_snapshotter("overlayfs");
        snapshot.set_key(id);
        snapshot.set_parent(chain);
        (*snapshot.mutable_labels())["containerd.io/gc.root"] = "bench";
        api::snapshots::PrepareSnapshotResponse prepared;
        {
            grpc::ClientContext context;
            prepare(context);
            check(client->stubs().snapshots->Prepare(&context, snapshot, &prepared), "Prepare");
        }
        api::containers::CreateContainerRequest create;
        auto& container = *create.mutable_container();
        container.set_id(id);
        container.mutable_runtime()->set_name("io.containerd.runc.v2");
        container.mutable_spec()->set_type_url("types.containerd.io/opencontainers/runtime-spec/1/Spec");
        container.mutable_spec()->set_value(spec(id));
        container.set_snapshotter("overlayfs");
        container.set_snapshot_key(id);
        api::containers::CreateContainerResponse created;
        {
            grpc::ClientContext context;
            prepare(context);
            check(client->stubs().containers->Create(&context, create, &created), "Containers.Create");
        }
        api::tasks::CreateTaskRequest task;
        task.set_container_id(id);
        for (const auto& mount : prepared.mounts()) *task.add_rootfs() = mount;
        api::tasks::CreateTaskResponse task_created;
        {
            grpc::ClientContext context;
            prepare(context);
            check(client->stubs().tasks->Create(&context, task, &task_created), "Tasks.Create");
        }
        api::tasks::StartRequest start;
        start.set_container_id(id);
        api::tasks::StartResponse started;
        grpc::ClientContext context;
        prepare(context);
        check(client->stubs().tasks->Start(&context, start, &started), "Tasks.Start");
    }

    void exec(const std::string& container, const std::string& id) const {
        auto process = like.at("process").as_object();
        process["args"] = json::array{"true"};
        api::tasks::ExecProcessRequest make;
        make.set_container_id(container);
        make.set_exec_id(id);
        make.mutable_spec()->set_type_url("types.containerd.io/opencontainers/runtime-spec/1/Process");
        make.mutable_spec()->set_value(json::serialize(process));
        google::protobuf::Empty nothing;
        grpc::ClientContext making;
        prepare(making);
        check(client->stubs().tasks->Exec(&making, make, &nothing), "Tasks.Exec");
        api::tasks::StartRequest start;
        start.set_container_id(container);
        start.set_exec_id(id);
        api::tasks::StartResponse started;
        grpc::ClientContext starting;
        prepare(starting);
        check(client->stubs().tasks->Start(&starting, start, &started), "Tasks.Start");
        api::tasks::WaitRequest wait;
        wait.set_container_id(container);
        wait.set_exec_id(id);
        api::tasks::WaitResponse waited;
        grpc::ClientContext waiting;
        prepare(waiting);
        check(client->stubs().tasks->Wait(&waiting, wait, &waited), "Tasks.Wait");
        api::tasks::DeleteProcessRequest remove;
        remove.set_container_id(container);
        remove.set_exec_id(id);
        api::tasks::DeleteResponse removed;
        grpc::ClientContext removing;
        prepare(removing);
        check(client->stubs().tasks->DeleteProcess(&removing, remove, &removed), "Tasks.DeleteProcess");
    }

    void remove(const std::string& id) const {
        api::tasks::KillRequest kill;
        kill.set_container_id(id);
        kill.set_signal(9);
        google::protobuf::Empty nothing;
        grpc::ClientContext killing;
        prepare(killing);
        client->stubs().tasks->Kill(&killing, kill, &nothing);
        api::tasks::WaitRequest wait;
        wait.set_container_id(id);
        api::tasks::WaitResponse waited;
        grpc::ClientContext waiting;
        prepare(waiting);
        client->stubs().tasks->Wait(&waiting, wait, &waited);
        api::tasks::DeleteTaskRequest task;
        task.set_container_id(id);
        api::tasks::DeleteResponse deleted;
        grpc::ClientContext deleting;
        prepare(deleting);
        client->stubs().tasks->Delete(&deleting, task, &deleted);
        api::containers::DeleteContainerRequest container;
        container.set_id(id);
        grpc::ClientContext removing;
        prepare(removing);
        client->stubs().containers->Delete(&removing, container, &nothing);
        api::snapshots::RemoveSnapshotRequest snapshot;
        snapshot.set_snapshotter("overlayfs");
        snapshot.set_key(id);
        grpc::ClientContext dropping;
        prepare(dropping);
        client->stubs().snapshots->Remove(&dropping, snapshot, &nothing);
    }
};

double milliseconds_since(std::chrono::steady_clock::time_point begin) {
    return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count();
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 2 || argc > 4) return 2;
    std::ifstream file(std::string(argv[1]) + "/server.json");
    std::ostringstream text;
    text << file.rdbuf();
    const auto server = json::parse(text.str()).as_object();
    Bench bench;
    bench.client = std::make_shared<adapter::Client>(
        server.at("containerd_socket").as_string().c_str(),
        server.at("containerd_namespace").as_string().c_str()
    );
    {
        boost::asio::io_context context;
        adapter::Images images(context.get_executor(), bench.client, {});
        auto found =
            boost::asio::co_spawn(context, images.unpacked("busybox:latest"), boost::asio::use_future);
        context.run();
        const auto unpacked = found.get();
        if (!unpacked) {
            std::fprintf(stderr, "%s\n", unpacked.error().message.c_str());
            return 1;
        }
        bench.chain = unpacked->chain_id;
    }
    if (argc >= 3) bench.take_after(argv[2]);
    if (argc == 4) {
        for (int i = 0; i < 50; ++i) bench.exec(argv[2], "bench-exec-" + std::to_string(i));
        std::printf("{}\n");
        return 0;
    }
    const std::string prefix = argc == 3 ? "bench-same-" : "bench-bare-";
    std::vector<double> alone;
    for (int i = 0; i < 20; ++i) {
        const std::string id = prefix + "one-" + std::to_string(i);
        const auto begin = std::chrono::steady_clock::now();
        bench.start(id);
        alone.push_back(milliseconds_since(begin));
        bench.remove(id);
    }
    std::sort(alone.begin(), alone.end());

    constexpr int kMany = 100;
    std::atomic<int> next = 0;
    const auto begin = std::chrono::steady_clock::now();
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t) {
        threads.emplace_back([&] {
            for (int i = next++; i < kMany; i = next++) bench.start(prefix + "many-" + std::to_string(i));
        });
    }
    for (auto& thread : threads) thread.join();
    const double seconds = milliseconds_since(begin) / 1000;
    for (int i = 0; i < kMany; ++i) bench.remove(prefix + "many-" + std::to_string(i));
    std::printf(
        "%s\n",
        json::serialize(json::object{{"median_ms", alone[alone.size() / 2]}, {"per_second", kMany / seconds}}
        ).c_str()
    );
}
