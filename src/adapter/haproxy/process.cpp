#include "adapter/haproxy/process.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

#include "adapter/haproxy/command_socket.h"
#include "adapter/haproxy/configuration.h"
#include "base/spawn.h"
#include "port/descriptor.h"

namespace gantry::adapter::haproxy {
namespace {

using Clock = std::chrono::steady_clock;
constexpr auto patience = std::chrono::seconds(10);
constexpr auto between_looks = std::chrono::milliseconds(5);

struct Outcome {
    int exit_code = 0;
    std::string output;
};

// Runs a program until it has closed its output and ended; a daemon's launcher too.
Result<Outcome> run(const std::vector<std::string>& command, const std::string& log) {
    const port::Descriptor out(::open(log.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
    if (!out) return trouble(Errc::unavailable, "cannot write " + log + ": " + std::strerror(errno));
    auto started = spawn({command, -1, out.get(), out.get(), true});
    if (!started) return trouble(Errc::unavailable, started.error().message);
    const pid_t pid = *started;
    int status = 0;
    const auto deadline = Clock::now() + patience;
    while (true) {
        const pid_t ended = ::waitpid(pid, &status, WNOHANG);
        if (ended == pid) break;
        if (ended < 0 && errno != EINTR) return trouble(Errc::unavailable, std::strerror(errno));
        if (Clock::now() > deadline) {
            ::kill(pid, SIGKILL);
            reap(pid);
            return trouble(Errc::timeout, command[0] + " did not end in time and was killed");
        }
        std::this_thread::sleep_for(between_looks);
    }
    Outcome outcome;
    outcome.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    std::ifstream file(log);
    outcome.output.assign(std::istreambuf_iterator<char>(file), {});
    return outcome;
}

// Gone, or dead and only not fetched yet by its parent. A leader is shown as dead while its other threads
// still hold what they share.
bool ended(pid_t pid) {
    std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
    const std::string line((std::istreambuf_iterator<char>(file)), {});
    const auto name_end = line.rfind(')');
    if (name_end == std::string::npos) return true;
    std::istringstream words(line.substr(name_end + 1));
    std::vector<std::string> fields;
    for (std::string word; words >> word;) fields.push_back(word);
    constexpr std::size_t thread_count = 17;  // counted from the state
    return fields.size() <= thread_count || (fields[0] == "Z" && std::stoi(fields[thread_count]) <= 1);
}

std::string value_of(const std::string& info, const std::string& name) {
    std::istringstream lines(info);
    for (std::string line; std::getline(lines, line);) {
        if (line.starts_with(name + ": ")) return line.substr(name.size() + 2);
    }
    return {};
}

}  // namespace

Result<> Process::check() const {
    TRY(const auto outcome, run({options_.program, "-c", "-q", "-f", configuration_file(options_)},
                                options_.directory + "/check.log"));
    if (outcome.exit_code == 0) return {};
    return trouble(Errc::invalid, "haproxy refuses its configuration: " + outcome.output);
}

Result<> Process::start() const {
    TRY_VOID(stop());
    std::vector<std::string> command;
    if (!options_.network_namespace.empty()) command = {"nsenter", "--net=" + options_.network_namespace};
    for (const std::string& word :
         {options_.program, std::string("-W"), std::string("-D"), std::string("-S"),
          master_socket(options_) + ",mode,600", std::string("-f"), configuration_file(options_)}) {
        command.push_back(word);
    }
    TRY(const auto outcome, run(command, options_.directory + "/start.log"));
    if (outcome.exit_code != 0) {
        return trouble(Errc::unavailable, "haproxy does not start: " + outcome.output);
    }
    const auto deadline = Clock::now() + patience;
    // Worker and master each begin to answer in their own time.
    while (!structure() || !ask(master_socket(options_), "show proc")) {
        if (Clock::now() > deadline) return trouble(Errc::timeout, "haproxy started and does not answer");
        std::this_thread::sleep_for(between_looks);
    }
    return {};
}

Result<std::string> Process::structure() const {
    TRY(const auto info, ask(worker_socket(options_), "show info"));
    return value_of(info, "description");
}

Result<> Process::reload(const std::string& expected) const {
    TRY_VOID(ask(master_socket(options_), "reload"));
    const auto deadline = Clock::now() + patience;
    while (true) {
        const auto now = structure();
        if (now && *now == expected) return {};
        if (Clock::now() > deadline)
            return trouble(Errc::timeout, "haproxy did not take its new configuration");
        std::this_thread::sleep_for(between_looks);
    }
}

Result<std::string> Process::tell(const std::string& commands) const {
    return ask(worker_socket(options_), commands);
}

Result<std::map<std::string, std::string>> Process::tell_all(const std::string& commands) const {
    TRY(const auto shown, ask(master_socket(options_), "show proc"));
    std::map<std::string, std::string> answers;
    std::istringstream lines(shown);
    for (std::string line; std::getline(lines, line);) {
        std::istringstream words(line);
        std::string pid, kind;
        if (!(words >> pid >> kind) || kind != "worker") continue;
        // One that ends meanwhile has nothing to say.
        if (auto answer = ask(master_socket(options_), "@!" + pid + " " + commands))
            answers[pid] = *std::move(answer);
    }
    return answers;
}

// Those whose command line names this configuration: nobody else's HAProxy is ever touched.
std::vector<pid_t> Process::processes() const {
    std::vector<pid_t> found;
    std::error_code code;
    for (const auto& entry : std::filesystem::directory_iterator("/proc", code)) {
        const auto name = entry.path().filename().string();
        if (name.find_first_not_of("0123456789") != std::string::npos) continue;
        std::ifstream file(entry.path() / "cmdline");
        const std::string line((std::istreambuf_iterator<char>(file)), {});
        const auto argument = std::string(1, '\0') + configuration_file(options_) + std::string(1, '\0');
        if (line.find(argument) != std::string::npos && line.find("-W") != std::string::npos) {
            found.push_back(static_cast<pid_t>(std::stol(name)));
        }
    }
    return found;
}

Result<> Process::stop() const {
    const auto deadline = Clock::now() + patience;
    std::vector<pid_t> ending;
    while (true) {
        // The command line of a process that ends is gone before its sockets are: so all that were hit are
        // waited for.
        for (const pid_t pid : processes()) {
            ::kill(pid, SIGKILL);
            ending.push_back(pid);
        }
        std::erase_if(ending, ended);
        if (ending.empty()) return {};
        if (Clock::now() > deadline) return trouble(Errc::timeout, "haproxy cannot be ended");
        std::this_thread::sleep_for(between_looks);
    }
}

}  // namespace gantry::adapter::haproxy
