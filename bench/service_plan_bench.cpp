// How long ECS's service scheduler takes to decide for one service, by its number of tasks: medians of many
// plans in microseconds, as JSON. `rest` is a service as it is wanted to be, `roll` the first step of a
// rolling update, `surge` one step while half of the new tasks serve. Beside it `walk`: the time to copy the
// same state once.
//   service_plan_bench [TASKS...]   default: 10 100 1000
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "ecs/service_plan.h"

namespace {

using namespace gantry;
using namespace gantry::ecs::scheduler;

constexpr Now kNow{{1'700'000'000'000}, {1'700'000'000'000}};

void add_tasks(Service& service, const std::string& deployment, int many, bool serving) {
    for (int i = 0; i < many; ++i) {
        Task task;
        char id[40];
        std::snprintf(id, sizeof id, "%s%030d", deployment.c_str(), i);
        task.id = id;
        task.deployment = deployment;
        task.zone = i % 3 == 0 ? "ap-northeast-1a" : i % 3 == 1 ? "ap-northeast-1c" : "ap-northeast-1d";
        task.running = task.served = serving;
        if (serving) task.running_since = kNow.real - std::chrono::minutes(5);
        task.health = serving ? Health::healthy : Health::waiting;
        service.tasks.push_back(task);
    }
}

Service at_rest(int tasks) {
    Service service;
    service.name = "web";
    service.desired = tasks;
    service.rebalances = true;
    Deployment deployment;
    deployment.id = "1";
    deployment.primary = deployment.proven = true;
    deployment.rollout = Rollout::completed;
    deployment.desired = tasks;
    service.deployments.push_back(deployment);
    service.placements["1"].zones = {"ap-northeast-1a", "ap-northeast-1c", "ap-northeast-1d"};
    service.told.steady = true;
    add_tasks(service, "1", tasks, true);
    return service;
}

Service rolling(int tasks, int fresh) {
    auto service = at_rest(tasks);
    service.deployments.front().primary = false;
    Deployment deployment;
    deployment.id = "2";
    deployment.primary = true;
    deployment.desired = tasks;
    service.deployments.insert(service.deployments.begin(), deployment);
    service.placements["2"] = service.placements["1"];
    add_tasks(service, "2", fresh / 2, true);
    add_tasks(service, "2", fresh - fresh / 2, false);
    return service;
}

template <class Fn>
double median_us(Fn fn) {
    std::vector<double> times;
    for (int i = 0; i < 201; ++i) {
        const auto start = std::chrono::steady_clock::now();
        fn();
        const std::chrono::duration<double, std::micro> took = std::chrono::steady_clock::now() - start;
        times.push_back(took.count());
    }
    std::nth_element(times.begin(), times.begin() + 100, times.end());
    return times[100];
}

}  // namespace

int main(int argc, char** argv) {
    std::vector<int> sizes;
    for (int i = 1; i < argc; ++i) sizes.push_back(std::atoi(argv[i]));
    if (sizes.empty()) sizes = {10, 100, 1'000};
    std::printf("{");
    for (std::size_t i = 0; i < sizes.size(); ++i) {
        const auto rest = at_rest(sizes[i]);
        const auto roll = rolling(sizes[i], 0);
        const auto surge = rolling(sizes[i], sizes[i]);
        std::size_t seen = 0;
        const auto plan = [&](const Service& service) {
            return median_us([&] { seen += plan_service(service, kNow).starts.size(); });
        };
        const double walk = median_us([&] { seen += Service(rest).tasks.size(); });
        std::printf(
            "%s\"%d\": {\"rest_us\": %.1f, \"roll_us\": %.1f, \"surge_us\": %.1f, \"walk_us\": %.1f}",
            i == 0 ? "" : ", ", sizes[i], plan(rest), plan(roll), plan(surge), walk
        );
        if (seen == 0) std::abort();
    }
    std::printf("}\n");
}
