#pragma once

#include <github.com/containerd/containerd/api/types/task/task.pb.h>

#include "adapter/containerd/runtime.h"

namespace gantry::adapter::containerd {

struct Runtime::Process {
    ::containerd::v1::types::Process seen;
};

}  // namespace gantry::adapter::containerd
