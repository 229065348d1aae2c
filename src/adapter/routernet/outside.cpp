#include "adapter/routernet/outside.h"

#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "adapter/routernet/namespace_files.h"
#include "adapter/routernet/nft.h"
#include "adapter/routernet/program.h"
#include "base/assertion.h"

namespace gantry::adapter::routernet {
namespace {

constexpr auto look_again = std::chrono::seconds(5);

std::string read_file(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

std::string kernel_rules(const Options& options) {
    auto link = '"' + options.host_link + '"';
    return "chain input { type filter hook input priority -5; policy accept;\n"
           "  iifname " +
           link +
           " ct state established,related accept\n"
           "  iifname " +
           link +
           " drop\n}\n"
           "chain postrouting { type nat hook postrouting priority 100; policy accept;\n"
           "  ip saddr " +
           format(options.router_address) + " oifname != " + link + " masquerade\n}\n";
}

// pasta's sockets are the only ones with this group, so the host's own addresses, whatever they are, stay out
// of reach.
std::string pasta_rules(const Options& options) {
    return "chain output { type filter hook output priority -5; policy accept;\n  meta skgid " +
           std::to_string(options.pasta_group) +
           " oifname \"lo\" reject with icmp type admin-prohibited\n}\n";
}

}  // namespace

// A foreign chain on the forward hook may drop what we would forward (Docker's policy does), and no rule of
// ours could overrule it.
Result<bool> Outside::host_forwards() const {
    if (read_file("/proc/sys/net/ipv4/ip_forward").substr(0, 1) != "1") return false;
    auto legacy = read_file("/proc/net/ip_tables_names");
    if (legacy.find("filter") != legacy.npos) return false;
    TRY(auto chains, Nft::list("chains"));
    return chains.find("hook forward") == chains.npos;
}

Result<> Outside::ensure_table(const std::string& rules) {
    auto name = "ip " + options_.host_table;
    if (rules == loaded_rules_ && Nft::list("table " + name).has_value()) return {};
    TRY_VOID(
        Nft::load("add table " + name + "\ndelete table " + name + "\ntable " + name + " {\n" + rules + "}\n")
    );
    loaded_rules_ = rules;
    return {};
}

pid_t Outside::find_pasta() const {
    auto text = read_file(pid_file());
    auto pid = static_cast<pid_t>(std::strtol(text.c_str(), nullptr, 10));
    if (pid <= 1) return 0;
    // The number may belong to something else by now.
    auto command = read_file("/proc/" + std::to_string(pid) + "/cmdline");
    bool ours = command.find(std::string("--netns\0", 8) + router_file_ + '\0') != command.npos;
    return ours ? pid : 0;
}

Result<> Outside::use_kernel(Rtnetlink& router) {
    TRY_VOID(ensure_table(kernel_rules(options_)));
    TRY(auto link, router.find_link(router_link));
    if (!link) return trouble(Errc::unavailable, "the router has no link to the host");
    return router.add_route(
        {.to = {{0}, 0}, .link = link->index, .via = options_.host_address, .table = outside_route_table}
    );
}

Result<> Outside::use_pasta(
    const port::Descriptor&, Rtnetlink& router, const port::Descriptor& router_netns
) {
    // First the rule that closes the leak, then what could leak.
    TRY_VOID(ensure_table(pasta_rules(options_)));
    static_cast<void>(router_netns);
    TRY(auto link, router.find_link(pasta_link));
    if (find_pasta() == 0 || !link) {
        std::error_code ignored;
        std::filesystem::remove(pid_file(), ignored);
        TRY(auto outcome, run(
                              {"pasta",
                               "--runas",
                               "0:" + std::to_string(options_.pasta_group),
                               "--netns-only",
                               "-4",
                               "-q",
                               "--netns",
                               router_file_,
                               "-I",
                               pasta_link,
                               "-a",
                               format(pasta_link_address),
                               "-g",
                               format(pasta_gateway_address),
                               "-n",
                               "30",
                               "--no-map-gw",
                               "--no-dhcp",
                               "--no-ndp",
                               "--no-dhcpv6",
                               "--no-ra",
                               "-t",
                               "none",
                               "-u",
                               "none",
                               "-T",
                               "none",
                               "-U",
                               "none",
                               "-l",
                               options_.directory + "/pasta.log",
                               "-P",
                               pid_file()}
                          ));
        if (outcome.exit_code != 0) {
            return trouble(Errc::unavailable, "pasta does not start: " + outcome.errors.substr(0, 300));
        }
        TRY(link, router.find_link(pasta_link));
        if (!link) return trouble(Errc::unavailable, "pasta made no interface");
    }
    TRY_VOID(router.add_address(link->index, pasta_link_address, 30));
    TRY_VOID(router.set_up(link->index));
    return router.add_route(
        {.to = {{0}, 0}, .link = link->index, .via = pasta_gateway_address, .table = outside_route_table}
    );
}

Result<Outside::Way> Outside::make(
    const port::Descriptor& host, Rtnetlink& router, const port::Descriptor& router_netns
) {
    Visit visit(host, router_netns);
    TRY(bool forwards, host_forwards());
    if (forwards) {
        TRY_VOID(use_kernel(router));
        return Way{port::OutsideAccess::kernel, router_link, {}};
    }
    TRY_VOID(use_pasta(host, router, router_netns));
    return Way{port::OutsideAccess::userspace, pasta_link, {}};
}

Outside::Way Outside::ensure(
    bool wanted, const port::Descriptor& host, Rtnetlink& router, const port::Descriptor& router_netns
) {
    auto now = std::chrono::steady_clock::now();
    bool looked = looked_ != std::chrono::steady_clock::time_point{};
    if (!wanted && looked && way_.access == port::OutsideAccess::unused) return way_;
    if (wanted && way_.access != port::OutsideAccess::unused && now - looked_ < look_again) return way_;
    looked_ = now;
    if (!wanted) {
        auto removed = remove(host, router_netns);
        way_ = {};
        if (!removed) looked_ = {};
        return way_;
    }
    auto made = make(host, router, router_netns);
    way_ = made ? *made : Way{port::OutsideAccess::unavailable, {}, made.error().message};
    return way_;
}

Result<> Outside::remove(const port::Descriptor& host, const port::Descriptor& router_netns) {
    way_ = {};
    loaded_rules_.clear();
    if (auto pid = find_pasta(); pid != 0) {
        port::Descriptor process(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
        if (process && find_pasta() == pid) {
            ::syscall(SYS_pidfd_send_signal, process.get(), SIGKILL, nullptr, 0);
            pollfd wait{process.get(), POLLIN, 0};
            ::poll(&wait, 1, 5000);
        }
    }
    for (const char* name : {"/pasta.pid", "/pasta.log"}) {
        std::error_code ignored;
        std::filesystem::remove(options_.directory + name, ignored);
    }
    Visit visit(host, router_netns);
    auto name = "ip " + options_.host_table;
    auto listed = Nft::list("table " + name);
    if (!listed && listed.error().errc == Errc::not_found) return {};
    return Nft::load("add table " + name + "\ndelete table " + name + '\n');
}

}  // namespace gantry::adapter::routernet
