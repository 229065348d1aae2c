#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "port/container.h"

namespace gantry::adapter::containerd {

// The container's mounts with volumes of the task turned into directories of its disk (made on first use). A new, empty
// volume at a path that the image declares as VOLUME gets the image's files of that place, as on Fargate. Below a
// read-only root every VOLUME without a mount is a volume of the container's own. Blocking.
Result<std::vector<port::Mount>> resolve_mounts(const std::string& disk_root, const std::string& run_dir,
                                                const port::ContainerSpec& spec,
                                                const std::vector<std::string>& layers,
                                                const std::vector<std::string>& image_volumes);

}  // namespace gantry::adapter::containerd
