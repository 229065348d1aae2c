#include "adapter/routernet/host_side.h"

#include <algorithm>
#include <fstream>
#include <set>
#include <sstream>

namespace gantry::adapter::routernet {

Result<HostView> look_at_host(Rtnetlink& host, int own_link, const std::string& resolv_conf) {
    HostView view;
    TRY(auto routes, host.routes());
    for (const auto& route : routes) {
        // /0 is the default route, two /1 are how VPN clients override it: a longer prefix beside them hurts
        // nobody.
        if (route.to.length <= 1 || route.link == own_link) continue;
        if (route.local_table && route.to.length == 32) {
            view.taken.emplace_back(route.to, "the host's own address " + format(route.to.base));
        } else if (!route.local_table) {
            view.taken.emplace_back(route.to, "the host's route to " + format(route.to));
        }
    }
    std::ifstream file(resolv_conf);
    for (std::string line; std::getline(file, line);) {
        std::istringstream words(line);
        std::string key, value;
        words >> key >> value;
        if (auto address = parse_ipv4(value); key == "nameserver" && address) {
            view.taken.emplace_back(Cidr{*address, 32}, "the host's name server " + value);
        }
    }
    return view;
}

std::vector<port::HostRoute> judge_host_routes(
    const std::vector<port::VpcState>& vpcs, const HostView& view
) {
    std::vector<port::HostRoute> judged;
    for (const auto& vpc : vpcs) {
        for (const auto& text : vpc.cidrs) {
            port::HostRoute route{vpc.id, text, true, {}};
            auto cidr = parse_cidr(text);
            for (const auto& [taken, what] : view.taken) {
                if (!cidr || !overlap(*cidr, taken)) continue;
                route.direct = false;
                route.reason =
                    text + " overlaps " + what + ", so programs on the host do not reach it directly";
                break;
            }
            judged.push_back(std::move(route));
        }
    }
    return judged;
}

Result<> set_host_routes(
    Rtnetlink& host,
    int own_link,
    const Options& options,
    const std::vector<port::HostRoute>& wanted,
    const std::set<Ipv4>& balancers
) {
    std::set<std::pair<Cidr, std::uint32_t>> missing;  // and its table
    for (const auto& route : wanted) {
        if (auto cidr = parse_cidr(route.cidr); route.direct && cidr) missing.insert({*cidr, Route{}.table});
    }
    for (auto address : balancers) missing.insert({{address, 32}, local_route_table});
    TRY(auto routes, host.routes());
    for (const auto& route : routes) {
        if (route.link != own_link || !route.via || *route.via != options.router_address) continue;
        if (missing.erase({route.to, route.table}) == 0) TRY_VOID(host.remove_route(route));
    }
    for (const auto& [cidr, table] : missing) {
        Route route{
            .to = cidr, .link = own_link, .via = options.router_address, .source = options.host_address
        };
        route.table = table;
        TRY_VOID(host.add_route(route));
    }
    return {};
}

}  // namespace gantry::adapter::routernet
