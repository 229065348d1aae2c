#include "machine.h"

#include <unistd.h>

#include <cstdlib>
#include <filesystem>

#include "base/log.h"

namespace gantry::app {

namespace asio = boost::asio;
namespace containerd = adapter::containerd;

namespace {

containerd::DaemonConfig daemon_config(const Installation& installation) {
    containerd::DaemonConfig config;
    config.root = installation.images_dir();
    config.state = installation.run_dir() + "/containerd";
    return config;
}

containerd::ImagesConfig images_config(const Machine::Options& options) {
    containerd::ImagesConfig config;
    config.registry_config_dir = options.registry_hosts_dir;
    config.registry_login_file = options.registry_login_file;
    return config;
}

// Tests give each box a cgroup of its own to remove.
std::string cgroup_parent(const Installation& installation) {
    const char* outer = std::getenv("GANTRY_CGROUP_PARENT");
    return outer != nullptr && *outer != 0 ? std::string(outer) + "-" + installation.id() : installation.name();
}

containerd::RuntimeConfig runtime_config(const Installation& installation) {
    containerd::RuntimeConfig config;
    config.cgroup_parent = cgroup_parent(installation);
    config.data_dir = installation.tasks_dir();
    config.run_dir = installation.run_dir() + "/runtime";
    return config;
}

adapter::routernet::Options network_options(const Installation& installation, unsigned number) {
    return adapter::routernet::options_for(installation.name(), installation.run_dir() + "/network", number);
}

adapter::haproxy::Options relay_options(const Installation& installation) {
    adapter::haproxy::Options options;
    options.directory = installation.run_dir() + "/relay";
    return options;
}

adapter::haproxy::Options proxy_options(const Installation& installation, unsigned number) {
    adapter::haproxy::Options options;
    options.directory = installation.run_dir() + "/proxy";
    options.network_namespace = adapter::routernet::router_namespace(network_options(installation, number));
    options.local_address = port::proxy_address;
    return options;
}

}  // namespace

Machine::Machine(asio::any_io_executor executor, const Options& options, unsigned number)
    : daemon(executor, daemon_config(options.installation)),
      client(std::make_shared<containerd::Client>(daemon.config().socket(), options.installation.name())),
      images(executor, client, images_config(options)),
      runtime(executor, client, images, runtime_config(options.installation), [this] { return daemon.pid(); }),
      network(network_options(options.installation, number)),
      http_balancer(proxy_options(options.installation, number)),
      relay(relay_options(options.installation)),
      installation_(options.installation),
      cgroup_parent_(cgroup_parent(options.installation)) {
    daemon.on_restarted = [this] { runtime.daemon_restarted(); };
}

Machine::~Machine() = default;

Result<std::unique_ptr<Machine>> Machine::open(asio::any_io_executor executor, const Options& options) {
    if (::geteuid() != 0) {
        return trouble(Errc::unavailable, "root is needed: containers, network namespaces and cgroups are made");
    }
    std::error_code code;
    for (const auto& folder :
         {options.installation.data_dir, options.installation.tasks_dir(), options.installation.run_dir()}) {
        std::filesystem::create_directories(folder, code);
        if (code) return trouble(Errc::unavailable, "cannot make " + folder + ": " + code.message());
    }
    TRY(const unsigned number, claim_number(options.installation));
    return std::unique_ptr<Machine>(new Machine(std::move(executor), options, number));
}

asio::awaitable<Result<>> Machine::start() {
    CO_TRY_VOID(co_await daemon.start());
    CO_TRY_VOID(co_await network.ensure_router());
    co_return Result<>{};
}

asio::awaitable<void> Machine::stop() {
    co_await runtime.stop();
    co_await daemon.stop();
}

asio::awaitable<Result<>> Machine::tear_down() {
    CO_TRY(const auto containers, co_await runtime.list());
    for (const auto& container : containers) CO_TRY_VOID(co_await runtime.remove(container.id));
    CO_TRY(const auto tasks, co_await runtime.list_tasks());
    for (const auto& task : tasks) CO_TRY_VOID(co_await runtime.remove_task(task));
    // It runs in the router's namespace, which would live as long as it does.
    CO_TRY_VOID(co_await http_balancer.teardown());
    CO_TRY_VOID(co_await relay.teardown());
    CO_TRY_VOID(co_await network.teardown());
    CO_TRY_VOID(co_await daemon.shut_down());
    std::error_code ignored;
    std::filesystem::remove_all(installation_.run_dir(), ignored);
    release_number(installation_);
    co_return Result<>{};
}

}  // namespace gantry::app
