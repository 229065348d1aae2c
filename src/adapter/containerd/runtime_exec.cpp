#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <csignal>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "adapter/containerd/call.h"
#include "adapter/containerd/file.h"
#include "adapter/containerd/runtime.h"
#include "adapter/containerd/runtime_process.h"
#include "adapter/containerd/wire.h"

namespace asio = boost::asio;
namespace json = boost::json;

namespace gantry::adapter::containerd {

// The container's own process description with other arguments: user, capabilities, environment and limits stay.
// runc adds the container's seccomp filter and cgroup by itself.
Runtime::Reply<std::string> Runtime::process_spec(std::string id, std::vector<std::string> arguments) {
    api::containers::GetContainerRequest request;
    request.set_id(id);
    auto reply = co_await CONTAINERD_CALL(*client_, containers, Get, api::containers::GetContainerResponse, request, quick);
    if (!reply) co_return tl::unexpected(reply.error());
    boost::system::error_code error;
    auto spec = json::parse(reply->container().spec().value(), error);
    if (error || !spec.is_object() || !spec.get_object().contains("process"))
        co_return trouble(Errc::invalid, "containerd's record of " + id + " has no process");
    auto process = spec.at("process").as_object();
    json::array words;
    for (const auto& argument : arguments) words.push_back(json::string(argument));
    process["args"] = std::move(words);
    process["terminal"] = false;
    co_return json::serialize(process);
}

namespace {

// What a process writes into a pipe with a name, as far as it is wanted; the rest is read and dropped so that the
// process does not block.
class Output {
  public:
    Output(asio::any_io_executor executor, std::string path, std::size_t bytes_max)
        : path_(std::move(path)), bytes_max_(bytes_max), pipe_(executor) {}
    ~Output() { close(); }

    void close() {
        boost::system::error_code ignored;
        pipe_.close(ignored);
        (void)unlink(path_.c_str());
    }

    Result<> open() {
        if (mkfifo(path_.c_str(), 0600) != 0) return system_trouble("making " + path_, errno);
        // Writable too, so that it never ends before its writer has come.
        int fd = ::open(path_.c_str(), O_RDWR | O_NONBLOCK | O_CLOEXEC);
        if (fd < 0) return system_trouble("opening " + path_, errno);
        pipe_.assign(fd);
        return {};
    }
    // After the process ended: everything that it wrote is in the pipe.
    void drain() {
        char buffer[4096];
        while (true) {
            auto length = ::read(pipe_.native_handle(), buffer, sizeof buffer);
            if (length <= 0) return;
            keep(buffer, static_cast<std::size_t>(length));
        }
    }
    void keep(const char* data, std::size_t length) {
        text_.append(data, std::min(length, bytes_max_ - std::min(bytes_max_, text_.size())));
    }
    const std::string& path() const { return path_; }
    std::string& text() { return text_; }
    asio::posix::stream_descriptor& pipe() { return pipe_; }

  private:
    std::string path_;
    std::size_t bytes_max_;
    asio::posix::stream_descriptor pipe_;
    std::string text_;
};

asio::awaitable<void> read_on(std::shared_ptr<Output> output) {
    char buffer[4096];
    while (true) {
        auto [error, length] =
            co_await output->pipe().async_read_some(asio::buffer(buffer), asio::as_tuple(asio::use_awaitable));
        if (error) co_return;
        output->keep(buffer, length);
    }
}

}  // namespace

static bool contains(const std::string& text, const char* part) { return text.find(part) != std::string::npos; }

Runtime::Reply<port::ExecResult> Runtime::exec(std::string id, port::ExecSpec spec) {
    if (spec.argv.empty()) co_return trouble(Errc::invalid, "no command to run");
    auto description = co_await process_spec(id, spec.argv);
    if (!description) co_return tl::unexpected(description.error());
    auto exec_id = "exec-" + std::to_string(getpid()) + "-" + std::to_string(++exec_count_);
    auto output = std::make_shared<Output>(executor_, config_.run_dir + "/" + exec_id, spec.output_bytes_max);
    CO_TRY_VOID(output->open());

    api::tasks::ExecProcessRequest request;
    request.set_container_id(id);
    request.set_exec_id(exec_id);
    request.set_stdout(output->path());
    request.set_stderr(output->path());
    *request.mutable_spec() = any_json("Process", *description);
    auto made = co_await CONTAINERD_CALL(*client_, tasks, Exec, google::protobuf::Empty, request, quick);
    if (!made) co_return tl::unexpected(made.error());

    port::ExecResult result;
    api::tasks::StartRequest start;
    start.set_container_id(id);
    start.set_exec_id(exec_id);
    auto started = co_await CONTAINERD_CALL(*client_, tasks, Start, api::tasks::StartResponse, start, quick);
    if (started) {
        group_.spawn("read " + exec_id, read_on(output));
        api::tasks::WaitRequest wait;
        wait.set_container_id(id);
        wait.set_exec_id(exec_id);
        auto ended = co_await CONTAINERD_CALL(*client_, tasks, Wait, api::tasks::WaitResponse, wait, spec.timeout);
        if (!ended && ended.error().errc == Errc::timeout) {
            result.timed_out = true;
            api::tasks::KillRequest kill;
            kill.set_container_id(id);
            kill.set_exec_id(exec_id);
            kill.set_signal(SIGKILL);
            (void)co_await CONTAINERD_CALL(*client_, tasks, Kill, google::protobuf::Empty, kill, quick);
            ended = co_await CONTAINERD_CALL(*client_, tasks, Wait, api::tasks::WaitResponse, wait, quick);
        }
        if (ended) result.exit_code = static_cast<int>(ended->exit_status());
        else started = tl::unexpected(ended.error());
    }
    api::tasks::DeleteProcessRequest clean;
    clean.set_container_id(id);
    clean.set_exec_id(exec_id);
    (void)co_await CONTAINERD_CALL(*client_, tasks, DeleteProcess, api::tasks::DeleteResponse, clean, quick);
    output->drain();
    output->close();
    result.output = std::move(output->text());
    if (started) co_return result;
    const auto& message = started.error().message;
    if (!contains(message, "OCI runtime exec failed")) co_return tl::unexpected(started.error());
    bool missing = contains(message, "executable file not found") || contains(message, "no such file or directory");
    result.exit_code = missing ? 127 : 126;
    result.output = message;
    co_return result;
}

}  // namespace gantry::adapter::containerd
