#pragma once

#include <string>

#include "wire/http.h"

// Requests as clients send them, for tests and fuzzers.
namespace gantry::wire::test {

inline std::string authorization(
    std::string service, std::string key = "test", std::string region = "us-east-1"
) {
    return "AWS4-HMAC-SHA256 Credential=" + key + "/20240131/" + region + "/" + service +
           "/aws4_request, SignedHeaders=content-type;host;x-amz-date;x-amz-target, Signature=00";
}

inline HttpRequest json_request(std::string service, std::string target, std::string body) {
    return {
        "POST",
        "/",
        {{"Host", "127.0.0.1:4566"},
         {"X-Amz-Date", "20240131T000000Z"},
         {"X-Amz-Target", target},
         {"Content-Type", "application/x-amz-json-1.1"},
         {"Authorization", authorization(service)}},
        std::move(body)
    };
}

inline HttpRequest form_request(std::string service, std::string body) {
    return {
        "POST",
        "/",
        {{"Host", "127.0.0.1:4566"},
         {"X-Amz-Date", "20240131T000000Z"},
         {"Content-Type", "application/x-www-form-urlencoded; charset=utf-8"},
         {"Authorization", authorization(service)}},
        std::move(body)
    };
}

inline HttpRequest ecs_request(std::string operation, std::string body) {
    return json_request("ecs", "AmazonEC2ContainerServiceV20141113." + operation, std::move(body));
}
inline HttpRequest logs_request(std::string operation, std::string body) {
    return json_request("logs", "Logs_20140328." + operation, std::move(body));
}
inline HttpRequest ec2_request(std::string parameters) {
    return form_request("ec2", "Version=2016-11-15&" + parameters);
}
inline HttpRequest iam_request(std::string parameters) {
    return form_request("iam", "Version=2010-05-08&" + parameters);
}

}  // namespace gantry::wire::test
