// A control plane that holds very many tasks: filled by its real operations, controllers and workers' reports over a
// SQLite store, then started anew from that store in a fresh process. Prints memory and time.
//
//   many_tasks_bench [--tasks 100000] [--folder DIR]

#include <sys/wait.h>
#include <unistd.h>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/json/parse.hpp>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>

#include "adapter/os/clock.h"
#include "adapter/sqlite/store.h"
#include "base/assertion.h"
#include "base/log.h"
#include "base/task_group.h"
#include "control/loop.h"
#include "control/worker_sessions.h"
#include "dispatch/ec2_handlers.h"
#include "dispatch/ecs_handlers.h"
#include "ec2/schema.h"
#include "ec2/seed.h"
#include "ec2/subnet.h"
#include "ecs/controllers.h"
#include "ecs/publishers.h"
#include "ecs/report_sink.h"
#include "ecs/tables.h"
#include "ecs/task_indexes.h"
#include "elbv2/schema.h"
#include "eventbus/schema.h"
#include "iam/schema.h"
#include "iam/seed.h"
#include "shapes/json.h"
#include "sim/faults.h"
#include "sim/link_switch.h"
#include "sim/seeded_chance.h"

namespace {

using namespace gantry;
namespace asio = boost::asio;
using Clock = std::chrono::steady_clock;

constexpr int kWorkers = 200;
constexpr int kInFlight = 64;
constexpr int kTasksOfOneCall = 10;

double seconds_since(Clock::time_point begin) {
    return std::chrono::duration<double>(Clock::now() - begin).count();
}

long resident_mib() {
    std::ifstream status("/proc/self/status");
    for (std::string line; std::getline(status, line);)
        if (line.starts_with("VmRSS:")) return std::atol(line.c_str() + 6) / 1'024;
    return -1;
}

struct Plane {
    explicit Plane(const std::string& folder)
        : store(adapter::sqlite::Store::open(folder + "/gantry.db").value()),
          schema(declared()),
          loop({context.get_executor(), context.get_executor(), clock, *store, chance, schema}),
          faults(clock, 1),
          wire(context.get_executor(), faults),
          sessions(loop, wire, reports, publishers(), context.get_executor(), {}),
          group(context.get_executor()) {
        for (auto& controller : ecs::controllers()) loop.add_controller(std::move(controller));
        loop.add_seeder({"iam.account", control::Seeder::Per::account, iam::seed});
        loop.add_seeder({"ec2.default_vpc", control::Seeder::Per::account_and_region, ec2::seed});
        caller.account = "123456789012";
        caller.region = "ap-northeast-1";
        caller.arn = "arn:aws:iam::123456789012:root";
    }

    static state::Schema declared() {
        state::Schema schema;
        control::declare_tables(schema);
        iam::declare(schema);
        ec2::declare(schema);
        elbv2::declare(schema);
        eventbus::declare(schema);
        ecs::declare_tables(schema);
        return schema;
    }
    static std::vector<std::shared_ptr<const Publisher>> publishers() {
        std::vector<std::shared_ptr<const Publisher>> all;
        for (auto& publisher : ecs::publishers()) all.push_back(std::move(publisher));
        return all;
    }

    template <class Condition>
    void run_until(Condition condition) {
        auto work = asio::make_work_guard(context);
        while (!condition()) context.run_one();
    }
    bool quiet() {
        const auto status = loop.status();
        return status.ready && status.keys_queued == 0 && status.seen == status.durable;
    }
    asio::awaitable<void> begin(bool* started) {
        const auto done = co_await loop.start();
        ASSERT(done, done.error().message.c_str());
        *started = true;
    }
    void start() {
        bool started = false;
        group.spawn("start", begin(&started));
        run_until([&] { return started; });
    }

    // The response is given when it is durable.
    template <class Response, class Request>
    void ask(
        Result<Response> (*operation)(state::Txn&, const Request&, const Caller&),
        const std::string& json,
        std::function<void(Response)> then
    ) {
        const auto request = shapes::from_json<Request>(boost::json::parse(json)).value();
        auto response = std::make_shared<Response>();
        loop.submit(
            [operation, request, response, this](state::Txn& txn) -> Result<void> {
                TRY(*response, operation(txn, request, caller));
                return {};
            },
            [this](const state::View&, const state::Turn&) -> Result<Caller> { return caller; },
            [response, then](Result<void> done) {
                ASSERT(done, done.error().message.c_str());
                then(std::move(*response));
            }
        );
    }
    template <class Response, class Request>
    Response ask(
        Result<Response> (*operation)(state::Txn&, const Request&, const Caller&), const std::string& json
    ) {
        std::optional<Response> answer;
        ask<Response, Request>(operation, json, [&](Response response) { answer = std::move(response); });
        run_until([&] { return answer.has_value(); });
        return std::move(*answer);
    }
    void write(std::function<Result<void>(state::Txn&)> work, int* open) {
        ++*open;
        loop.submit(std::move(work), {}, [open](Result<void> done) {
            ASSERT(done, done.error().message.c_str());
            --*open;
        });
    }

    asio::io_context context{1};
    adapter::os::Clock clock;
    sim::SeededChance chance{7};
    std::unique_ptr<adapter::sqlite::Store> store;
    state::Schema schema;
    control::Loop loop;
    sim::Faults faults;
    sim::LinkSwitch wire;
    ecs::TaskReportSink reports{true};
    control::WorkerSessions sessions;
    Caller caller;
    TaskGroup group;
};

// One VPC of 65,000 addresses for each 50,000 tasks.
std::vector<std::string> make_subnets(Plane& plane, int tasks) {
    std::vector<std::string> subnets;
    for (int i = 0; i <= tasks / 50'000; ++i) {
        const std::string cidr = "10." + std::to_string(i) + ".0.0/16";
        const auto vpc = plane.ask(ec2::create_vpc, R"({"CidrBlock":")" + cidr + "\"}");
        const auto subnet = plane.ask(
            ec2::create_subnet, R"({"VpcId":")" + *vpc.vpc->vpc_id + R"(","CidrBlock":")" + cidr + "\"}"
        );
        subnets.push_back(*subnet.subnet->subnet_id);
    }
    return subnets;
}

void report_running(Plane& plane) {
    int open = 0;
    for (const auto& task : plane.loop.view().list<ecs::TaskRecord>()) {
        link::TaskReport report;
        report.task = task->id;
        report.incarnation = report.sequence = 1;
        report.observed.status = link::TaskStatus::RUNNING;
        report.observed.started_at = plane.clock.now();
        auto& container = report.observed.containers.emplace_back();
        container.name = "web";
        container.status = link::ContainerStatus::RUNNING;
        container.runtime_id = task->id + "-0123456789";
        container.image_digest = "sha256:" + task->id + task->id;
        plane.run_until([&] { return open < kInFlight * kTasksOfOneCall; });
        plane.write(
            [&plane, worker = task->worker, report](state::Txn& txn) {
                return plane.reports.apply(txn, worker, report);
            },
            &open
        );
    }
    plane.run_until([&] { return open == 0 && plane.quiet(); });
}

int fill(const std::string& folder, int tasks) {
    // Never stopped nor destroyed: the process ends as by kill -9.
    auto& plane = *new Plane(folder);
    plane.start();
    const auto idle = resident_mib();
    int open = 0;
    for (int i = 0; i < kWorkers; ++i) {
        link::Hello hello;
        hello.worker = "worker-" + std::to_string(i);
        hello.incarnation = 1;
        hello.capacity = {64 * 1'024, 256 * 1'024, 2, "X86_64", {}};
        plane.write([&plane, hello](state::Txn& txn) { return plane.reports.joined(txn, hello); }, &open);
    }
    plane.ask(ecs::create_cluster, "{}");
    plane.ask(
        ecs::register_task_definition,
        R"({"family":"web","networkMode":"awsvpc","cpu":"256","memory":"512","requiresCompatibilities":["FARGATE"],
            "containerDefinitions":[{"name":"web","image":"nginx","portMappings":[{"containerPort":80}]}]})"
    );
    const auto subnets = make_subnets(plane, tasks);
    const auto begin = Clock::now();
    for (int i = 0; i < tasks; i += kTasksOfOneCall) {
        plane.run_until([&] { return open < kInFlight; });
        ++open;
        plane.ask<shapes::ecs::RunTaskResponse, shapes::ecs::RunTaskRequest>(
            ecs::run_task,
            R"({"taskDefinition":"web","launchType":"FARGATE","count":10,"networkConfiguration":{)"
            R"("awsvpcConfiguration":{"subnets":[")" +
                subnets[static_cast<std::size_t>(i / kTasksOfOneCall) % subnets.size()] + R"("]}}})",
            [&open](const shapes::ecs::RunTaskResponse&) { --open; }
        );
    }
    plane.run_until([&] { return open == 0 && plane.quiet(); });
    const auto placed = seconds_since(begin);
    report_running(plane);
    std::size_t running = 0;
    for (const auto& task : plane.loop.view().list<ecs::TaskRecord>())
        running += task->last_status == link::TaskStatus::RUNNING ? 1 : 0;
    std::cout << running << " tasks RUNNING; run and placed in " << placed << " s, all told in "
              << seconds_since(begin) << " s\nmemory before " << idle << " MiB, after " << resident_mib()
              << " MiB\n"
              << std::flush;
    return running == static_cast<std::size_t>(tasks) ? 0 : 1;
}

int restart(const std::string& folder) {
    std::cout << "store " << std::filesystem::file_size(folder + "/gantry.db") / (1 << 20) << " MiB\n";
    const auto begin = Clock::now();
    auto& plane = *new Plane(folder);
    plane.start();
    const auto loaded = seconds_since(begin);
    plane.run_until([&] { return plane.quiet(); });
    std::cout << "restart: loaded in " << loaded << " s, controllers at rest after " << seconds_since(begin)
              << " s, memory " << resident_mib() << " MiB\n"
              << std::flush;
    return 0;
}

// Each in a process of its own: memory that one has freed must not count for the other.
int apart(const std::function<int()>& work) {
    const auto child = ::fork();
    if (child == 0) ::_exit(work());
    int status = 1;
    ::waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

}  // namespace

int main(int argc, char** argv) {
    int tasks = 100'000;
    std::string folder = std::filesystem::temp_directory_path() / "gantry-many-tasks";
    for (int i = 1; i + 1 < argc; i += 2) {
        const std::string_view word = argv[i];
        if (word == "--tasks") tasks = std::atoi(argv[i + 1]);
        if (word == "--folder") folder = argv[i + 1];
    }
    gantry::log::configure(gantry::log::Level::error, gantry::log::Format::text);
    std::filesystem::remove_all(folder);
    std::filesystem::create_directories(folder);
    int failed = apart([&] { return fill(folder, tasks); });
    if (failed == 0) failed = apart([&] { return restart(folder); });
    std::filesystem::remove_all(folder);
    return failed;
}
