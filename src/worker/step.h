#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/instant.h"
#include "worker/task_facts.h"

namespace gantry::worker {

// One thing to do to the world for one task. Every step may be done again after a crash.
struct Step {
    enum class Kind {
        pull,            // background: make the container's image be here
        probe,           // background: run the container's health check once
        attach_network,  // namespace with the task's ENI
        prepare,         // the task's cgroup, disk and files
        create,
        start,
        restart,  // an exited container, its writable layer kept
        signal,   // to PID 1, the polite one
        kill,     // SIGKILL to all processes
        remove,   // the container
        detach_network,
        clean_up,  // the task's cgroup, disk and files
    };
    Kind kind;
    std::string container;  // empty for steps of the whole task

    friend bool operator==(const Step&, const Step&) = default;
};

// Background steps run beside others; all other steps of a task run one after another.
constexpr bool in_background(Step::Kind kind) {
    return kind == Step::Kind::pull || kind == Step::Kind::probe;
}
// Steps of the way down are tried for ever: whoever gave up would leave something behind.
constexpr bool never_given_up(Step::Kind kind) {
    return kind == Step::Kind::signal || kind == Step::Kind::kill || kind == Step::Kind::remove ||
           kind == Step::Kind::detach_network || kind == Step::Kind::clean_up;
}

const char* step_name(Step::Kind kind);
// "create web"
std::string step_key(const Step& step);

// facts: with all conclusions drawn. steps: at most one of them in the foreground. again: when to decide anew
// even if nothing happens until then.
struct Decision {
    TaskFacts facts;
    std::vector<Step> steps;
    std::optional<RealInstant> again;
};

}  // namespace gantry::worker
