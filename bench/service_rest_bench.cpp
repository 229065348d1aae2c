// CPU that the control plane and its workers use at rest, in the simulator: virtual minutes of a world with
// services whose tasks all run, beside the same world without any. Prints JSON.
//   service_rest_bench [SERVICES [TASKS [MINUTES]]]   default: 200 5 10
#include <sys/resource.h>

#include <cstdio>
#include <cstdlib>
#include <string>

#include "dispatch/ecs_handlers.h"
#include "ec2/subnet.h"
#include "ecs/service.h"
#include "simulation/world.h"

namespace {

using namespace gantry;
using namespace gantry::simulation;
using namespace gantry::shapes::ecs;

double cpu_ms() {
    rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    const auto ms = [](const timeval& t) { return t.tv_sec * 1'000.0 + t.tv_usec / 1'000.0; };
    return ms(usage.ru_utime) + ms(usage.ru_stime);
}

template <class Response, class Request>
void ask(
    World& world,
    Result<Response> (*operation)(state::Txn&, const Request&, const Caller&),
    const std::string& json
) {
    world.ask<Response, Request>(operation, json, [&](const Result<Response>& response) {
        if (response) return;
        std::fprintf(stderr, "%s\n", response.error().message.c_str());
        std::exit(1);
    });
    world.advance(std::chrono::milliseconds(50));
}

struct Spent {
    double start_ms = 0;
    double rest_ms = 0;
};

Spent live(int services, int tasks, int minutes) {
    WorldOptions options;
    options.workers = 3;
    World world(options);
    for (const auto& machine : world.machines())
        machine->images.publish("forever", std::chrono::milliseconds(100));
    world.start();
    ask(world, ecs::create_cluster, "{}");
    ask(world, ecs::register_task_definition,
        R"({"family":"web","networkMode":"awsvpc","cpu":"256","memory":"512","requiresCompatibilities":["FARGATE"],)"
        R"("containerDefinitions":[{"name":"main","image":"forever"}]})");
    std::string subnets;
    for (const auto& subnet : world.view().list<ec2::SubnetRecord>(world.caller().scope()))
        subnets += (subnets.empty() ? "\"" : ",\"") + subnet->id + "\"";
    Spent spent;
    const double begin = cpu_ms();
    for (int i = 0; i < services; ++i) {
        ask(world, ecs::create_service,
            R"({"serviceName":"s)" + std::to_string(i) +
                R"(","taskDefinition":"web","launchType":"FARGATE","desiredCount":)" + std::to_string(tasks) +
                R"(,"networkConfiguration":{"awsvpcConfiguration":{"subnets":[)" + subnets + "]}}}");
    }
    const auto unsteady = [&] {
        int count = 0;
        for (const auto& service : world.view().list<ecs::ServiceRecord>()) count += !service->told.steady;
        return count;
    };
    for (int i = 0; unsteady() > 0; ++i) {
        if (i == 600) {
            std::fprintf(stderr, "%d services never become steady\n", unsteady());
            std::exit(1);
        }
        world.advance(std::chrono::seconds(2));
    }
    spent.start_ms = cpu_ms() - begin;
    world.advance(std::chrono::minutes(1));
    const double rest = cpu_ms();
    world.advance(std::chrono::minutes(minutes));
    spent.rest_ms = cpu_ms() - rest;
    world.stop();
    return spent;
}

}  // namespace

int main(int argc, char** argv) {
    const auto given = [&](int which, int otherwise) {
        return argc > which ? std::atoi(argv[which]) : otherwise;
    };
    const int services = given(1, 200), tasks = given(2, 5), minutes = given(3, 10);
    const auto full = live(services, tasks, minutes);
    const auto empty = live(0, 0, minutes);
    const double seconds = minutes * 60.0;
    std::printf(
        "{\"services\": %d, \"tasks\": %d, \"virtual_minutes\": %d, \"to_steady_cpu_ms\": %.0f, "
        "\"rest_cpu_percent\": %.3f, \"rest_without_services_cpu_percent\": %.3f}\n",
        services, services * tasks, minutes, full.start_ms, full.rest_ms / seconds / 10,
        empty.rest_ms / seconds / 10
    );
}
