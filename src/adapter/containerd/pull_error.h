#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"

namespace gantry::adapter::containerd {

// What a failed pull or import printed, as the Error that port::Images promises. `output` is the end of ctr's output.
Error pull_error(const std::string& reference, const std::string& output, const std::string& platform);

// Fargate's words for an image that is not made for this kind of machine ("linux/amd64").
std::string no_platform_message(const std::string& platform);

// Progress as ctr prints it: "layer-sha256:12..: downloading |++--| 1.2 MiB/3.4 MiB". false for other lines.
struct ProgressLine {
    std::string item;
    std::string state;  // "waiting", "downloading", "done", "exists", "resolving", "resolved"
    std::uint64_t done_bytes = 0;
    std::uint64_t total_bytes = 0;
};
bool parse_progress(const std::string& line, ProgressLine& progress);

// "unpacking docker.io/library/nginx:latest (sha256:..)...done" -> the reference, else empty.
std::string imported_reference(const std::string& line);

}  // namespace gantry::adapter::containerd
