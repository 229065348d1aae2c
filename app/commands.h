#pragma once

#include <string>
#include <vector>

#include "installation.h"

namespace gantry::app {

struct UpOptions {
    Installation installation;
    std::string listen = "127.0.0.1:4566";
    std::string region = "us-east-1";
    std::string log_format = "text";  // or "json"
    std::string log_level = "info";
    int cpu_units = 0;   // 0: what the machine has, 1024 a core
    int memory_mib = 0;  // 0: what the machine has
    bool no_overcommit = false;
    bool secured = false;
    bool codedeploy_synthetic_deployment = false;  // for waiters that need one
    bool no_hosts_file = false;      // leave the host's hosts file alone
    std::vector<std::string> publish;  // host addresses at which other machines reach load balancers
    bool no_task_endpoint = false;   // do not set AWS_ENDPOINT_URL_* in tasks
    std::string registry_hosts_dir;   // hosts.toml files: mirrors
    std::string registry_login_file;  // Docker's config.json; empty: the installation's own
    std::string image_pull_behavior = "prefer-cached";  // or "default"
};

// Each returns the process's exit code and has printed what a person needs to know.
int run_up(const UpOptions& options);
int run_down(const Installation& installation, bool purge);
int run_env(const Installation& installation, const std::string& region);
int run_status(const Installation& installation, int wait_seconds, bool json);
int run_dump(const Installation& installation, const std::string& table);
int run_clock(const Installation& installation, const std::string& verb, const std::string& argument);

int run_image_load(const Installation& installation, const std::vector<std::string>& archives);
struct PullOptions {
    std::string reference;
    std::string username;
};
int run_image_pull(const Installation& installation, const PullOptions& options);
struct LoginOptions {
    std::string host;
    std::string username;
};
int run_image_login(const Installation& installation, const LoginOptions& options);
int run_image_logout(const Installation& installation, const std::string& host);
int run_image_list(const Installation& installation);
int run_image_remove(const Installation& installation, const std::vector<std::string>& references);

// Prints "gantry: MESSAGE" to stderr; returns 1.
int complain(const Error& error);

}  // namespace gantry::app
