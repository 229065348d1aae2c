#include "wire/encode.h"

#include <string_view>

#include "base/assertion.h"
#include "shapes/json.h"
#include "shapes/rest.h"
#include "wire/cbor.h"

namespace gantry::wire {

namespace {

using shapes::Protocol;

// Errors that every service has and no model declares, with AWS's status.
struct CommonError {
    std::string_view code;
    int status;
};
constexpr CommonError kCommonErrors[] = {
    {"AccessDenied", 403},          {"AuthFailure", 401},
    {"InvalidClientTokenId", 403},  {"MissingAuthenticationToken", 403},
    {"RequestEntityTooLarge", 413}, {"RequestExpired", 400},
    {"SignatureDoesNotMatch", 403}, {"UnauthorizedOperation", 403},
};

std::string_view trouble_code(const Dialect& dialect, bool again) {
    const std::string_view id = dialect.service == nullptr ? "" : dialect.service->id;
    if (id == "ecs") return "ServerException";
    if (id == "logs") return again ? "ServiceUnavailableException" : "InternalServerException";
    if (id == "iam") return "ServiceFailure";
    if (dialect.protocol == Protocol::ec2) return again ? "Unavailable" : "InternalError";
    if (dialect.protocol == Protocol::query) return again ? "ServiceUnavailable" : "InternalFailure";
    return again ? "ServiceUnavailableException" : "InternalServerException";
}

void add_request_id(HttpResponse& response, std::string_view request_id) {
    response.headers.emplace_back("x-amzn-RequestId", request_id);
}

const char* xml_type(Protocol protocol) {
    return protocol == Protocol::ec2 ? "text/xml;charset=UTF-8" : "text/xml";
}

bool rest(const Dialect& dialect) { return dialect.service != nullptr && shapes::speaks_rest(*dialect.service); }

std::string json_type(const Dialect& dialect) {
    return rest(dialect) ? "application/json" : "application/x-amz-json-" + std::string(dialect.json_version);
}

constexpr const char* kSmithyProtocol = "smithy-protocol";
constexpr const char* kCbor = "rpc-v2-cbor";
constexpr const char* kCborType = "application/cbor";

std::string query_error_body(
    const Dialect& dialect,
    std::string_view code,
    const Error& error,
    bool sender,
    std::string_view request_id
) {
    std::string body = "<ErrorResponse";
    if (dialect.service != nullptr && dialect.service->xml_namespace != nullptr)
        body += " xmlns=\"" + std::string(dialect.service->xml_namespace) + "\"";
    body += "><Error><Type>" + std::string(sender ? "Sender" : "Receiver") + "</Type><Code>";
    append_xml_text(body, code);
    body += "</Code><Message>";
    append_xml_text(body, error.message);
    body += "</Message></Error><RequestId>" + std::string(request_id) + "</RequestId></ErrorResponse>";
    return body;
}

std::string ec2_error_body(std::string_view code, const Error& error, std::string_view request_id) {
    std::string body = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Response><Errors><Error><Code>";
    append_xml_text(body, code);
    body += "</Code><Message>";
    append_xml_text(body, error.message);
    body += "</Message></Error></Errors><RequestID>" + std::string(request_id) + "</RequestID></Response>";
    return body;
}

// In JSON the error is named by its shape; the code, where it differs, is for clients that remember the query
// protocol.
std::string_view json_name(const Dialect& dialect, std::string_view code) {
    if (dialect.service == nullptr) return code;
    const auto* fact = shapes::find_error(*dialect.service, code);
    return fact == nullptr ? code : std::string_view(fact->shape);
}

// In CBOR clients look for the whole shape ID.
std::string cbor_name(const Dialect& dialect, std::string_view code) {
    const auto* fact = dialect.service == nullptr ? nullptr : shapes::find_error(*dialect.service, code);
    if (fact == nullptr) return std::string(code);
    return "com.amazonaws." + std::string(dialect.service->id) + "#" + fact->shape;
}

// A message that quotes a megabyte of the request helps nobody.
constexpr std::size_t kMessageMax = 4096;  // bytes

std::string shortened(std::string_view message) {
    constexpr std::string_view mark = "...";
    std::size_t end = kMessageMax - mark.size();
    while (end > 0 && (static_cast<unsigned char>(message[end]) & 0xc0) == 0x80) --end;
    return std::string(message.substr(0, end)).append(mark);
}

}  // namespace

int status_of(const Dialect& dialect, const Error& error) {
    if (error.errc != Errc::refused) return retryable(error.errc) ? 503 : 500;
    if (dialect.service != nullptr) {
        if (const auto* fact = shapes::find_error(*dialect.service, error.code)) return fact->status;
    }
    if (dialect.protocol != Protocol::aws_json || error.code == "RequestEntityTooLarge") {
        for (const auto& common : kCommonErrors) {
            if (error.code == common.code) return common.status;
        }
    }
    return 400;
}

HttpResponse encode_error(const Dialect& dialect, const Error& error, std::string_view request_id) {
    if (error.message.size() > kMessageMax) {
        return encode_error(dialect, {error.errc, error.code, shortened(error.message)}, request_id);
    }
    HttpResponse response;
    response.status = status_of(dialect, error);
    const bool refused = error.errc == Errc::refused;
    const std::string_view code =
        refused ? std::string_view(error.code) : trouble_code(dialect, response.status == 503);
    const bool sender = response.status < 500;
    add_request_id(response, request_id);
    if (dialect.protocol == Protocol::aws_json) {
        response.headers.emplace_back(
            "Content-Type", dialect.cbor ? kCborType : json_type(dialect)
        );
        if (dialect.cbor) response.headers.emplace_back(kSmithyProtocol, kCbor);
        if (dialect.query_mode || (dialect.service != nullptr && dialect.service->query_compatible)) {
            response.headers.emplace_back(
                "x-amzn-query-error", std::string(code) + (sender ? ";Sender" : ";Receiver")
            );
        }
        if (dialect.cbor) {
            response.body = cbor_error(cbor_name(dialect, code), error.message);
            return response;
        }
        if (rest(dialect)) {
            response.headers.emplace_back("x-amzn-ErrorType", std::string(json_name(dialect, code)));
            response.body = "{\"Message\":";
            shapes::append_json_string(response.body, error.message);
            response.body += '}';
            return response;
        }
        response.body = "{\"__type\":";
        shapes::append_json_string(response.body, json_name(dialect, code));
        response.body += ",\"message\":";
        shapes::append_json_string(response.body, error.message);
        response.body += '}';
    } else {
        response.headers.emplace_back("Content-Type", xml_type(dialect.protocol));
        response.body = dialect.protocol == Protocol::ec2
                            ? ec2_error_body(code, error, request_id)
                            : query_error_body(dialect, code, error, sender, request_id);
    }
    return response;
}

HttpResponse encode_success(const Routed& routed, const void* output, std::string_view request_id) {
    const auto& operation = *routed.operation;
    ASSERT(operation.output != nullptr, "only operations with shapes can be answered");
    HttpResponse response;
    if (routed.dialect.cbor) {
        add_request_id(response, request_id);
        response.headers.emplace_back("Content-Type", kCborType);
        response.headers.emplace_back(kSmithyProtocol, kCbor);
        append_cbor(response.body, output, *operation.output);
        return response;
    }
    if (routed.dialect.protocol == Protocol::aws_json) {
        std::string json;
        shapes::append_json(json, output, *operation.output);
        return encode_success(routed, std::move(json), request_id);
    }
    add_request_id(response, request_id);
    response.headers.emplace_back("Content-Type", xml_type(routed.dialect.protocol));
    response.body = encode_xml(operation, output, request_id);
    return response;
}

HttpResponse encode_success(const Routed& routed, std::string json, std::string_view request_id) {
    HttpResponse response;
    add_request_id(response, request_id);
    response.headers.emplace_back("Content-Type", json_type(routed.dialect));
    response.body = std::move(json);
    return response;
}

}  // namespace gantry::wire
