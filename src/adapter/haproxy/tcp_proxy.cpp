#include "adapter/haproxy/tcp_proxy.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "adapter/haproxy/configuration.h"
#include "adapter/haproxy/text.h"
#include "port/descriptor.h"

namespace gantry::adapter::haproxy {
namespace {

// Why nobody can listen there; empty: one can.
std::string obstacle(const port::RelayEntrance& entrance) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(entrance.port);
    if (::inet_pton(AF_INET, entrance.address.c_str(), &address.sin_addr) != 1)
        return "it is no IPv4 address";
    const port::Descriptor socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const int one = 1;
    ::setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 &&
        ::listen(socket.get(), 1) == 0) {
        return {};
    }
    if (errno == EADDRINUSE) return "another program on this host has the port";
    if (errno == EADDRNOTAVAIL) return "this host has no such address";
    return std::strerror(errno);
}

// One line an entrance, so that the next life of Gantry knows what the proxy of this one has open.
std::string served_file(const Options& options) { return options.directory + "/entrances"; }

std::vector<port::RelayEntrance> read_served(const Options& options) {
    std::vector<port::RelayEntrance> all;
    std::ifstream file(served_file(options));
    port::RelayEntrance one;
    while (file >> one.address >> one.port >> one.target_address >> one.target_port) all.push_back(one);
    return all;
}

std::string digest_of(const std::vector<port::RelayEntrance>& entrances, const Options& options) {
    return section_name("r_", relay_configuration(entrances, options, ""));
}

Result<> write_served(const std::vector<port::RelayEntrance>& entrances, const Options& options) {
    std::ofstream list(served_file(options), std::ios::trunc);
    for (const auto& one : entrances) {
        list << one.address << ' ' << one.port << ' ' << one.target_address << ' ' << one.target_port << '\n';
    }
    std::ofstream text(configuration_file(options), std::ios::trunc);
    text << relay_configuration(entrances, options, digest_of(entrances, options));
    if (list.flush() && text.flush()) return {};
    return trouble(Errc::unavailable, "cannot write " + configuration_file(options));
}

bool has(const std::vector<port::RelayEntrance>& all, const port::RelayEntrance& one) {
    return std::any_of(all.begin(), all.end(), [&](const auto& other) {
        return other.address == one.address && other.port == one.port;
    });
}

}  // namespace

std::string relay_configuration(
    const std::vector<port::RelayEntrance>& entrances, const Options& options, const std::string& digest
) {
    std::string text = "global\n    description " + digest + "\n    stats socket " + worker_socket(options) +
                       " mode 600 level admin expose-fd listeners\n"
                       "\ndefaults\n    mode tcp\n    timeout connect 10s\n    timeout client 350s\n"
                       "    timeout server 350s\n    timeout tunnel 1h\n\n";
    for (std::size_t i = 0; i < entrances.size(); ++i) {
        const auto& one = entrances[i];
        text += "listen r" + std::to_string(i) + "\n    bind " + one.address + ":" +
                std::to_string(one.port) + "\n    server s " + one.target_address + ":" +
                std::to_string(one.target_port) + "\n\n";
    }
    return text;
}

TcpProxy::TcpProxy(Options options) : options_(std::move(options)), process_(options_) {}

Result<std::vector<port::RelayRefusal>> TcpProxy::apply(std::vector<port::RelayEntrance> entrances) {
    std::vector<port::RelayRefusal> refused;
    if (entrances.empty()) {
        if (std::filesystem::exists(configuration_file(options_))) TRY_VOID(teardown());
        return refused;
    }
    std::error_code code;
    std::filesystem::create_directories(options_.directory, code);
    if (code) return trouble(Errc::unavailable, "cannot make " + options_.directory + ": " + code.message());
    ::chmod(options_.directory.c_str(), 0700);

    if (served_.empty()) {
        served_ = read_served(options_);
        served_digest_ = digest_of(served_, options_);
    }
    const auto running = process_.structure();
    // A proxy of which it is not known what it has open makes its own ports look taken.
    const bool ours = running && *running == served_digest_;
    if (running && !ours) TRY_VOID(process_.stop());
    std::vector<port::RelayEntrance> open;
    for (const auto& entrance : entrances) {
        if (has(open, entrance)) {
            refused.push_back({entrance.address, entrance.port, "another load balancer has the port"});
            continue;
        }
        std::string why = ours && has(served_, entrance) ? "" : obstacle(entrance);
        if (why.empty()) {
            open.push_back(entrance);
        } else {
            refused.push_back({entrance.address, entrance.port, std::move(why)});
        }
    }
    if (open.empty()) {
        TRY_VOID(process_.stop());
        served_.clear();
        served_digest_.clear();
        return refused;
    }
    const auto digest = digest_of(open, options_);
    if (ours && digest == served_digest_) return refused;
    TRY_VOID(write_served(open, options_));
    TRY_VOID(process_.check());
    TRY_VOID(ours ? process_.reload(digest) : process_.start());
    served_ = std::move(open);
    served_digest_ = digest;
    return refused;
}

Result<> TcpProxy::teardown() {
    TRY_VOID(process_.stop());
    std::error_code code;
    std::filesystem::remove_all(options_.directory, code);
    served_.clear();
    served_digest_.clear();
    if (code)
        return trouble(Errc::unavailable, "cannot remove " + options_.directory + ": " + code.message());
    return {};
}

}  // namespace gantry::adapter::haproxy
