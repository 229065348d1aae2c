#include "adapter/haproxy/frontend.h"

#include <algorithm>

#include "adapter/haproxy/backend.h"
#include "adapter/haproxy/condition.h"
#include "adapter/haproxy/redirect.h"
#include "adapter/haproxy/text.h"

namespace gantry::adapter::haproxy {
namespace {

constexpr int million = 1'000'000;
// Rules have priorities 1 to 50,000; the default actions are this one.
constexpr int default_rule = 0;

std::string attribute(
    const std::map<std::string, std::string>& all, const char* name, std::string otherwise
) {
    const auto found = all.find(name);
    return found == all.end() || found->second.empty() ? std::move(otherwise) : found->second;
}

bool secure(const link::BalancerListener& listener) { return listener.protocol == "HTTPS"; }

// Seconds of a time-out attribute; bounded as AWS does, so that the text is surely a number.
std::string seconds(const link::LoadBalancer& balancer, const char* name, int otherwise, int most) {
    const auto text = attribute(balancer.attributes, name, "");
    if (text.empty() || text.size() > 6 || text.find_first_not_of("0123456789") != std::string::npos) {
        return std::to_string(otherwise) + "s";
    }
    return std::to_string(std::min(std::max(std::stoi(text), 1), most)) + "s";
}

// The oldest version that a security policy lets in, by the name's date or version as AWS names them.
std::string tls_versions(const std::string& policy) {
    if (policy.find("TLS13-1-3") != std::string::npos) return " ssl-min-ver TLSv1.3";
    if (policy.find("TLS13-1-0") != std::string::npos) return " ssl-min-ver TLSv1.0";
    if (policy.find("TLS13-1-1") != std::string::npos) return " ssl-min-ver TLSv1.1";
    if (policy.find("TLS13-1-2") != std::string::npos) return " ssl-min-ver TLSv1.2";
    if (policy.find("1-2") != std::string::npos) return " ssl-min-ver TLSv1.2 ssl-max-ver TLSv1.2";
    if (policy.find("1-1") != std::string::npos) return " ssl-min-ver TLSv1.1 ssl-max-ver TLSv1.2";
    return " ssl-min-ver TLSv1.0 ssl-max-ver TLSv1.2";
}

std::string bind_line(
    const link::LoadBalancer& balancer,
    const link::BalancerListener& listener,
    const FrontendPlace& place,
    Files& files
) {
    std::string line = "    bind " + place.address + ":" + std::to_string(place.port);
    if (!secure(listener)) return line + "\n";
    const auto name = frontend_name(balancer, listener);
    std::string list;
    for (const auto& certificate : listener.certificates) {
        const auto file = section_name("c_", certificate.arn) + ".pem";
        files[file] =
            certificate.certificate + "\n" + certificate.chain + "\n" + certificate.private_key + "\n";
        list += place.directory + "/" + file + "\n";
    }
    files[name + ".crt"] = list;
    line += " ssl crt-list " + place.directory + "/" + name + ".crt" + tls_versions(listener.ssl_policy);
    const bool http2 = attribute(balancer.attributes, "routing.http2.enabled", "true") == "true";
    return line + (http2 ? " alpn h2,http/1.1\n" : " alpn http/1.1\n");
}

std::string request_headers(const link::LoadBalancer& balancer, const link::BalancerListener& listener) {
    std::string text;
    const auto mode = attribute(balancer.attributes, "routing.http.xff_header_processing.mode", "append");
    const bool with_port =
        attribute(balancer.attributes, "routing.http.xff_client_port.enabled", "false") == "true";
    const std::string client = with_port ? "%[src]:%[src_port]" : "%[src]";
    if (mode == "remove") {
        text += "    http-request del-header X-Forwarded-For\n";
    } else if (mode == "append") {
        text +=
            "    http-request set-var(txn.forwarded) req.fhdr(X-Forwarded-For)\n"
            "    http-request set-header X-Forwarded-For '" +
            client +
            "' unless { var(txn.forwarded) -m len gt 0 }\n"
            "    http-request set-header X-Forwarded-For '%[var(txn.forwarded)], " +
            client + "' if { var(txn.forwarded) -m len gt 0 }\n";
    }
    text += std::string("    http-request set-header X-Forwarded-Proto ") +
            (secure(listener) ? "https" : "http") + "\n";
    text += "    http-request set-header X-Forwarded-Port " + std::to_string(listener.port) + "\n";
    // A trace that a client began goes on; without one a new root begins.
    text +=
        "    unique-id-format '1-%[date,hex,bytes(8,8),lower]-%[uuid,regsub(-,,g),bytes(0,24)]'\n"
        "    http-request set-var(txn.trace) req.fhdr(X-Amzn-Trace-Id)\n"
        "    http-request set-header X-Amzn-Trace-Id 'Root=%[unique-id]' unless { var(txn.trace) -m sub "
        "Root= }\n"
        "    http-request set-header X-Amzn-Trace-Id 'Self=%[unique-id];%[var(txn.trace)]'"
        " if { var(txn.trace) -m sub Root= }\n";
    return text;
}

std::string forward(
    const link::LoadBalancer& balancer,
    const std::string& frontend,
    int rule,
    const link::BalancerAction& action,
    const FrontendPlace& place
) {
    const std::string chosen = "{ var(txn.rule) -m int " + std::to_string(rule) + " }";
    const std::string open = " !{ var(txn.be) -m found }";
    const auto take = [&](const std::string& group) {
        return "    http-request set-var(txn.be) str(" + backend_name(balancer, group) + ") if " + chosen;
    };
    std::string text;
    if (action.stickiness_seconds > 0) {
        for (const auto& group : action.groups) {
            const auto name = backend_name(balancer, group.group);
            text += take(group.group) + open + " { req.cook(AWSALBTG) -m str " + name + " } { nbsrv(" + name +
                    ") gt 0 }\n";
        }
    }
    for (std::size_t i = 0; i < action.groups.size(); ++i) {
        text += take(action.groups[i].group) + open + " { str(" + weight_key(frontend, rule, i) +
                "),map_str_int(" + place.directory + "/" + weight_map_file + ",0),sub(txn.dice) gt 0 }\n";
    }
    if (action.stickiness_seconds > 0) {
        text += "    http-response add-header Set-Cookie 'AWSALBTG=%[var(txn.be)]; Path=/; Max-Age=" +
                std::to_string(action.stickiness_seconds) + "' if " + chosen + " { var(txn.be) -m found }\n";
    }
    return text;
}

std::string act(
    const link::LoadBalancer& balancer,
    const link::BalancerListener& listener,
    int rule,
    const link::BalancerAction& action,
    const FrontendPlace& place,
    Files& files
) {
    const auto frontend = frontend_name(balancer, listener);
    const std::string chosen = " if { var(txn.rule) -m int " + std::to_string(rule) + " }\n";
    if (action.type == "forward") return forward(balancer, frontend, rule, action, place);
    if (action.type == "redirect") {
        return "    http-request redirect location " +
               quoted(redirect_location(action, secure(listener) ? "https" : "http", listener.port)) +
               " code " + (action.status_code == 302 ? "302" : "301") + chosen;
    }
    if (action.type == "fixed-response") {
        std::string text = "    http-request return status " + std::to_string(action.status_code);
        if (action.body.empty()) return text + " hdr Server awselb/2.0" + chosen;
        const auto file = frontend + "_" + std::to_string(rule) + ".body";
        files[file] = action.body;
        return text + " content-type " +
               quoted(action.content_type.empty() ? "text/plain" : action.content_type) + " file " +
               place.directory + "/" + file + " hdr Server awselb/2.0" + chosen;
    }
    return "    http-request return status 501" + chosen;
}

}  // namespace

std::string weight_key(const std::string& frontend, int rule, std::size_t group) {
    return frontend + "." + std::to_string(rule) + "." + std::to_string(group);
}

std::map<std::string, int> weight_thresholds(
    const std::string& frontend, int rule, const link::BalancerAction& action
) {
    std::map<std::string, int> thresholds;
    long long total = 0, sum = 0;
    for (const auto& group : action.groups) total += group.weight;
    for (std::size_t i = 0; i < action.groups.size(); ++i) {
        sum += action.groups[i].weight;
        // The dice show less than a million; a threshold equal to the one before is never hit first.
        thresholds[weight_key(frontend, rule, i)] = total == 0 ? 0 : static_cast<int>(sum * million / total);
    }
    return thresholds;
}

std::string frontend_name(const link::LoadBalancer& balancer, const link::BalancerListener& listener) {
    return section_name("f_", balancer.id + " " + listener.id);
}

std::string frontend_text(
    const link::LoadBalancer& balancer,
    const link::BalancerListener& listener,
    const FrontendPlace& place,
    Files& files
) {
    std::string text =
        "frontend " + frontend_name(balancer, listener) + "\n" + bind_line(balancer, listener, place, files);
    text += "    timeout client " + seconds(balancer, "idle_timeout.timeout_seconds", 60, 4'000) + "\n";
    text += "    timeout tunnel " + seconds(balancer, "idle_timeout.timeout_seconds", 60, 4'000) + "\n";
    text += "    timeout http-keep-alive " + seconds(balancer, "client_keep_alive.seconds", 3'600, 604'800) +
            "\n";
    text +=
        "    http-request set-var(txn.host) req.hdr(host),field(1,:)\n"
        "    http-request set-var(txn.asked) query\n"
        "    http-request set-var(txn.query) str(),concat(?,txn.asked) if { var(txn.asked) -m len gt 0 }\n";
    text += "    http-request set-var(txn.dice) rand(" + std::to_string(million) + ")\n";
    for (const auto& rule : listener.rules) {
        text += "    http-request set-var(txn.rule) int(" + std::to_string(rule.priority) +
                ") if !{ var(txn.rule) -m found }";
        for (const auto& condition : rule.conditions) text += " " + condition_acl(condition);
        text += "\n";
    }
    text += "    http-request set-var(txn.rule) int(" + std::to_string(default_rule) +
            ") if !{ var(txn.rule) -m found }\n";
    text += request_headers(balancer, listener);
    for (const auto& rule : listener.rules)
        text += act(balancer, listener, rule.priority, rule.action, place, files);
    text += act(balancer, listener, default_rule, listener.default_action, place, files);
    // What is not the first request of its connection gets no answer when its target dies under it: HAProxy leaves it to
    // the client. Where it is safe and there is another target, the request is sent again; all others reach their group
    // in a connection of their own, through the proxy itself.
    const std::string forwards = " { var(txn.be) -m found }";
    const std::string later = " if" + forwards + " { fc_http_major 1 } !{ http_first_req }";
    const std::string safe = "{ method GET HEAD OPTIONS }";
    const std::string alone = " { var(txn.be),nbsrv lt 2 }";
    text += "    http-request set-var(txn.own) bool(true)" + later + " !" + safe + "\n" +
            "    http-request set-var(txn.own) bool(true)" + later + alone + "\n" +
            // The proxy's own socket ends without an answer only when it had not read the request: at a reload.
            "    http-request disable-l7-retry if !" + safe + " !{ var(txn.own) -m found }\n" +
            "    http-request disable-l7-retry if" + forwards + alone + " !{ var(txn.own) -m found }\n" +
            "    http-request set-header " + group_header + " %[var(txn.be)] if { var(txn.own) -m found }\n" +
            "    use_backend " + own_connection_backend + " if { var(txn.own) -m found }\n";
    text += "    use_backend %[var(txn.be)] if { var(txn.be) -m found }\n";
    return text + "    default_backend " + no_backend + "\n\n";
}

}  // namespace gantry::adapter::haproxy
