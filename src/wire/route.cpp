#include "wire/route.h"

#include <cstring>

#include "wire/gzip.h"
#include "wire/rest.h"

namespace gantry::wire {

namespace {

using shapes::Protocol;
using shapes::Service;

constexpr std::size_t kMaxEcho = 200;  // of what the client sent, in an error text

std::string echo(std::string_view text) { return std::string(text.substr(0, kMaxEcho)); }

// "com.amazonaws.ecs#AmazonEC2ContainerServiceV20141113.RunTask" -> prefix and operation name.
struct Target {
    std::string_view prefix;
    std::string_view operation;
};

Target read_target(std::string_view text) {
    const auto dot = text.rfind('.');
    if (dot == std::string_view::npos) return {{}, text};
    auto prefix = text.substr(0, dot);
    if (const auto mark = prefix.find_last_of("#."); mark != std::string_view::npos)
        prefix.remove_prefix(mark + 1);
    return {prefix, text.substr(dot + 1)};
}

// "/service/GraniteServiceVersion20100801/operation/PutMetricAlarm" of Smithy's rpc-v2-cbor.
std::optional<Target> cbor_target(const HttpRequest& request) {
    constexpr std::string_view start = "/service/", middle = "/operation/";
    if (header(request, "smithy-protocol") != "rpc-v2-cbor") return std::nullopt;
    auto path = path_of(request);
    if (!path.starts_with(start)) return std::nullopt;
    path.remove_prefix(start.size());
    const auto end = path.find(middle);
    if (end == std::string_view::npos) return std::nullopt;
    return Target{path.substr(0, end), path.substr(end + middle.size())};
}

const Service* service_of_target(std::string_view prefix) {
    for (const Service* service : shapes::services()) {
        if (service->target_prefix != nullptr && prefix == service->target_prefix) return service;
    }
    return nullptr;
}

// The service that signs with that name and speaks forms; of several (both elasticloadbalancing) the one of
// that version.
const Service* service_of_scope(std::string_view signing_name, std::string_view version) {
    const Service* found = nullptr;
    for (const Service* service : shapes::services()) {
        if (signing_name != service->signing_name) continue;
        if (version == service->api_version) return service;
        if (found == nullptr) found = service;
    }
    return found;
}

// Without credentials, an unsigned operation can be told by its version and name only.
const Service* service_of_unsigned(std::string_view version, std::string_view action) {
    for (const Service* service : shapes::services()) {
        if ((service->protocol == Protocol::aws_json && !speaks_query_too(*service)) ||
            version != service->api_version) {
            continue;
        }
        const auto* operation = shapes::find_operation(*service, action);
        if (operation != nullptr && operation->unsigned_) return service;
    }
    return nullptr;
}

bool is_form(const HttpRequest& request) {
    const auto type = header(request, "content-type");
    static constexpr std::string_view kForm = "application/x-www-form-urlencoded";
    return type.size() >= kForm.size() && same_ignoring_case(type.substr(0, kForm.size()), kForm);
}

std::string_view value_or_empty(const Form& form, std::string_view name) {
    const std::string* value = form.find(name);
    return value == nullptr ? std::string_view() : std::string_view(*value);
}

Result<std::string> body_of(const HttpRequest& request) {
    const auto encoding = header(request, "content-encoding");
    const bool compressed = same_ignoring_case(encoding, "gzip") || same_ignoring_case(encoding, "x-gzip");
    if (request.body.size() > kMaxBody)
        return refuse("RequestEntityTooLarge", "The request is larger than 8 MiB.");
    if (!compressed) return request.body;
    auto plain = gunzip(request.body, kMaxBody);
    if (plain) return plain;
    if (plain.error().errc == Errc::exhausted)
        return refuse("RequestEntityTooLarge", "The decompressed request is larger than 8 MiB.");
    return refuse("SerializationException", "The body is not what its Content-Encoding gzip says.");
}

Result<void> check_scope(const Routed& routed) {
    const auto& service = *routed.operation->service;
    if (routed.credentials) {
        if (routed.credentials->service == service.signing_name) return {};
        const char* code = routed.dialect.protocol == Protocol::aws_json ? "InvalidSignatureException"
                                                                         : "SignatureDoesNotMatch";
        return refuse(
            code,
            "Credential should be scoped to correct service: '" + std::string(service.signing_name) + "'."
        );
    }
    if (routed.operation->unsigned_) return {};
    return tl::unexpected<Error>(missing_credentials(routed.dialect.protocol));
}

Result<Routed> route_target(Routed routed, const Target& target) {
    const Service* service = service_of_target(target.prefix);
    if (service == nullptr) {
        return refuse(
            "UnknownOperationException", "Gantry has no service for the operation " + echo(target.prefix) +
                                             "." + echo(target.operation) + " yet."
        );
    }
    routed.operation = shapes::find_operation(*service, target.operation);
    if (routed.operation == nullptr) {
        return refuse(
            "UnknownOperationException", "The operation " + echo(target.operation) + " is not one of " +
                                             std::string(service->full_name) + "."
        );
    }
    TRY_VOID(check_scope(routed));
    return routed;
}

// The operation by method and path.
Result<Routed> route_rest(Routed routed, const shapes::RestBinding& binding, const HttpRequest& request) {
    routed.operation = shapes::find_operation(*binding.service, binding.operation);
    TRY_VOID(check_scope(routed));
    auto form = rest_form(binding, request);
    if (!form) return refuse("ValidationException", std::move(form).error().message);
    routed.form = *std::move(form);
    return routed;
}

Result<Routed> route_form(Routed routed) {
    const auto action = value_or_empty(routed.form, "Action");
    const auto version = value_or_empty(routed.form, "Version");
    const Service* service = routed.credentials ? service_of_scope(routed.credentials->service, version)
                                                : service_of_unsigned(version, action);
    if (service != nullptr && shapes::speaks_rest(*service)) {
        return refuse(
            "UnknownOperationException", std::string(service->full_name) + " has no operation at this path."
        );
    }
    if (service == nullptr) {
        if (!routed.credentials) return tl::unexpected<Error>(missing_credentials(Protocol::query));
        return refuse(
            "InvalidAction", "Gantry has no service '" + routed.credentials->service + "' yet" +
                                 (action.empty() ? "." : " (" + echo(action) + ").")
        );
    }
    if (service->protocol == Protocol::aws_json && !speaks_query_too(*service)) {
        return refuse(
            "UnknownOperationException",
            std::string(service->full_name) + " takes an X-Amz-Target header, and there is none."
        );
    }
    if (action.empty()) return refuse("MissingAction", "The request must contain the parameter Action");
    // The classic balancers share their signing name with the newer ones and differ in the version. EC2 alone
    // takes any version.
    const bool of_version =
        service->protocol == Protocol::ec2 || version.empty() || version == service->api_version;
    routed.operation = of_version ? shapes::find_operation(*service, action) : nullptr;
    if (routed.operation == nullptr) {
        if (service->protocol == Protocol::ec2)
            return refuse(
                "InvalidAction", "The action " + echo(action) + " is not valid for this web service."
            );
        return refuse(
            "InvalidAction", "Could not find operation " + echo(action) + " for version " +
                                 (of_version ? std::string(service->api_version) : echo(version))
        );
    }
    TRY_VOID(check_scope(routed));
    return routed;
}

}  // namespace

Result<Routed> route(const HttpRequest& request) {
    Routed routed;
    routed.dialect = guess_dialect(request);
    const auto rpc = cbor_target(request);
    const auto path = path_of(request);
    const auto* rest = rpc ? nullptr : find_rest(request.method, path);
    if (!rpc && rest == nullptr && !path.empty() && path != "/") {
        return refuse("UnknownOperationException", "Nothing is served at the path " + echo(path) + ".");
    }
    TRY(routed.credentials, parse_credentials(request));
    if (rest != nullptr) {
        TRY(routed.body, body_of(request));
        return route_rest(std::move(routed), *rest, request);
    }
    const auto target = header(request, "x-amz-target");
    if (request.method != "POST" && (request.method != "GET" || rpc || !target.empty()))
        return refuse(
            "UnknownOperationException", "The method " + echo(request.method) + " is not supported here."
        );
    TRY(routed.body, body_of(request));
    if (rpc) return route_target(std::move(routed), *rpc);
    if (!target.empty()) return route_target(std::move(routed), read_target(target));
    const bool from_query = request.method == "GET" || (routed.body.empty() && !is_form(request));
    auto form = Form::parse(from_query ? query_of(request) : std::string_view(routed.body));
    if (!form) return refuse("MalformedInput", std::move(form).error().message);
    routed.form = *std::move(form);
    return route_form(std::move(routed));
}

Dialect guess_dialect(const HttpRequest& request) {
    Dialect dialect;
    const auto type = header(request, "content-type");
    if (type.starts_with("application/x-amz-json-1.0")) dialect.json_version = "1.0";
    dialect.query_mode = same_ignoring_case(header(request, "x-amzn-query-mode"), "true");
    if (const auto rpc = cbor_target(request)) {
        dialect.cbor = true;
        dialect.service = service_of_target(rpc->prefix);
        return dialect;
    }
    if (const auto target = header(request, "x-amz-target"); !target.empty()) {
        dialect.service = service_of_target(read_target(target).prefix);
        return dialect;
    }
    if (const auto* rest = find_rest(request.method, path_of(request))) {
        dialect.service = rest->service;
        return dialect;
    }
    std::string_view scope_service;
    const auto credentials = parse_credentials(request);
    if (credentials && *credentials) scope_service = (*credentials)->service;
    // The first Version in the text will do: this is a guess, and a compressed form is nobody's habit.
    const std::string_view text =
        request.method == "GET" ? query_of(request) : std::string_view(request.body);
    std::string_view version;
    if (const auto at = text.find("Version="); at != std::string_view::npos) {
        version = text.substr(at + std::strlen("Version="));
        version = version.substr(0, version.find('&'));
    }
    dialect.service = service_of_scope(scope_service, version);
    if (dialect.service == nullptr && !version.empty()) {
        for (const Service* service : shapes::services()) {
            if (version == service->api_version) dialect.service = service;
        }
    }
    if (dialect.service != nullptr) {
        dialect.protocol = speaks_query_too(*dialect.service) ? Protocol::query : dialect.service->protocol;
    } else if (is_form(request) || request.method == "GET") {
        dialect.protocol = Protocol::query;
    }
    return dialect;
}

Error not_implemented(const shapes::Operation& operation) {
    const bool json = operation.service->protocol == Protocol::aws_json;
    return {
        Errc::refused, json ? "UnknownOperationException" : "InvalidAction",
        "Gantry does not implement " + std::string(operation.service->id) + ":" + operation.name + " yet."};
}

}  // namespace gantry::wire
