#include "adapter/containerd/box/machine.h"

#include <gtest/gtest.h>
#include <unistd.h>
#include <cstdlib>
#include <filesystem>

#include "adapter/containerd/file.h"

namespace fs = std::filesystem;

namespace gantry::adapter::containerd::box {

Machine::Machine() {
    auto parent = std::getenv("GANTRY_CGROUP_PARENT");
    if (!parent) throw std::runtime_error("run this by tests/box.sh");
    cgroup_parent_ = parent;
    char pattern[] = "/var/tmp/gantry-box-XXXXXX";
    directory_ = mkdtemp(pattern);
    open();
    auto image = fs::current_path() / "build/busybox-image.tar";
    if (std::system(("tests/images/make_busybox.sh " + image.string()).c_str()) != 0)
        throw std::runtime_error("no busybox image");
    auto loaded = wait(images_->load(image));
    if (!loaded) throw std::runtime_error(loaded.error().message);
}

void Machine::open() {
    DaemonConfig config;
    config.root = directory_ + "/containerd";
    config.state = "/run/gantry/containerd";
    daemon_ = std::make_unique<Daemon>(context_.get_executor(), config);
    auto up = wait(daemon_->start());
    if (!up) throw std::runtime_error(up.error().message);
    client_ = std::make_shared<Client>(config.socket(), cgroup_parent_);
    images_ = std::make_unique<Images>(
        context_.get_executor(), client_, ImagesConfig{.registry_config_dir = directory_ + "/registries"}
    );
    RuntimeConfig runtime;
    runtime.cgroup_parent = cgroup_parent_;
    runtime.data_dir = directory_ + "/runtime";
    runtime.run_dir = "/run/gantry/runtime";
    runtime_ = std::make_unique<Runtime>(context_.get_executor(), client_, *images_, runtime, [this] {
        return daemon_->pid();
    });
    daemon_->on_restarted = [this] { runtime_->daemon_restarted(); };
}

void Machine::close() {
    wait(runtime_->stop());
    wait(daemon_->stop());
    runtime_.reset();
    images_.reset();
    client_.reset();
    daemon_.reset();
}

void Machine::restart_gantry() {
    close();
    open();
}

Machine::~Machine() {
    if (auto left = wait(runtime_->list()))
        for (auto& container : *left) (void)wait(runtime_->remove(container.id));
    if (auto tasks = wait(runtime_->list_tasks()))
        for (auto& task : *tasks) (void)wait(runtime_->remove_task(task));
    wait(runtime_->stop());
    auto down = wait(daemon_->shut_down());
    EXPECT_TRUE(down) << down.error().message;
    runtime_.reset();
    images_.reset();
    client_.reset();
    daemon_.reset();
    std::error_code error;
    fs::remove_all(directory_, error);
    EXPECT_FALSE(error) << error.message();
}

void Machine::wait(boost::asio::awaitable<void> work) {
    bool done = false;
    boost::asio::co_spawn(context_, std::move(work), [&](std::exception_ptr) { done = true; });
    while (!done) {
        context_.restart();
        context_.run_one();
    }
}

port::ContainerSpec Machine::container(const std::string& id, const std::string& script) {
    port::ContainerSpec spec;
    spec.id = id;
    spec.task = "task-" + id;
    spec.image = "busybox";
    spec.entry_point = {"sh", "-c"};
    spec.command = {script};
    spec.stdout_path = directory_ + "/" + id + ".out";
    spec.stderr_path = directory_ + "/" + id + ".err";
    spec.labels = {{"generation", "1"}};
    EXPECT_TRUE(create_file(spec.stdout_path, ""));
    EXPECT_TRUE(create_file(spec.stderr_path, ""));
    return spec;
}

Result<port::Created> Machine::up(const port::ContainerSpec& spec, port::TaskSpec task) {
    task.id = spec.task;
    TRY_VOID(wait(runtime_->prepare_task(task)));
    TRY(auto created, wait(runtime_->create(spec)));
    TRY_VOID(wait(runtime_->start(spec.id)));
    return created;
}

port::ContainerStatus Machine::exited(const std::string& id) {
    while (true) {
        auto status = wait(runtime_->status(id));
        // containerd may be away for a moment; its return is a change.
        const bool away = !status && retryable(status.error().errc);
        EXPECT_TRUE(status || away) << status.error().message;
        if (status ? status->state == port::ContainerState::exited : !away) {
            return status.value_or(port::ContainerStatus{});
        }
        auto changes = wait(runtime_->wait_changes());
        EXPECT_TRUE(changes);
    }
}

std::string Machine::output(const std::string& id) const {
    return read_file(directory_ + "/" + id + ".out").value_or("") +
           read_file(directory_ + "/" + id + ".err").value_or("");
}

void Machine::remove(const std::string& id) {
    auto removed = wait(runtime_->remove(id));
    EXPECT_TRUE(removed) << removed.error().message;
    removed = wait(runtime_->remove_task("task-" + id));
    EXPECT_TRUE(removed) << removed.error().message;
}

Machine::Ran Machine::run(const port::ContainerSpec& spec, port::TaskSpec task) {
    auto created = up(spec, task);
    EXPECT_TRUE(created) << created.error().message;
    if (!created) return {};
    Ran ran{exited(spec.id), {}};
    remove(spec.id);  // its streams are complete once it is gone
    ran.output = output(spec.id);
    return ran;
}

}  // namespace gantry::adapter::containerd::box
