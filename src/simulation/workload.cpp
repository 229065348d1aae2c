#include "simulation/workload.h"

#include <algorithm>

#include "dispatch/ecs_handlers.h"
#include "ec2/subnet.h"

namespace gantry::simulation {

using namespace shapes::ecs;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

std::string container(const std::string& name, const std::string& image, const std::string& more = "") {
    // What a load balancer may send to.
    const std::string ports = name == "main" ? R"(,"portMappings":[{"containerPort":80}])" : "";
    return R"({"name":")" + name + R"(","image":")" + image + "\"" + ports + more + "}";
}

std::string health_check(const std::string& rest) {
    return R"(,"healthCheck":{"command":["CMD","check"],"interval":5,"timeout":2,"retries":2)" + rest + "}";
}

std::string after(const std::string& name, const std::string& condition) {
    return R"(,"dependsOn":[{"containerName":")" + name + R"(","condition":")" + condition + R"("}])";
}

struct Definition {
    std::string family;
    std::string containers;
};

// Every fate that a task can have.
std::vector<Definition> definitions() {
    return {
        {"web", container("main", "forever")},
        {"job", container("main", "short")},
        {"long-job", container("main", "long")},
        {"failure", container("main", "exits-1")},
        {"hungry", container("main", "oom")},
        {"missing", container("main", "nowhere")},
        {"broken", container("main", "cannot-start")},
        {"impossible", container("main", "cannot-create")},
        {"stubborn", container("main", "stubborn", R"(,"stopTimeout":5)")},
        {"checked", container("main", "forever", health_check(""))},
        {"sick", container("main", "sick", health_check(R"(,"startPeriod":3)"))},
        {"pair", container("main", "forever") + "," + container("side", "short", R"(,"essential":false)")},
        {"migrated", container("setup", "short", R"(,"essential":false)") + "," +
                         container("main", "forever", after("setup", "SUCCESS"))},
        {"unmigrated", container("setup", "exits-1", R"(,"essential":false)") + "," +
                           container("main", "forever", after("setup", "SUCCESS"))},
        {"trio", container("base", "forever", health_check("")) + "," +
                     container("middle", "forever", after("base", "HEALTHY")) + "," +
                     container("top", "long", after("middle", "START"))},
        {"waits-in-vain", container("base", "sick", health_check("") + R"(,"startTimeout":20)") + "," +
                              container("top", "forever", after("base", "HEALTHY"))},
    };
}

sim::Program ends(Duration runs, int code) {
    sim::Program program;
    program.runs = runs;
    program.exit_code = code;
    return program;
}

std::string id_of(const std::string& arn) { return arn.substr(arn.rfind('/') + 1); }

}  // namespace

Workload::Workload(World& world, Checker& checker, std::uint64_t seed)
    : world_(world), checker_(checker), chance_(seed) {}

void Workload::publish_images() {
    for (const auto& machine : world_.machines()) {
        for (const char* image :
             {"forever", "short", "long", "exits-1", "oom", "cannot-start", "cannot-create", "stubborn",
              "sick"}) {
            machine->images.publish(image, milliseconds(1 + chance_.draw() % 2'000));
        }
        auto& runtime = machine->runtime;
        runtime.set_program("short", ends(seconds(2), 0));
        runtime.set_program("long", ends(seconds(40), 0));
        runtime.set_program("exits-1", ends(seconds(1), 1));
        auto oom = ends(seconds(3), 137);
        oom.out_of_memory = true;
        runtime.set_program("oom", oom);
        sim::Program program;
        program.ignores_signals = true;
        runtime.set_program("stubborn", program);
        program = {};
        program.healthy = false;
        runtime.set_program("sick", program);
        program = {};
        program.start_error = Error{Errc::refused, "CannotStartContainerError", "command not found"};
        runtime.set_program("cannot-start", program);
        program = {};
        program.create_error = Error{Errc::refused, "CannotCreateContainerError", "bad mount"};
        runtime.set_program("cannot-create", program);
    }
}

void Workload::register_all() {
    const auto has_cluster = std::make_shared<bool>(false);
    for (int attempt = 0; attempt < 1'000 && !*has_cluster; ++attempt) {
        world_.ask<CreateClusterResponse, CreateClusterRequest>(
            ecs::create_cluster, "{}",
            [has_cluster](const Result<CreateClusterResponse>& response) {
                *has_cluster = response.has_value();
            }
        );
        world_.advance(milliseconds(500));
    }
    ASSERT(*has_cluster, "a cluster can never be made");
    for (const auto& definition : definitions()) {
        const std::string json = R"({"family":")" + definition.family +
                                 R"(","networkMode":"awsvpc","cpu":"256","memory":"512",)" +
                                 R"("requiresCompatibilities":["FARGATE"],"containerDefinitions":[)" +
                                 definition.containers + "]}";
        const auto registered = std::make_shared<bool>(false);
        for (int attempt = 0; attempt < 1'000 && !*registered; ++attempt) {
            world_.ask<RegisterTaskDefinitionResponse, RegisterTaskDefinitionRequest>(
                ecs::register_task_definition, json,
                [registered](const Result<RegisterTaskDefinitionResponse>& response) {
                    ASSERT(
                        response || response.error().errc != Errc::refused, response.error().message.c_str()
                    );
                    *registered = *registered || response.has_value();
                }
            );
            world_.advance(milliseconds(500));
        }
        ASSERT(*registered, "a definition can never be registered");
        families_.push_back(definition.family);
    }
}

void Workload::run(const std::string& family, int count, const std::string& token) {
    std::string subnets;
    for (const auto& subnet : world_.view().list<ec2::SubnetRecord>(world_.caller().scope()))
        subnets += (subnets.empty() ? "\"" : ",\"") + subnet->id + "\"";
    std::string json = R"({"taskDefinition":")" + family + R"(","launchType":"FARGATE","count":)" +
                       std::to_string(count) +
                       R"(,"networkConfiguration":{"awsvpcConfiguration":{"subnets":[)" + subnets + "]}}";
    if (!token.empty()) json += R"(,"clientToken":")" + token + "\"";
    json += "}";
    checker_.event("run " + std::to_string(count) + " " + family + " " + token);
    world_.ask<RunTaskResponse, RunTaskRequest>(
        ecs::run_task, json,
        [this, alive = std::weak_ptr(alive_)](const Result<RunTaskResponse>& response) {
            if (alive.expired() || !response) return;
            for (const auto& task : *response->tasks) {
                const auto id = id_of(*task.task_arn);
                checker_.told_of(id, *task.last_status);
                if (std::find(tasks_.begin(), tasks_.end(), id) == tasks_.end()) tasks_.push_back(id);
            }
        }
    );
}

void Workload::stop(const std::string& task) {
    checker_.event("stop " + task.substr(0, 8));
    world_.ask<StopTaskResponse, StopTaskRequest>(
        ecs::stop_task, R"({"task":")" + task + R"(","reason":"because"})",
        [this, task, alive = std::weak_ptr(alive_)](const Result<StopTaskResponse>& response) {
            if (alive.expired() || !response) return;
            checker_.told_of(task, *response->task->last_status);
        }
    );
}

void Workload::describe(const std::vector<std::string>& tasks) {
    std::string names;
    for (const auto& task : tasks) names += (names.empty() ? "\"" : ",\"") + task + "\"";
    world_.ask<DescribeTasksResponse, DescribeTasksRequest>(
        ecs::describe_tasks, R"({"tasks":[)" + names + "]}",
        [this, alive = std::weak_ptr(alive_)](const Result<DescribeTasksResponse>& response) {
            if (alive.expired() || !response) return;
            for (const auto& task : *response->tasks)
                checker_.told_of(id_of(*task.task_arn), *task.last_status);
            for (const auto& failure : *response->failures)
                checker_.violation("a task that was told of is " + failure.reason.value_or("?"));
        }
    );
}

void Workload::act() {
    const auto draw = chance_.draw() % 100;
    if (draw < 55 || tasks_.empty()) {
        std::string token;
        if (chance_.draw() % 4 == 0) {
            if (!tokens_.empty() && chance_.draw() % 2 == 0) {
                token = tokens_[chance_.draw() % tokens_.size()];
            } else {
                token = families_[chance_.draw() % families_.size()] + "." + std::to_string(tokens_.size());
                tokens_.push_back(token);
            }
        }
        // A token's request is always the same one.
        const auto family =
            token.empty() ? families_[chance_.draw() % families_.size()] : token.substr(0, token.find('.'));
        return run(family, token.empty() ? 1 + static_cast<int>(chance_.draw() % 3) : 1, token);
    }
    const auto& task = tasks_[chance_.draw() % tasks_.size()];
    if (draw < 80) return stop(task);
    describe({task, tasks_.back()});
}

void Workload::stop_all() {
    for (const auto& task : world_.view().list<ecs::TaskRecord>())
        if (!task->stopping()) stop(task->id);
}

}  // namespace gantry::simulation
