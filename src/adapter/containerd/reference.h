#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace gantry::adapter::containerd {

// An image reference as Docker and ECS users write it, in its full form.
struct Reference {
    std::string domain;      // "docker.io", "123456789012.dkr.ecr.eu-west-1.amazonaws.com", "localhost:5000"
    std::string repository;  // "library/nginx"
    std::string tag;         // "latest" where neither tag nor digest is given; empty with a digest only
    std::string digest;      // "sha256:..." or empty

    // "docker.io/library/nginx:latest". With tag and digest the tag is left out: the digest decides.
    std::string str() const;
    friend bool operator==(const Reference&, const Reference&) = default;
};

// "nginx" -> docker.io/library/nginx:latest. refused with code CannotPullContainerError when it is none.
Result<Reference> parse_reference(std::string_view text);

}  // namespace gantry::adapter::containerd
