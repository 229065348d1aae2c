#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>
#include <atomic>
#include <cstdio>
#include <filesystem>
#include <thread>

#include "adapter/beast/server.h"
#include "adapter/inprocess/exchange.h"
#include "adapter/os/chance.h"
#include "adapter/os/stop_signal.h"
#include "base/log.h"
#include "commands.h"
#include "control/api_guard.h"
#include "control/strand.h"
#include "node.h"
#include "plane.h"
#include "task_credentials.h"

namespace gantry::app {
namespace {

namespace asio = boost::asio;

// Where tasks reach the API, inside the router: link-local, so that no VPC's addresses collide with it.
constexpr const char* kTaskFacingAddress = port::metadata_address;

// An io_context with one thread: whoever owns its executor runs one thing at a time.
class Thread {
  public:
    Thread() : thread_([this] { context_.run(); }) {}
    ~Thread() {
        guard_.reset();
        context_.stop();
        thread_.join();
    }
    asio::any_io_executor executor() { return context_.get_executor(); }
    control::Strand& strand() { return strand_; }

    // Runs a coroutine there; the caller waits.
    template <class T>
    T run(asio::awaitable<T> work) {
        return asio::co_spawn(context_, std::move(work), asio::use_future).get();
    }

  private:
    asio::io_context context_{1};
    control::Strand strand_{context_};
    asio::executor_work_guard<asio::io_context::executor_type> guard_ = asio::make_work_guard(context_);
    std::thread thread_;
};

struct Listen {
    std::string address;
    std::uint16_t port = 0;
};

Result<Listen> parse_listen(const std::string& text) {
    const auto colon = text.rfind(':');
    char* end = nullptr;
    const long port = colon == std::string::npos ? -1 : std::strtol(text.c_str() + colon + 1, &end, 10);
    if (colon == std::string::npos || port < 0 || port > 65535 || *end != 0 || end == text.c_str() + colon + 1) {
        return trouble(Errc::invalid, "--listen takes ADDRESS:PORT, not '" + text + "'");
    }
    return Listen{text.substr(0, colon), static_cast<std::uint16_t>(port)};
}

log::Level level_of(const std::string& name) {
    return name == "debug"     ? log::Level::debug
           : name == "warning" ? log::Level::warn
           : name == "error"   ? log::Level::error
                               : log::Level::info;
}

worker::TaskSurroundings surroundings_of(const UpOptions& options, std::uint16_t port) {
    worker::TaskSurroundings surroundings;
    if (options.no_task_endpoint) return surroundings;
    const std::string url = "http://" + std::string(kTaskFacingAddress) + ":" + std::to_string(port);
    for (const char* service :
         {"ACM", "APPLICATION_AUTO_SCALING", "CLOUDWATCH", "CLOUDWATCH_LOGS", "CODEDEPLOY", "EC2", "ECS",
          "ELASTIC_LOAD_BALANCING_V2", "EVENTBRIDGE", "SCHEDULER", "IAM", "STS"}) {
        surroundings.endpoints["AWS_ENDPOINT_URL_" + std::string(service)] = url;
    }
    return surroundings;
}

// The client commands use the same files from folders of their own.
UpOptions with_whole_paths(UpOptions options) {
    if (options.registry_login_file.empty()) options.registry_login_file = options.installation.registry_login_file();
    for (auto* path : {&options.registry_login_file, &options.registry_hosts_dir}) {
        if (!path->empty()) *path = std::filesystem::absolute(*path).string();
    }
    return options;
}

asio::awaitable<Result<std::uint16_t>> open_api(
    adapter::beast::Server& server, port::Network& network, Listen listen, bool inside_tasks
) {
    CO_TRY(const auto port, server.listen(listen.address, listen.port));
    if (inside_tasks) {
        CO_TRY(auto socket, co_await network.listen_tcp(kTaskFacingAddress, port));
        CO_TRY_VOID(server.adopt(socket.release()));
    }
    co_return port;
}

// Everything that `gantry up` runs, in the order in which it starts and, backwards, stops.
class Server {
  public:
    explicit Server(const UpOptions& options) : options_(with_whole_paths(options)) {}
    ~Server();

    Result<> start(const Listen& listen);

  private:
    // The owner's keys stay the same over restarts.
    void take_keys(ServerFile& file, control::ApiOptions& api) const;
    // What runs on this machine, for `gantry status`. Any thread but the worker's.
    boost::json::object tell_status();

    UpOptions options_;
    Thread plane_thread_;
    Thread worker_thread_;
    Thread api_thread_;
    adapter::inprocess::Exchange exchange_{plane_thread_.strand().executor()};
    std::unique_ptr<port::LinkConnector> connector_ = exchange_.connector();
    std::unique_ptr<port::LinkAcceptor> acceptor_ = exchange_.acceptor();
    std::unique_ptr<Machine> machine_;
    std::unique_ptr<Plane> plane_;
    std::unique_ptr<TaskCredentials> credentials_;
    std::unique_ptr<Node> node_;
    std::unique_ptr<adapter::beast::Server> api_;
    bool plane_started_ = false;
    bool machine_started_ = false;
    std::atomic<bool> node_started_ = false;
};

Result<> Server::start(const Listen& listen) {
    Plane::Options plane;
    plane.installation = options_.installation;
    plane.overcommit = !options_.no_overcommit;
    plane.codedeploy_synthetic_deployment = options_.codedeploy_synthetic_deployment;
    plane.api.region = options_.region;
    plane.api.secured = options_.secured;
    plane.api.hosts = {listen.address, kTaskFacingAddress};
    ServerFile file;
    if (options_.secured) {
        take_keys(file, plane.api);
        adapter::os::Chance chance;
        TRY(plane.api.metrics_token, keep_metrics_token(options_.installation, chance.hex(32)));
    }
    plane.api.status = [this] { return tell_status(); };
    TRY(machine_,
        Machine::open(
            worker_thread_.executor(),
            {options_.installation, options_.registry_hosts_dir, options_.registry_login_file}
        ));
    // Records are encoded on the strand's own thread, but not on the strand: no change of threads, and requests go on.
    TRY(plane_, Plane::open({plane_thread_.strand(), plane_thread_.executor()}, *acceptor_, std::move(plane)));
    TRY_VOID(asio::co_spawn(plane_thread_.strand().executor(), plane_->start(), asio::use_future).get());
    plane_started_ = true;
    machine_started_ = true;
    TRY_VOID(worker_thread_.run(machine_->start()));

    api_ = std::make_unique<adapter::beast::Server>(
        api_thread_.executor(),
        [this](port::HttpRequest request, port::HttpPeer peer) {
            return plane_->api().handle(std::move(request), std::move(peer));
        }
    );
    TRY(const auto port, api_thread_.run(open_api(*api_, machine_->network, listen, !options_.no_task_endpoint)));
    credentials_ = std::make_unique<TaskCredentials>(plane_->loop());
    node_ = std::make_unique<Node>(
        worker_thread_.executor(),
        *machine_,
        *connector_,
        plane_->log_sink(),
        *credentials_,
        Node::Options{
            options_.installation,
            find_capacity(options_.cpu_units, options_.memory_mib),
            surroundings_of(options_, port),
            options_.image_pull_behavior == "default" ? worker::PullBehavior::ask_registry
                                                      : worker::PullBehavior::prefer_cached,
            !options_.no_hosts_file,
            options_.publish
        }
    );
    TRY_VOID(worker_thread_.run(node_->start()));
    node_started_ = true;

    file.pid = ::getpid();
    file.endpoint = "http://" + listen.address + ":" + std::to_string(port);
    file.region = options_.region;
    file.containerd_socket = machine_->client->socket_path();
    file.containerd_namespace = machine_->client->name_space();
    file.registry_hosts_dir = options_.registry_hosts_dir;
    file.registry_login_file = options_.registry_login_file;
    TRY_VOID(write_server_file(options_.installation, file));
    log::info("ready", {{"endpoint", file.endpoint}, {"data_dir", options_.installation.data_dir}});
    return {};
}

void Server::take_keys(ServerFile& file, control::ApiOptions& api) const {
    if (const auto before = read_server_file(options_.installation); before && !before->secret.empty()) {
        file.access_key = before->access_key;
        file.secret = before->secret;
    } else {
        adapter::os::Chance chance;
        file.access_key = "AKIA" + chance.base32(16);
        file.secret = chance.hex(40);
    }
    adapter::os::Chance chance;
    file.admin_token = chance.hex(32);
    api.root = control::RootKey{file.access_key, file.secret, "123456789012"};
    api.admin_token = file.admin_token;
}

boost::json::object Server::tell_status() {
    boost::json::object status;
    if (!node_started_) return status;
    auto told = asio::co_spawn(worker_thread_.executor(), node_->describe(), asio::use_future);
    // A worker that is busy for so long is news of its own.
    if (told.wait_for(std::chrono::seconds(2)) != std::future_status::ready) {
        status["notes"] = boost::json::array{"the worker does not answer"};
        return status;
    }
    return told.get();
}

Server::~Server() {
    if (api_) asio::co_spawn(api_thread_.executor(), api_->stop(), asio::use_future).get();
    if (node_) asio::co_spawn(worker_thread_.executor(), node_->stop(), asio::use_future).get();
    if (machine_started_) asio::co_spawn(worker_thread_.executor(), machine_->stop(), asio::use_future).get();
    if (plane_started_)
        asio::co_spawn(plane_thread_.strand().executor(), plane_->stop(), asio::use_future).get();
}

}  // namespace

int run_up(const UpOptions& options) {
    log::configure(
        level_of(options.log_level), options.log_format == "json" ? log::Format::json : log::Format::text
    );
    const auto listen = parse_listen(options.listen);
    if (!listen) return complain(listen.error());
    if (!control::looks_like_region(options.region)) {
        return complain({Errc::invalid, {}, "--region takes a name like ap-northeast-1, not '" + options.region + "'"});
    }
    std::error_code code;
    std::filesystem::create_directories(options.installation.data_dir, code);
    if (code) return complain({Errc::unavailable, {}, "cannot make " + options.installation.data_dir + ": " + code.message()});
    std::filesystem::permissions(options.installation.data_dir, std::filesystem::perms::owner_all, code);
    const auto lock = lock_installation(options.installation);
    if (!lock) return complain(lock.error());

    asio::io_context signals;
    adapter::os::StopSignal stop(signals.get_executor());
    {
        Server server(options);
        if (auto started = server.start(*listen); !started) return complain(started.error());
        auto waited = asio::co_spawn(signals, stop.wait(), asio::use_future);
        signals.run();
        waited.get();
        log::info("stopping; containers run on");
    }
    return 0;
}

}  // namespace gantry::app
