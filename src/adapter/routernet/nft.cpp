#include "adapter/routernet/nft.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "adapter/routernet/netlink_socket.h"
#include "adapter/routernet/program.h"

namespace gantry::adapter::routernet {
namespace {

// nft -i reads lines with libedit, whose cost grows with their length.
constexpr std::size_t small = 4000;

std::string first_lines(std::string text) {
    constexpr std::size_t enough = 1000;
    if (text.size() > enough) text.resize(enough);
    while (!text.empty() && text.back() == '\n') text.pop_back();
    return text;
}

}  // namespace

Nft::Nft(Nft&& other) noexcept
    : pid_(std::exchange(other.pid_, 0)),
      input_(std::move(other.input_)),
      errors_(std::move(other.errors_)),
      sequence_(other.sequence_) {}

Nft::~Nft() { stop(); }

void Nft::stop() {
    input_.reset();
    errors_.reset();
    if (pid_ == 0) return;
    ::kill(pid_, SIGKILL);
    while (::waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
    }
    pid_ = 0;
}

Result<> Nft::start() {
    stop();
    int in[2], err[2];
    if (::pipe2(in, O_CLOEXEC) != 0) return system_trouble("cannot make a pipe", errno);
    port::Descriptor in_read(in[0]), in_write(in[1]);
    if (::pipe2(err, O_CLOEXEC) != 0) return system_trouble("cannot make a pipe", errno);
    port::Descriptor err_read(err[0]), err_write(err[1]);
    port::Descriptor nothing(::open("/dev/null", O_WRONLY | O_CLOEXEC));
    TRY(pid_, routernet::start({"nft", "-i"}, in_read.get(), nothing.get(), err_write.get()));
    input_ = std::move(in_write);
    errors_ = std::move(err_read);
    return {};
}

Result<> Nft::send(const std::string& line) {
    // A command that must fail, on its own line, marks where the errors of ours end.
    auto marker = "zz_end_" + std::to_string(++sequence_);
    auto text = line + "\nlist table ip " + marker + "\n";
    for (std::size_t at = 0; at < text.size();) {
        auto sent = ::write(input_.get(), text.data() + at, text.size() - at);
        if (sent < 0 && errno == EINTR) continue;
        if (sent < 0) return system_trouble("nft does not take commands", errno);
        at += static_cast<std::size_t>(sent);
    }
    std::string errors;
    while (true) {
        // "Error: …\nlist table ip MARKER\n      ^^^^\n"
        auto found = errors.find(marker);
        if (found != errors.npos &&
            std::count(errors.begin() + static_cast<long>(found), errors.end(), '\n') >= 2) {
            auto own = errors.rfind("Error:", found);
            errors.resize(own == errors.npos ? 0 : own);
            break;
        }
        pollfd wait{errors_.get(), POLLIN, 0};
        int ready = ::poll(&wait, 1, 20'000);
        if (ready < 0 && errno == EINTR) continue;
        if (ready == 0) return trouble(Errc::timeout, "nft does not answer");
        char buffer[8192];
        auto got = ::read(errors_.get(), buffer, sizeof buffer);
        if (got <= 0) return trouble(Errc::unavailable, "nft ended unexpectedly: " + first_lines(errors));
        errors.append(buffer, static_cast<std::size_t>(got));
    }
    if (errors.empty()) return {};
    return trouble(Errc::unavailable, "nft refused: " + first_lines(errors));
}

Result<> Nft::apply(const std::string& commands) {
    if (commands.empty()) return {};
    if (commands.size() > small) return load(commands);
    if (pid_ == 0) TRY_VOID(start());
    auto line = commands;
    while (!line.empty() && line.back() == '\n') line.pop_back();
    for (std::size_t at = 0; (at = line.find('\n', at)) != line.npos; at += 2) line.replace(at, 1, "; ");
    auto done = send(line);
    // Whether it took effect is not known when nft died or hung: the caller replaces the whole after any
    // error.
    if (!done) stop();
    return done;
}

Result<> Nft::load(const std::string& commands) {
    TRY(auto outcome, run({"nft", "-f", "-"}, commands));
    if (outcome.exit_code == 0) return {};
    return trouble(Errc::unavailable, "nft refused: " + first_lines(outcome.errors));
}

Result<std::string> Nft::list(const std::string& what, bool terse) {
    std::vector<std::string> command{"nft"};
    if (terse) command.push_back("-t");
    command.push_back("list");
    for (std::size_t at = 0; at < what.size();) {
        auto end = std::min(what.find(' ', at), what.size());
        command.push_back(what.substr(at, end - at));
        at = end + 1;
    }
    TRY(auto outcome, run(command));
    if (outcome.exit_code == 0) return std::move(outcome.output);
    if (outcome.errors.find("No such file") != std::string::npos) {
        return trouble(Errc::not_found, first_lines(outcome.errors));
    }
    return trouble(Errc::unavailable, "nft refused: " + first_lines(outcome.errors));
}

}  // namespace gantry::adapter::routernet
