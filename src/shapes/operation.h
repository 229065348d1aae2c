#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "shapes/shape.h"

namespace gantry::shapes {

enum class Protocol : std::uint8_t { aws_json, query, ec2 };

// An error that the model declares. code: as it stands on the wire and in Error::code.
struct ErrorFact {
    const char* code;
    const char* shape;
    std::uint16_t status;
    bool sender;  // the caller's fault
};

struct Service;

// One operation of an AWS model. Operations without generated shapes (nobody handles them) have null shapes;
// they exist so that they can be named in the refusal.
struct Operation {
    const Service* service;
    const char* name;
    const Shape* input;
    const Shape* output;
    std::shared_ptr<void> (*make_request)();  // a default-constructed input struct; null without shapes
    std::shared_ptr<void> (*make_response)();
    const char* result_wrapper;  // query: the element around the output; null if none
    const ErrorFact* const* errors;
    std::uint16_t error_count;
    bool unsigned_;  // AWS takes it without credentials
};

struct Service {
    const char* id;            // ours, "ecs"; also the prefix of IAM actions
    const char* full_name;     // AWS's, "Amazon EC2 Container Service"
    const char* signing_name;  // in credential scopes
    Protocol protocol;
    const char* api_version;
    const char* target_prefix;    // of X-Amz-Target; null for other protocols
    const char* json_version;     // "1.1"; null for other protocols
    const char* xml_namespace;    // null for JSON
    bool query_compatible;        // JSON service that once spoke query: x-amzn-query-error
    const Operation* operations;  // sorted by name
    std::uint16_t operation_count;
    const ErrorFact* errors;  // sorted by code
    std::uint16_t error_count;
};

// All services that have a model, by id.
std::span<const Service* const> services();
const Service* find_service(std::string_view id);
const Operation* find_operation(const Service& service, std::string_view name);
// The fact of that error code, or null if the model does not declare it.
const ErrorFact* find_error(const Service& service, std::string_view code);

}  // namespace gantry::shapes
