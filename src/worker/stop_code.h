#pragma once

// ECS's stopCode and stoppedReason that a worker gives by itself.
namespace gantry::worker {

inline constexpr const char* essential_exited_code = "EssentialContainerExited";
inline constexpr const char* essential_exited_reason = "Essential container in task exited";
inline constexpr const char* failed_to_start_code = "TaskFailedToStart";
inline constexpr const char* out_of_memory_reason = "OutOfMemoryError: Container killed due to memory usage";

}  // namespace gantry::worker
