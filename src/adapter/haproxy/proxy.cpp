#include "adapter/haproxy/proxy.h"

#include <fcntl.h>
#include <pwd.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>
#include <sstream>

#include "adapter/haproxy/backend.h"
#include "adapter/haproxy/stat_line.h"
#include "port/descriptor.h"

namespace gantry::adapter::haproxy {
namespace {

// HAProxy takes so many commands in one line; more go in several.
constexpr std::size_t command_line_most = 8'000;

Result<> write_whole(const std::string& path, const std::string& content) {
    const auto fresh = path + ".new";
    const port::Descriptor file(::open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
    if (!file) return trouble(Errc::unavailable, "cannot write " + fresh + ": " + std::strerror(errno));
    std::size_t at = 0;
    while (at < content.size()) {
        const auto n = ::write(file.get(), content.data() + at, content.size() - at);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return trouble(Errc::unavailable, "cannot write " + fresh + ": " + std::strerror(errno));
        at += static_cast<std::size_t>(n);
    }
    if (::rename(fresh.c_str(), path.c_str()) != 0) {
        return trouble(Errc::unavailable, "cannot write " + path + ": " + std::strerror(errno));
    }
    return {};
}

std::vector<std::string> split(const std::string& line, char separator) {
    std::vector<std::string> parts;
    std::istringstream stream(line);
    for (std::string part; std::getline(stream, part, separator);) parts.push_back(part);
    return parts;
}

// Where a server stands: its backend and slot.
struct Place {
    std::string backend, server;
};

void each_place(
    const port::HttpBalancerState& state,
    const Assignment& assignment,
    const std::function<void(const Place&, const std::string& group, const Slot&)>& tell
) {
    for (const auto& balancer : state.balancers) {
        for (const auto& [group, pool] : pools_of(state, balancer)) {
            const auto& slots = assignment.slots.at(group);
            for (std::size_t i = 0; i < slots.size(); ++i) {
                tell({backend_name(balancer, group), server_name(i)}, group, slots[i]);
            }
        }
    }
}

}  // namespace

Proxy::Proxy(Options options) : options_(std::move(options)), process_(options_) {
    rlimit files{};
    ::getrlimit(RLIMIT_NOFILE, &files);
    // Two descriptors a connection, and some for itself.
    const auto most = files.rlim_max == RLIM_INFINITY ? 1'000'000 : static_cast<long long>(files.rlim_max);
    limits_.connections_max = static_cast<int>(std::clamp((most - 500) / 2 - 500, 100LL, 100'000LL));
    limits_.has_user = ::geteuid() == 0 && ::getpwnam("haproxy") != nullptr;
}

Result<> Proxy::prepare() {
    if (prepared_) return {};
    std::error_code code;
    std::filesystem::create_directories(options_.directory, code);
    if (code) return trouble(Errc::unavailable, "cannot make " + options_.directory + ": " + code.message());
    ::chmod(options_.directory.c_str(), 0700);
    std::ifstream file(options_.directory + "/assignment.json");
    const std::string text((std::istreambuf_iterator<char>(file)), {});
    // A file that cannot be read only costs a reload.
    if (auto kept = decode_text<Assignment>(text); kept) assignment_ = *std::move(kept);
    prepared_ = true;
    return {};
}

Result<std::vector<port::HttpEntrance>> Proxy::apply(port::HttpBalancerState state) {
    TRY_VOID(prepare());
    state = with_all_pools(std::move(state));
    if (state.balancers.empty()) {
        if (std::filesystem::exists(configuration_file(options_))) TRY_VOID(teardown());
        return std::vector<port::HttpEntrance>{};
    }
    TRY(assignment_, assign(assignment_, state, options_.first_port, options_.last_port));
    state_ = std::move(state);
    const auto configuration = configure(state_, assignment_, options_, limits_);
    TRY_VOID(write_files(configuration));
    TRY_VOID(bring_up(configuration));
    return entrances();
}

// On disk first: whoever starts a proxy, now or after a crash, starts the newest.
Result<> Proxy::write_files(const Configuration& configuration) {
    Files files = configuration.files;
    files["assignment.json"] = encode_text(assignment_);
    files["haproxy.cfg"] = configuration.text;
    for (const auto& [name, content] : files) {
        if (const auto before = written_.find(name); before != written_.end() && before->second == content)
            continue;
        TRY_VOID(write_whole(options_.directory + "/" + name, content));
        written_[name] = content;
    }
    return {};
}

Result<> Proxy::bring_up(const Configuration& configuration) {
    const auto running = process_.structure();
    if (running && *running == configuration.structure) return synchronize(configuration);
    told_.reset();
    if (!running) {
        if (auto started = process_.start(); !started) return started;
    } else {
        TRY_VOID(process_.check());
        TRY_VOID(process_.reload(configuration.structure));
    }
    told_ = configuration;
    return {};
}

Result<> Proxy::synchronize(const Configuration& configuration) {
    if (told_ && told_->text == configuration.text && told_->thresholds == configuration.thresholds)
        return {};
    // What opens comes before the weights, what closes after them: a share of the traffic never meets a group whose
    // targets have just gone.
    std::vector<std::string> commands, closing;
    TRY(const auto shown, process_.tell("show stat -1 4 -1"));
    // backend/server → address:port and whether it takes new requests, as the worker has it.
    std::map<std::string, std::pair<std::string, bool>> has;
    each_stat_line(shown, [&](const StatLine& line) {
        has[line.text("pxname") + "/" + line.text("svname")] = {line.text("addr"), !line.text("status").starts_with("MAINT")};
    });
    each_place(state_, assignment_, [&](const Place& place, const std::string&, const Slot& slot) {
        const auto name = place.backend + "/" + place.server;
        const auto& [address, open] = has[name];
        const bool wanted = !slot.address.empty() && !slot.draining;
        const auto target = slot.address + ":" + std::to_string(slot.port);
        // A slot that changes its server is closed for the moment in between.
        if (!slot.address.empty() && address != target) {
            if (open) commands.push_back("set server " + name + " state maint");
            commands.push_back(
                "set server " + name + " addr " + slot.address + " port " + std::to_string(slot.port)
            );
            if (wanted) commands.push_back("set server " + name + " state ready");
        } else if (open != wanted) {
            (wanted ? commands : closing).push_back("set server " + name + " state " + (wanted ? "ready" : "maint"));
        }
        // What was there before has had its time to finish.
        if (slot.address.empty() && open) closing.push_back("shutdown sessions server " + name);
    });
    TRY(const auto map, process_.tell("show map " + options_.directory + "/" + weight_map_file));
    std::map<std::string, std::string> weights;
    std::istringstream entries(map);
    for (std::string line; std::getline(entries, line);) {
        const auto words = split(line, ' ');
        if (words.size() >= 3) weights[words[1]] = words[2];
    }
    for (const auto& [key, threshold] : configuration.thresholds) {
        const auto value = std::to_string(threshold);
        if (weights[key] == value) continue;
        commands.push_back("set map " + options_.directory + "/" + weight_map_file + " " + key + " " + value);
    }
    commands.insert(commands.end(), closing.begin(), closing.end());
    std::string line;
    for (std::size_t i = 0; i < commands.size(); ++i) {
        line += (line.empty() ? "" : ";") + commands[i];
        if (line.size() < command_line_most && i + 1 < commands.size()) continue;
        TRY_VOID(process_.tell(line));
        line.clear();
    }
    told_ = configuration;
    return {};
}

std::vector<port::HttpEntrance> Proxy::entrances() const {
    std::vector<port::HttpEntrance> all;
    for (const auto& balancer : state_.balancers) {
        for (const auto& listener : balancer.listeners) {
            const auto port = assignment_.ports.at(port_key(balancer.id, listener.id));
            all.push_back({balancer.id, listener.id, options_.local_address, static_cast<std::uint16_t>(port)}
            );
        }
    }
    return all;
}

Result<std::vector<port::HttpServerUse>> Proxy::use() {
    if (state_.balancers.empty()) return std::vector<port::HttpServerUse>{};
    TRY(const auto answers, process_.tell_all("show stat -1 4 -1"));
    std::map<std::pair<std::string, std::string>, std::uint64_t> sessions;  // group, address:port
    std::map<std::string, std::string> group_of;
    each_place(state_, assignment_, [&](const Place& place, const std::string& group, const Slot&) {
        group_of[place.backend] = group;
    });
    for (const auto& [process, answer] : answers) {
        each_stat_line(answer, [&](const StatLine& line) {
            // Sessions that wait in the server's queue are its too.
            sessions[{group_of[line.text("pxname")], line.text("addr")}] += line.number("scur") + line.number("qcur");
        });
    }
    std::vector<port::HttpServerUse> used;
    for (const auto& pool : state_.pools) {
        for (const auto& server : pool.servers) {
            const auto target = server.address + ":" + std::to_string(server.port);
            used.push_back({pool.group, server.address, server.port, sessions[{pool.group, target}]});
        }
    }
    return used;
}

Result<> Proxy::shut(const std::string& group, const std::string& address, std::uint16_t port) {
    std::string line;
    each_place(state_, assignment_, [&](const Place& place, const std::string& of, const Slot& slot) {
        if (of != group || slot.address != address || slot.port != port) return;
        const auto name = place.backend + "/" + place.server;
        if (!line.empty()) line += ";";
        line += "set server " + name + " state maint;shutdown sessions server " + name;
    });
    if (line.empty()) return {};
    told_.reset();
    TRY_VOID(process_.tell(line));
    return {};
}

Result<> Proxy::teardown() {
    TRY_VOID(process_.stop());
    std::error_code code;
    std::filesystem::remove_all(options_.directory, code);
    if (code)
        return trouble(Errc::unavailable, "cannot remove " + options_.directory + ": " + code.message());
    prepared_ = false;
    state_ = {};
    assignment_ = {};
    told_.reset();
    written_.clear();
    ledger_.forget_all();
    return {};
}

}  // namespace gantry::adapter::haproxy
