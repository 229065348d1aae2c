// Creating, describing, changing and deleting listeners.
#include <algorithm>

#include "elbv2/admit_actions.h"
#include "elbv2/certificates.h"
#include "elbv2/find.h"
#include "elbv2/limits.h"
#include "elbv2/page.h"
#include "elbv2/show_listener.h"
#include "elbv2/ssl_policy.h"
#include "elbv2/tagging.h"
#include "elbv2/usage.h"
#include "state/txn.h"

namespace gantry::elbv2 {

using namespace shapes::elbv2;
using state::Txn;

namespace {

Result<> check_protocol(const LoadBalancerRecord& balancer, const std::string& protocol) {
    const bool http = protocol == "HTTP" || protocol == "HTTPS";
    if (!balancer.network()) {
        if (!http) return invalid("Listener protocol '" + protocol + "' must be one of 'HTTPS, HTTP'");
        return {};
    }
    if (protocol == "TCP" || protocol == "UDP" || protocol == "TCP_UDP") return {};
    if (http) return invalid("Listener protocol '" + protocol + "' must be one of 'TCP, TLS, UDP, TCP_UDP'");
    return refuse(
        "UnsupportedProtocol", "Gantry does not support listeners with protocol '" + protocol + "' yet"
    );
}

// What a listener may say beside its actions; what it says is kept.
struct Security {
    const std::optional<std::string>& ssl_policy;
    const std::optional<std::vector<Certificate>>& certificates;
    const std::optional<std::vector<std::string>>& alpn;
    const std::optional<MutualAuthenticationAttributes>& mutual;
};

Result<> apply(const Txn& txn, const Security& asked, ListenerRecord& listener) {
    if (asked.alpn && !asked.alpn->empty())
        return invalid_configuration("ALPN policies are supported for listeners with the TLS protocol only");
    if (asked.mutual && asked.mutual->mode.value_or("off") != "off") return not_built("mutual authentication");
    const bool named = asked.certificates && !asked.certificates->empty();
    if (!listener.secure()) {
        if (named)
            return invalid("Certificates cannot be specified for " + listener.protocol + " listeners");
        if (asked.ssl_policy && !asked.ssl_policy->empty())
            return invalid("An SSL policy cannot be specified for " + listener.protocol + " listeners");
        listener.certificates.clear();
        listener.ssl_policy.clear();
        return {};
    }
    if (asked.ssl_policy && !asked.ssl_policy->empty()) listener.ssl_policy = *asked.ssl_policy;
    if (listener.ssl_policy.empty()) listener.ssl_policy = kDefaultSslPolicy;
    if (find_ssl_policy(listener.ssl_policy) == nullptr)
        return refuse("SSLPolicyNotFound", "SSL policy '" + listener.ssl_policy + "' not found");
    if (named) {
        if (asked.certificates->size() > 1) {
            return invalid(
                "Up to '1' certificate can be specified, but '" + std::to_string(asked.certificates->size()) +
                "' were specified"
            );
        }
        const std::string arn = asked.certificates->front().certificate_arn.value_or("");
        if (!find_certificate(txn, arn))
            return refuse("CertificateNotFound", "Certificate '" + arn + "' not found");
        auto& list = listener.certificates;
        if (!list.empty()) list.erase(list.begin());
        std::erase(list, arn);
        list.insert(list.begin(), arn);
    }
    if (listener.certificates.empty())
        return invalid("A certificate must be specified for " + listener.protocol + " listeners");
    return {};
}

state::Pinned<ListenerRecord> at_port(const Txn& txn, const LoadBalancerRecord& balancer, int port) {
    for (auto& listener : listeners_of(txn, balancer.key())) {
        if (listener->port == port) return listener;
    }
    return nullptr;
}

tl::unexpected<Error> duplicate(const LoadBalancerRecord& balancer) {
    return refuse(
        "DuplicateListener", "A listener already exists on this port for this load balancer '" + balancer.arn() + "'"
    );
}

bool same_settings(const ListenerRecord& a, const ListenerRecord& b) {
    return a.protocol == b.protocol && a.ssl_policy == b.ssl_policy && encode(a.actions) == encode(b.actions) &&
           (a.certificates.empty() ? b.certificates.empty()
                                   : !b.certificates.empty() && a.certificates[0] == b.certificates[0]);
}

Result<> write(Txn& txn, const LoadBalancerRecord& balancer, ListenerRecord listener) {
    const auto before = certificates_of(txn, balancer);
    txn.put(std::move(listener));
    if (certificates_of(txn, balancer).size() > kCertificatesPerBalancer) {
        return refuse(
            "TooManyCertificates", "The maximum number of certificates of a load balancer has been reached: " +
                                       std::to_string(kCertificatesPerBalancer)
        );
    }
    claim_certificates(txn, balancer, before);
    return {};
}

}  // namespace

Result<CreateListenerResponse> create_listener(
    Txn& txn, const CreateListenerRequest& request, const Caller& caller
) {
    TRY(const auto balancer, find_balancer(txn, caller, request.load_balancer_arn));
    if (!request.protocol) return invalid("A listener protocol must be specified");
    if (!request.port) return invalid("A listener port must be specified");
    TRY_VOID(check_protocol(*balancer, *request.protocol));
    ListenerRecord listener;
    listener.account = balancer->account;
    listener.region = balancer->region;
    listener.balancer = balancer->id;
    listener.balancer_path = balancer->path();
    listener.protocol = *request.protocol;
    listener.port = *request.port;
    const Security security{
        request.ssl_policy, request.certificates, request.alpn_policy, request.mutual_authentication
    };
    TRY_VOID(apply(txn, security, listener));
    TRY(listener.actions,
        admit_actions(txn, caller, *balancer, listener.protocol, request.default_actions));
    TRY(listener.tags, requested_tags(request.tags));
    if (const auto known = at_port(txn, *balancer, listener.port)) {
        if (same_settings(*known, listener)) return CreateListenerResponse{{{show(*known)}}};
        return duplicate(*balancer);
    }
    if (listeners_of(txn, balancer->key()).size() >= kListenersPerBalancer) {
        return refuse(
            "TooManyListeners", "The maximum number of listeners of a load balancer has been reached: " +
                                    std::to_string(kListenersPerBalancer)
        );
    }
    TRY_VOID(check_groups_of_balancer(txn, *balancer, listener.actions));
    listener.id = fresh_id(txn.chance());
    listener.default_rule = fresh_id(txn.chance());
    CreateListenerResponse response{{{show(listener)}}};
    TRY_VOID(write(txn, *balancer, std::move(listener)));
    return response;
}

Result<DescribeListenersResponse> describe_listeners(
    Txn& txn, const DescribeListenersRequest& request, const Caller& caller
) {
    const bool by_arn = request.listener_arns && !request.listener_arns->empty();
    if (by_arn == request.load_balancer_arn.has_value())
        return invalid("You must specify either listener ARNs or a load balancer ARN");
    std::vector<state::Pinned<ListenerRecord>> found;
    if (by_arn) {
        for (const auto& arn : *request.listener_arns) {
            TRY(auto listener, find_listener(txn, caller, arn));
            found.push_back(std::move(listener));
        }
    } else {
        TRY(const auto balancer, find_balancer(txn, caller, *request.load_balancer_arn));
        found = listeners_of(txn, balancer->key());
    }
    DescribeListenersResponse response;
    TRY(response.next_marker,
        cut_page(found, request.marker, request.page_size, [](const auto& listener) { return listener->id; }));
    response.listeners.emplace();
    for (const auto& listener : found) response.listeners->push_back(show(*listener));
    return response;
}

// What is not named stays as it is.
Result<ModifyListenerResponse> modify_listener(
    Txn& txn, const ModifyListenerRequest& request, const Caller& caller
) {
    TRY(const auto known, find_listener(txn, caller, request.listener_arn));
    const auto balancer = txn.get<LoadBalancerRecord>(known->balancer_key());
    ListenerRecord listener = *known;
    if (request.port) listener.port = *request.port;
    if (request.protocol) listener.protocol = *request.protocol;
    TRY_VOID(check_protocol(*balancer, listener.protocol));
    const auto other = at_port(txn, *balancer, listener.port);
    if (other && other->id != listener.id) return duplicate(*balancer);
    const Security security{
        request.ssl_policy, request.certificates, request.alpn_policy, request.mutual_authentication
    };
    TRY_VOID(apply(txn, security, listener));
    // The old actions must suit another protocol too.
    const bool named = request.default_actions && !request.default_actions->empty();
    TRY(listener.actions,
        admit_actions(
            txn, caller, *balancer, listener.protocol, named ? *request.default_actions : listener.actions
        ));
    TRY_VOID(check_groups_of_balancer(txn, *balancer, listener.actions));
    ModifyListenerResponse response{{{show(listener)}}};
    TRY_VOID(write(txn, *balancer, std::move(listener)));
    return response;
}

Result<DeleteListenerResponse> delete_listener(
    Txn& txn, const DeleteListenerRequest& request, const Caller& caller
) {
    TRY(const auto listener, find_listener(txn, caller, request.listener_arn));
    const auto balancer = txn.get<LoadBalancerRecord>(listener->balancer_key());
    const auto before = certificates_of(txn, *balancer);
    txn.erase<ListenerRecord>(listener->key());
    claim_certificates(txn, *balancer, before);
    return DeleteListenerResponse{};
}

Result<AddListenerCertificatesResponse> add_listener_certificates(
    Txn& txn, const AddListenerCertificatesRequest& request, const Caller& caller
) {
    TRY(const auto known, find_listener(txn, caller, request.listener_arn));
    if (!known->secure())
        return invalid("Certificates cannot be specified for " + known->protocol + " listeners");
    const auto balancer = txn.get<LoadBalancerRecord>(known->balancer_key());
    ListenerRecord listener = *known;
    AddListenerCertificatesResponse response;
    response.certificates.emplace();
    for (const auto& certificate : request.certificates) {
        const std::string arn = certificate.certificate_arn.value_or("");
        if (certificate.is_default) return invalid("'IsDefault' cannot be specified for added certificates");
        if (!find_certificate(txn, arn))
            return refuse("CertificateNotFound", "Certificate '" + arn + "' not found");
        auto& list = listener.certificates;
        if (std::find(list.begin(), list.end(), arn) == list.end()) list.push_back(arn);
        auto& shown = response.certificates->emplace_back();
        shown.certificate_arn = arn;
        shown.is_default = arn == list.front();
    }
    TRY_VOID(write(txn, *balancer, std::move(listener)));
    return response;
}

Result<RemoveListenerCertificatesResponse> remove_listener_certificates(
    Txn& txn, const RemoveListenerCertificatesRequest& request, const Caller& caller
) {
    TRY(const auto known, find_listener(txn, caller, request.listener_arn));
    const auto balancer = txn.get<LoadBalancerRecord>(known->balancer_key());
    ListenerRecord listener = *known;
    for (const auto& certificate : request.certificates) {
        const std::string arn = certificate.certificate_arn.value_or("");
        if (!listener.certificates.empty() && listener.certificates.front() == arn)
            return refuse("OperationNotPermitted", "Default certificate '" + arn + "' cannot be removed");
        std::erase(listener.certificates, arn);
    }
    TRY_VOID(write(txn, *balancer, std::move(listener)));
    return RemoveListenerCertificatesResponse{};
}

Result<DescribeListenerCertificatesResponse> describe_listener_certificates(
    Txn& txn, const DescribeListenerCertificatesRequest& request, const Caller& caller
) {
    TRY(const auto listener, find_listener(txn, caller, request.listener_arn));
    std::vector<Certificate> list;
    for (const auto& arn : listener->certificates) {
        auto& shown = list.emplace_back();
        shown.certificate_arn = arn;
        shown.is_default = arn == listener->certificates.front();
    }
    std::sort(list.begin(), list.end(), [](const auto& a, const auto& b) {
        return a.certificate_arn < b.certificate_arn;
    });
    DescribeListenerCertificatesResponse response;
    TRY(response.next_marker, cut_page(list, request.marker, request.page_size, [](const auto& certificate) {
            return *certificate.certificate_arn;
        }));
    response.certificates = std::move(list);
    return response;
}

}  // namespace gantry::elbv2
