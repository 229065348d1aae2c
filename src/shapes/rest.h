#pragma once

#include <cstdint>
#include <span>

#include "shapes/operation.h"

// rest-json services: where the parts of a request stand. Their bodies are spelled as awsJson's are, so they have its
// protocol in the tables, and no prefix of X-Amz-Target.
namespace gantry::shapes {

// A member of the input that does not stand in the body.
struct RestMember {
    const char* member;  // AWS's name of it
    const char* name;    // of its label in the path, or of the query's parameter
    bool in_path;
};

struct RestBinding {
    const Service* service;
    const char* operation;
    const char* method;
    const char* path;  // "/schedules/{Name}"
    const RestMember* members;
    std::uint16_t member_count;
};

// Of every operation of these services' models.
std::span<const RestBinding> rest_bindings();

inline bool speaks_rest(const Service& service) {
    return service.protocol == Protocol::aws_json && service.target_prefix == nullptr;
}

}  // namespace gantry::shapes
