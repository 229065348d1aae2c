#include <malloc.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <cstdlib>

#include "commands.h"

using namespace gantry::app;

int main(int argc, char** argv) {
    // Answers come and go by the hundred KiB. Without these each one takes pages from the kernel, has them zeroed and
    // gives them back: a sixth of the CPU time of a request.
    ::mallopt(M_MMAP_THRESHOLD, 1 << 20);
    ::mallopt(M_TRIM_THRESHOLD, 4 << 20);
    ::mallopt(M_TOP_PAD, 256 << 10);

    CLI::App program{
        "Gantry: Amazon ECS and Fargate on your own machine. The aws CLI, terraform and every AWS SDK drive "
        "it;\n"
        "behind the API run real containers with real network addresses.",
        "gantry"
    };
    program.footer("First steps:\n  gantry up &\n  eval \"$(gantry env)\"\n  aws ecs list-clusters");

    Installation installation;
    const char* data_dir = std::getenv("GANTRY_DATA_DIR");
    installation.data_dir = data_dir != nullptr ? data_dir : "/var/lib/gantry";
    const auto with_data_dir = [&](CLI::App* command) {
        command->add_option("--data-dir", installation.data_dir, "Where the installation keeps everything")
            ->capture_default_str();
        return command;
    };

    UpOptions up;
    auto* up_command = with_data_dir(program.add_subcommand(
        "up",
        "Run the control plane and a worker in this process, in the foreground, until SIGTERM or SIGINT.\n"
        "Containers outlive it: the next start finds them again."
    ));
    up_command->add_option("--listen", up.listen, "ADDRESS:PORT of the API")->capture_default_str();
    up_command->add_option("--region", up.region, "The region that `gantry env` sets")->capture_default_str();
    up_command->add_option("--log-format", up.log_format, "text or json")
        ->check(CLI::IsMember({"text", "json"}))
        ->capture_default_str();
    up_command->add_option("--log-level", up.log_level, "debug, info, warning or error")
        ->check(CLI::IsMember({"debug", "info", "warning", "error"}))
        ->capture_default_str();
    const auto not_negative = CLI::Validator(
        [](const std::string& text) { return text.starts_with('-') ? "must not be negative" : std::string(); }, "INT"
    );
    up_command->add_option("--cpu", up.cpu_units, "CPU units that tasks may use (1024 a core); default: all")
        ->check(not_negative);
    up_command->add_option("--memory", up.memory_mib, "MiB of memory that tasks may use; default: all")
        ->check(not_negative);
    up_command->add_flag(
        "--no-overcommit", up.no_overcommit, "Reserve what tasks ask for instead of only limiting it"
    );
    up_command->add_flag(
        "--secured", up.secured, "Verify request signatures instead of accepting any access key"
    );
    up_command->add_flag(
        "--codedeploy-synthetic-deployment", up.codedeploy_synthetic_deployment,
        "Show the PRIMARY task set of a service under CODE_DEPLOY as a deployment too, for waiters that need one"
    );
    up_command->add_flag(
        "--no-task-endpoint", up.no_task_endpoint, "Do not point AWS SDKs inside tasks at this server"
    );
    up_command
        ->add_option(
            "--publish", up.publish,
            "ADDRESS of this host: every load balancer's TCP ports are open there for other machines (repeatable)"
        )
        ->check(CLI::ValidIPV4);
    up_command->add_flag(
        "--no-hosts-file", up.no_hosts_file, "Do not write names of load balancers into /etc/hosts"
    );
    up_command
        ->add_option(
            "--registry-hosts", up.registry_hosts_dir,
            "Folder with HOST/hosts.toml files as containerd reads them: mirrors, certificates, plain HTTP"
        )
        ->check(CLI::ExistingDirectory);
    up_command
        ->add_option(
            "--registry-logins", up.registry_login_file,
            "File in the form of Docker's config.json, /root/.docker/config.json say; default: what\n"
            "`gantry image login` keeps. Every task may then pull with these logins"
        )
        ->check(CLI::ExistingFile);
    up_command
        ->add_option(
            "--image-pull-behavior", up.image_pull_behavior,
            "As ECS_IMAGE_PULL_BEHAVIOR: prefer-cached takes an image that is here as it is, default asks the\n"
            "registry each time a task starts and takes what is here when it cannot be reached"
        )
        ->check(CLI::IsMember({"prefer-cached", "default"}))
        ->capture_default_str();

    bool purge = false;
    auto* down = with_data_dir(program.add_subcommand("down", "Stop the server, every task and containerd."));
    down->add_flag("--purge", purge, "Remove the installation's state, images and logs too");

    std::string region;
    auto* env = with_data_dir(program.add_subcommand(
        "env", "Print shell commands that point AWS tools here: eval \"$(gantry env)\""
    ));
    env->add_option("--region", region, "Default: the one given to `gantry up`");

    int wait_seconds = 0;
    bool json = false;
    auto* status = with_data_dir(program.add_subcommand("status", "What runs here, and what is wrong."));
    status->add_option("--wait", wait_seconds, "Wait up to so many seconds for the server to be ready");
    status->add_flag("--json", json, "For programs");

    auto* image = program.add_subcommand("image", "The container images on this machine.");
    std::vector<std::string> names;
    auto* load =
        with_data_dir(image->add_subcommand("load", "Load archives that `docker save` or OCI tools wrote."));
    load->add_option("archive", names, "Archive files")->required()->check(CLI::ExistingFile);
    PullOptions pull_options;
    auto* pull = with_data_dir(image->add_subcommand("pull", "Pull an image from its registry."));
    pull->add_option("reference", pull_options.reference, "Like docker pull's")->required();
    pull->add_option("--username", pull_options.username, "The password is read from standard input");
    LoginOptions login_options;
    auto* login = with_data_dir(image->add_subcommand(
        "login",
        "Keep a login for a registry: tasks and `gantry image pull` use it from now on. The password is\n"
        "read from standard input; the next pull tells whether the registry takes it."
    ));
    login->add_option("host", login_options.host, "docker.io, registry.example:5000")->required();
    login->add_option("--username", login_options.username, "Who")->required();
    auto* logout = with_data_dir(image->add_subcommand("logout", "Forget the login for a registry."));
    logout->add_option("host", login_options.host, "As given to login")->required();
    auto* ls = with_data_dir(image->add_subcommand("ls", "List images."));
    auto* rm = with_data_dir(image->add_subcommand("rm", "Remove images."));
    rm->add_option("reference", names, "Images")->required();

    auto* clock = program.add_subcommand(
        "clock",
        "Policy time of this server: the waits, schedules and time stamps of the API.\n"
        "Health checks, draining and logs stay in real time."
    );
    std::string argument;
    auto* clock_now =
        with_data_dir(clock->add_subcommand("now", "Print policy time, its rate and its lead."));
    auto* clock_advance = with_data_dir(clock->add_subcommand("advance", "Jump ahead: 90s, 10m, 2h, 1d."));
    clock_advance->add_option("duration", argument, "How far; never back")->required();
    auto* clock_rate =
        with_data_dir(clock->add_subcommand("rate", "How many policy seconds a real second makes."));
    clock_rate->add_option("rate", argument, "0.001 to 100000; 1 is real time")->required();

    std::string table;
    auto* dump =
        with_data_dir(program.add_subcommand("dump", "Print every record of the control plane as one JSON object: tables, in them records by key.")
        );
    dump->add_option("--table", table, "Only this table");

    auto* version = program.add_subcommand("version", "Print the version.");
    program.set_version_flag("--version", "gantry " GANTRY_VERSION, "As `gantry version`");

    CLI11_PARSE(program, argc, argv);
    up.installation = installation;

    if (up_command->parsed()) return run_up(up);
    if (down->parsed()) return run_down(installation, purge);
    if (env->parsed()) return run_env(installation, region);
    if (status->parsed()) return run_status(installation, wait_seconds, json);
    if (load->parsed()) return run_image_load(installation, names);
    if (pull->parsed()) return run_image_pull(installation, pull_options);
    if (login->parsed()) return run_image_login(installation, login_options);
    if (logout->parsed()) return run_image_logout(installation, login_options.host);
    if (ls->parsed()) return run_image_list(installation);
    if (rm->parsed()) return run_image_remove(installation, names);
    if (clock_now->parsed()) return run_clock(installation, "now", {});
    if (clock_advance->parsed()) return run_clock(installation, "advance", argument);
    if (clock_rate->parsed()) return run_clock(installation, "rate", argument);
    if (dump->parsed()) return run_dump(installation, table);
    if (version->parsed()) {
        std::puts("gantry " GANTRY_VERSION);
        return 0;
    }
    // Not CLI11's require_subcommand(): it says "A subcommand is required" of one that is misspelt too.
    const CLI::App* asked = image->parsed() ? image : clock->parsed() ? clock : &program;
    std::fputs(asked->help().c_str(), stderr);
    return 2;
}
