#include <boost/json.hpp>
#include <chrono>
#include <cstdio>
#include <thread>

#include "admin_client.h"
#include "commands.h"

namespace gantry::app {
namespace {

namespace json = boost::json;

std::uint64_t count_of(const json::object& records, const char* table) {
    const auto* found = records.if_contains(table);
    return found != nullptr && found->is_number() ? found->to_number<std::uint64_t>() : 0;
}

void print(const ServerFile& server, const json::object& status) {
    std::printf("server     %s (process %lld, region %s)\n", server.endpoint.c_str(), (long long)server.pid, server.region.c_str());
    if (const auto* records = status.if_contains("records"); records != nullptr && records->is_object()) {
        const auto& table = records->get_object();
        std::printf(
            "records    %llu clusters, %llu task definition revisions, %llu tasks, %llu services, %llu log groups\n",
            (unsigned long long)count_of(table, "ecs.cluster"), (unsigned long long)count_of(table, "ecs.task_definition"),
            (unsigned long long)count_of(table, "ecs.task"), (unsigned long long)count_of(table, "ecs.service"),
            (unsigned long long)count_of(table, "logs.group")
        );
    }
    if (const auto* tasks = status.if_contains("tasks"); tasks != nullptr && tasks->is_array()) {
        for (const auto& task : tasks->get_array()) std::printf("task       %s\n", task.as_string().c_str());
    }
    if (const auto* all = status.if_contains("load_balancers"); all != nullptr && all->is_array()) {
        for (const auto& one : all->get_array()) std::printf("balancer   %s\n", one.as_string().c_str());
    }
    if (const auto* services = status.if_contains("services"); services != nullptr && services->is_array()) {
        for (const auto& service : services->get_array()) std::printf("service    %s\n", service.as_string().c_str());
    }
    if (const auto* notes = status.if_contains("notes"); notes != nullptr && notes->is_array()) {
        for (const auto& note : notes->get_array()) std::printf("note       %s\n", note.as_string().c_str());
    }
}

}  // namespace

int run_status(const Installation& installation, int wait_seconds, bool as_json) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(wait_seconds);
    while (true) {
        auto answer = server_runs(installation) ? ask_server(installation, "GET", "/_gantry/status")
                                                : Result<std::string>(trouble(
                                                      Errc::unavailable, "no server runs with " + installation.data_dir
                                                  ));
        boost::system::error_code failed;
        const auto status = answer ? json::parse(*answer, failed) : json::value();
        const bool ready = status.is_object() && status.get_object().contains("ready") &&
                           status.get_object().at("ready") == json::value(true);
        if (ready) {
            if (as_json) {
                std::fputs(answer->c_str(), stdout);
            } else {
                print(*read_server_file(installation), status.get_object());
            }
            return 0;
        }
        if (std::chrono::steady_clock::now() >= deadline) {
            return complain(answer ? Error{Errc::unavailable, {}, "the server is not ready yet"} : answer.error());
        }
        // A file lock and a socket cannot be waited for together; this only ends sooner or later.
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
}

}  // namespace gantry::app
