#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "port/images.h"

namespace gantry::adapter::containerd {

// The OCI image configuration: what the image says about its containers, and its unpacked layers.
struct ImageConfig {
    port::ImageInfo info;               // reference, digest and size are left empty
    std::vector<std::string> diff_ids;  // digests of the uncompressed layers, lowest first
};

Result<ImageConfig> parse_image_config(std::string_view json);

// The name under which containerd keeps the unpacked stack of these layers; empty for no layers.
std::string chain_id(const std::vector<std::string>& diff_ids);

// "SIGQUIT", "QUIT", "3", "SIGRTMIN+3" -> number; `fallback` when empty or not understood.
int signal_number(std::string_view name, int fallback);

}  // namespace gantry::adapter::containerd
