#include "elbv2/ssl_policy.h"

#include <algorithm>

#include "elbv2/find.h"
#include "elbv2/page.h"
#include "shapes/elbv2/shapes.h"
#include "state/txn.h"

namespace gantry::elbv2 {

using state::Txn;

namespace {

// Ciphers come in families that policies put together.
#define TLS13 "TLS_AES_128_GCM_SHA256 TLS_AES_256_GCM_SHA384 TLS_CHACHA20_POLY1305_SHA256"
#define ECDHE_GCM_128 "ECDHE-ECDSA-AES128-GCM-SHA256 ECDHE-RSA-AES128-GCM-SHA256"
#define ECDHE_CBC2_128 "ECDHE-ECDSA-AES128-SHA256 ECDHE-RSA-AES128-SHA256"
#define ECDHE_CBC_128 "ECDHE-ECDSA-AES128-SHA ECDHE-RSA-AES128-SHA"
#define ECDHE_GCM_256 "ECDHE-ECDSA-AES256-GCM-SHA384 ECDHE-RSA-AES256-GCM-SHA384"
#define ECDHE_CBC2_256 "ECDHE-ECDSA-AES256-SHA384 ECDHE-RSA-AES256-SHA384"
#define ECDHE_CBC_256 "ECDHE-ECDSA-AES256-SHA ECDHE-RSA-AES256-SHA"
#define RSA2 "AES128-GCM-SHA256 AES128-SHA256 AES256-GCM-SHA384 AES256-SHA256"
#define RSA "AES128-GCM-SHA256 AES128-SHA256 AES128-SHA AES256-GCM-SHA384 AES256-SHA256 AES256-SHA"

#define FS_RES ECDHE_GCM_128 " " ECDHE_GCM_256
#define FS_NEW ECDHE_GCM_128 " " ECDHE_CBC2_128 " " ECDHE_GCM_256 " " ECDHE_CBC2_256
#define FS_ALL \
    ECDHE_GCM_128 " " ECDHE_CBC2_128 " " ECDHE_CBC_128 " " ECDHE_GCM_256 " " ECDHE_CBC2_256 " " ECDHE_CBC_256

constexpr SslPolicyFacts kPolicies[] = {
    {"ELBSecurityPolicy-2016-08", "TLSv1 TLSv1.1 TLSv1.2", FS_ALL " " RSA},
    {"ELBSecurityPolicy-TLS13-1-2-2021-06", "TLSv1.2 TLSv1.3", TLS13 " " FS_NEW},
    {"ELBSecurityPolicy-TLS13-1-2-Res-2021-06", "TLSv1.2 TLSv1.3", TLS13 " " FS_RES},
    {"ELBSecurityPolicy-TLS13-1-2-Ext1-2021-06", "TLSv1.2 TLSv1.3", TLS13 " " FS_NEW " " RSA2},
    {"ELBSecurityPolicy-TLS13-1-2-Ext2-2021-06", "TLSv1.2 TLSv1.3", TLS13 " " FS_ALL " " RSA},
    {"ELBSecurityPolicy-TLS13-1-1-2021-06", "TLSv1.1 TLSv1.2 TLSv1.3", TLS13 " " FS_ALL " " RSA},
    {"ELBSecurityPolicy-TLS13-1-0-2021-06", "TLSv1 TLSv1.1 TLSv1.2 TLSv1.3", TLS13 " " FS_ALL " " RSA},
    {"ELBSecurityPolicy-TLS13-1-3-2021-06", "TLSv1.3", TLS13},
    {"ELBSecurityPolicy-TLS-1-2-2017-01", "TLSv1.2", FS_NEW " " RSA2},
    {"ELBSecurityPolicy-TLS-1-2-Ext-2018-06", "TLSv1.2", FS_ALL " " RSA},
    {"ELBSecurityPolicy-TLS-1-1-2017-01", "TLSv1.1 TLSv1.2", FS_ALL " " RSA},
    {"ELBSecurityPolicy-FS-1-2-Res-2020-10", "TLSv1.2", FS_RES},
    {"ELBSecurityPolicy-FS-1-2-Res-2019-08", "TLSv1.2", FS_NEW},
    {"ELBSecurityPolicy-FS-1-2-2019-08", "TLSv1.2", FS_ALL},
    {"ELBSecurityPolicy-FS-1-1-2019-08", "TLSv1.1 TLSv1.2", FS_ALL},
    {"ELBSecurityPolicy-FS-2018-06", "TLSv1 TLSv1.1 TLSv1.2", FS_ALL},
    {"ELBSecurityPolicy-TLS-1-0-2015-04", "TLSv1 TLSv1.1 TLSv1.2", FS_ALL " " RSA " DES-CBC3-SHA"},
    {"ELBSecurityPolicy-2015-05", "TLSv1 TLSv1.1 TLSv1.2", FS_ALL " " RSA},
};

std::vector<std::string> words(std::string_view text) {
    std::vector<std::string> list;
    while (!text.empty()) {
        const auto end = text.find(' ');
        list.emplace_back(text.substr(0, end));
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    }
    return list;
}

shapes::elbv2::SslPolicy show(const SslPolicyFacts& policy) {
    shapes::elbv2::SslPolicy out;
    out.name = std::string(policy.name);
    out.ssl_protocols = words(policy.protocols);
    out.ciphers.emplace();
    for (auto& name : words(policy.ciphers)) {
        auto& cipher = out.ciphers->emplace_back();
        cipher.name = std::move(name);
        cipher.priority = static_cast<std::int32_t>(out.ciphers->size());
    }
    out.supported_load_balancer_types = {"application", "network"};
    return out;
}

}  // namespace

std::span<const SslPolicyFacts> ssl_policies() { return kPolicies; }

const SslPolicyFacts* find_ssl_policy(std::string_view name) {
    const auto all = ssl_policies();
    const auto found = std::find_if(all.begin(), all.end(), [&](const auto& one) { return one.name == name; });
    return found == all.end() ? nullptr : &*found;
}

Result<shapes::elbv2::DescribeSSLPoliciesResponse> describe_ssl_policies(
    Txn&, const shapes::elbv2::DescribeSSLPoliciesRequest& request, const Caller&
) {
    shapes::elbv2::DescribeSSLPoliciesResponse response;
    auto& list = response.ssl_policies.emplace();
    if (request.names && !request.names->empty()) {
        for (const auto& name : *request.names) {
            const auto* policy = find_ssl_policy(name);
            if (policy == nullptr)
                return refuse("SSLPolicyNotFound", "SSL policy '" + name + "' not found");
            list.push_back(show(*policy));
        }
        return response;
    }
    if (request.load_balancer_type == "gateway") return response;
    for (const auto& policy : ssl_policies()) list.push_back(show(policy));
    std::sort(list.begin(), list.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
    TRY(response.next_marker, cut_page(list, request.marker, request.page_size, [](const auto& policy) {
            return *policy.name;
        }));
    return response;
}

}  // namespace gantry::elbv2
