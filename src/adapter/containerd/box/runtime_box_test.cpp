#include <csignal>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <unistd.h>

#include "adapter/containerd/box/machine.h"
#include "adapter/containerd/file.h"

// Real containers on a real containerd. Run by tests/box.sh.
namespace gantry::adapter::containerd::box {

using port::ContainerState;

class RuntimeBox : public testing::Test {
  protected:
    static void SetUpTestSuite() { machine = std::make_unique<Machine>(); }
    static void TearDownTestSuite() { machine.reset(); }
    static port::Runtime& runtime() { return machine->runtime(); }

    inline static std::unique_ptr<Machine> machine;
};

static std::int64_t now_ms() {
    auto now = std::chrono::system_clock::now().time_since_epoch();
    return std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
}

TEST_F(RuntimeBox, RunsAndTellsHowItEnded) {
    auto before = now_ms();
    auto ran = machine->run(machine->container("plain", "echo out; echo err >&2; exit 7"));
    EXPECT_EQ(ran.output, "out\nerr\n");
    EXPECT_EQ(ran.status.exit_code, 7);
    EXPECT_FALSE(ran.status.oom_killed);
    EXPECT_EQ(ran.status.labels.at("generation"), "1");
    EXPECT_EQ(ran.status.task, "task-plain");
    EXPECT_EQ(ran.status.image, "docker.io/library/busybox:latest");
    ASSERT_TRUE(ran.status.started_at && ran.status.exited_at);
    EXPECT_GE(ran.status.started_at->ms, before);
    EXPECT_GE(*ran.status.exited_at, *ran.status.started_at);
    EXPECT_LE(ran.status.exited_at->ms, now_ms());
}

TEST_F(RuntimeBox, EveryStepMayBeRepeated) {
    auto spec = machine->container("twice", "sleep 1000");
    ASSERT_TRUE(machine->up(spec));
    auto again = machine->up(spec);
    EXPECT_TRUE(again) << again.error().message;
    EXPECT_EQ(machine->wait(runtime().status("twice"))->state, ContainerState::running);
    EXPECT_EQ(machine->wait(runtime().remove_task("task-twice")).error().errc, Errc::conflict);
    EXPECT_TRUE(machine->wait(runtime().kill("twice", SIGKILL, false)));
    EXPECT_EQ(machine->exited("twice").exit_code, 137);
    EXPECT_TRUE(machine->wait(runtime().kill("twice", SIGKILL, false)));
    EXPECT_TRUE(machine->wait(runtime().start("twice")));
    EXPECT_EQ(machine->wait(runtime().status("twice"))->state, ContainerState::exited);
    machine->remove("twice");
    machine->remove("twice");
    EXPECT_EQ(machine->wait(runtime().status("twice")).error().errc, Errc::not_found);
    EXPECT_EQ(machine->wait(runtime().kill("twice", SIGKILL, false)).error().errc, Errc::not_found);
}

TEST_F(RuntimeBox, SignalsReachPid1) {
    auto spec = machine->container("trap", "trap 'echo stopping; exit 3' TERM; echo ready; while :; do sleep 0.05; done");
    ASSERT_TRUE(machine->up(spec));
    while (machine->output("trap").empty()) ASSERT_TRUE(machine->wait(runtime().status("trap")));
    EXPECT_TRUE(machine->wait(runtime().kill("trap", SIGTERM, false)));
    EXPECT_EQ(machine->exited("trap").exit_code, 3);
    machine->remove("trap");
    EXPECT_EQ(machine->output("trap"), "ready\nstopping\n");
}

TEST_F(RuntimeBox, RemoveKillsWhatStillRuns) {
    ASSERT_TRUE(machine->up(machine->container("stubborn", "trap '' TERM; sleep 1000 & wait")));
    machine->remove("stubborn");
    EXPECT_EQ(machine->wait(runtime().status("stubborn")).error().errc, Errc::not_found);
}

TEST_F(RuntimeBox, TheContainersOwnFaultsAreRefusals) {
    auto spec = machine->container("fault", "");
    spec.entry_point = {"/no/such"};
    spec.command.reset();
    auto up = machine->up(spec);
    ASSERT_FALSE(up);
    EXPECT_EQ(up.error().code, "CannotStartContainerError");
    EXPECT_NE(up.error().message.find("no such file or directory"), std::string::npos) << up.error().message;
    machine->remove("fault");

    spec.entry_point = {"/etc/passwd"};
    up = machine->up(spec);
    ASSERT_FALSE(up);
    EXPECT_NE(up.error().message.find("permission denied"), std::string::npos) << up.error().message;
    machine->remove("fault");

    spec.user = "nobody-here";
    up = machine->up(spec);
    ASSERT_FALSE(up);
    EXPECT_EQ(up.error().message, "unable to find user nobody-here: no matching entries in passwd file");
    spec.user = "";
    spec.image = "no-such-image";
    EXPECT_EQ(machine->up(spec).error().errc, Errc::not_found);
    machine->remove("fault");
}

TEST_F(RuntimeBox, TheImageAndTheSpecDecideWhatRuns) {
    auto spec = machine->container("who", "id; pwd; echo $HOME $A $B; hostname; cat /proc/self/status");
    spec.user = "web";
    spec.cwd = "/var/www";
    spec.hostname = "web-1";
    spec.env = {{"A", "1"}, {"B", "two words"}};
    auto ran = machine->run(spec);
    EXPECT_EQ(ran.output.substr(0, ran.output.find("Name:")),
              "uid=101(web) gid=102(web) groups=4(log),102(web)\n/var/www\n/home/web 1 two words\nweb-1\n");
    // Docker's defaults: a filter, no capabilities for a user other than root, fourteen in the bounding set.
    EXPECT_NE(ran.output.find("Seccomp:\t2"), std::string::npos);
    EXPECT_NE(ran.output.find("NoNewPrivs:\t0"), std::string::npos);
    EXPECT_NE(ran.output.find("CapEff:\t0000000000000000"), std::string::npos);
    EXPECT_NE(ran.output.find("CapBnd:\t00000000a80425fb"), std::string::npos);
}

TEST_F(RuntimeBox, RootMayLittle) {
    auto spec = machine->container("caged",
                                   "grep CapEff /proc/self/status\n"
                                   "mount -t tmpfs none /tmp && echo mounted\n"
                                   "unshare -n true && echo unshared\n"
                                   "chroot / true && echo chrooted\n"
                                   "echo 1 >/proc/sys/kernel/sysrq && echo sysctl\n"
                                   "mknod /x b 8 0 && cat /x >/dev/null && echo device\n"
                                   "echo /sys/firmware/*\n"
                                   "exit 0");
    auto ran = machine->run(spec);
    EXPECT_NE(ran.output.find("CapEff:\t00000000a80425fb"), std::string::npos) << ran.output;
    EXPECT_NE(ran.output.find("chrooted"), std::string::npos) << ran.output;
    for (auto* escape : {"mounted", "unshared", "sysctl\n", "device"})
        EXPECT_EQ(ran.output.find(escape), std::string::npos) << ran.output;
    EXPECT_NE(ran.output.find("/sys/firmware/*\n"), std::string::npos) << ran.output;
}

TEST_F(RuntimeBox, CapabilitiesCanBeDroppedAndAdded) {
    auto spec = machine->container("caps", "chown 1:1 /tmp || echo cannot chown; grep CapEff /proc/self/status");
    spec.cap_drop = {"CHOWN"};
    spec.cap_add = {"SYS_PTRACE"};
    auto ran = machine->run(spec);
    EXPECT_NE(ran.output.find("cannot chown"), std::string::npos) << ran.output;
    EXPECT_NE(ran.output.find("CapEff:\t00000000a80c25fa"), std::string::npos) << ran.output;
}

TEST_F(RuntimeBox, AReadOnlyRootAndMounts) {
    auto spec = machine->container("mounts",
                                   "touch /x || echo read-only; touch /var/www/y && echo volume; touch /scratch/z && echo tmpfs\n"
                                   "cat /etc/motd; echo >/etc/motd || echo kept; cat /var/data/hello; df -k /scratch | tail -1\n"
                                   "df -k /dev/shm | tail -1 | awk '{print \"shm\", $2}'");
    spec.read_only_rootfs = true;
    spec.shm_bytes = 8 << 20;
    ASSERT_TRUE(create_file(machine->directory() + "/motd", "hello\n"));
    spec.mounts = {{port::Mount::Kind::volume, "www", "/var/www", false, {}},
                   {port::Mount::Kind::volume, "data", "/var/data", true, {}},
                   {port::Mount::Kind::tmpfs, "", "/scratch", false, {"size=1m"}},
                   {port::Mount::Kind::bind, machine->directory() + "/motd", "/etc/motd", true, {}}};
    auto ran = machine->run(spec);
    for (auto* line : {"read-only\n", "volume\n", "tmpfs\n", "hello\n", "kept\n", "from the image\n", " 1024 ", "shm 8192\n"})
        EXPECT_NE(ran.output.find(line), std::string::npos) << line << " is not in " << ran.output;
}

TEST_F(RuntimeBox, ContainersOfATaskShareVolumesAndTheDisk) {
    auto first = machine->container("share", "echo shared >/v/file; sleep 1000");
    first.mounts = {{port::Mount::Kind::volume, "v", "/v", false, {}}};
    auto first_up = machine->up(first, {.storage_bytes = 64 << 20});
    ASSERT_TRUE(first_up) << first_up.error().message;
    auto second = machine->container("share2", "while ! cat /v/file; do sleep 0.05; done; dd if=/dev/zero of=/big bs=1M count=100");
    second.task = first.task;
    second.mounts = first.mounts;
    ASSERT_TRUE(machine->up(second, {.storage_bytes = 64 << 20}));
    auto status = machine->exited("share2");
    EXPECT_NE(status.exit_code, 0);
    EXPECT_NE(machine->output("share2").find("shared\n"), std::string::npos);
    EXPECT_NE(machine->output("share2").find("No space left on device"), std::string::npos) << machine->output("share2");
    auto use = machine->wait(runtime().storage(first.task));
    ASSERT_TRUE(use);
    EXPECT_GT(use->used_bytes, 50u << 20);
    EXPECT_LE(use->total_bytes, 64u << 20);
    EXPECT_TRUE(machine->wait(runtime().remove("share2")));
    EXPECT_LT(machine->wait(runtime().storage(first.task))->used_bytes, 1u << 20);
    machine->remove("share");
}

TEST_F(RuntimeBox, NamespacesCanBeShared) {
    auto first = machine->container("pidns", "sleep 1000");
    ASSERT_TRUE(machine->up(first));
    auto second = machine->container("pidns2", "ps | grep -q '[s]leep 1000' && echo seen; readlink /proc/self/ns/ipc");
    second.task = first.task;
    second.pid_namespace_of = "pidns";
    second.ipc_namespace_of = "pidns";
    ASSERT_TRUE(machine->up(second));
    machine->exited("pidns2");
    auto pid = machine->wait(runtime().status("pidns"))->pid;
    auto ipc = std::filesystem::read_symlink("/proc/" + std::to_string(pid) + "/ns/ipc").string();
    EXPECT_TRUE(machine->wait(runtime().remove("pidns2")));
    EXPECT_NE(machine->output("pidns2").find(ipc), std::string::npos) << machine->output("pidns2");
    EXPECT_NE(machine->output("pidns2").find("seen\n"), std::string::npos) << machine->output("pidns2");
    EXPECT_EQ(machine->wait(runtime().status("pidns"))->state, ContainerState::running);
    machine->remove("pidns");
}

TEST_F(RuntimeBox, LimitsAreInTheKernelAndSeenFromInside) {
    auto spec = machine->container("limits", "cat /sys/fs/cgroup/memory/memory.limit_in_bytes /sys/fs/cgroup/cpu/cpu.shares; sleep 1000");
    spec.limits.memory_bytes = 64 << 20;
    spec.limits.memory_reservation_bytes = 32 << 20;
    spec.limits.cpu_shares = 256;
    spec.limits.pids = 100;
    port::TaskSpec task;
    task.limits.cpu_quota_us = 25'000;
    task.limits.memory_bytes = 128 << 20;
    ASSERT_TRUE(machine->up(spec, task));
    if (std::filesystem::exists("/sys/fs/cgroup/cgroup.controllers")) {
        std::printf("SKIPPED: this machine has cgroup v2; the v1 paths are not looked at\n");
    } else {
        auto base = [&](const char* controller) {
            return std::string("/sys/fs/cgroup/") + controller + "/" + machine->cgroup_parent() + "/task-limits";
        };
        EXPECT_EQ(read_file(base("cpu") + "/cpu.cfs_quota_us"), "25000\n");
        EXPECT_EQ(read_file(base("memory") + "/memory.limit_in_bytes"), "134217728\n");
        EXPECT_EQ(read_file(base("memory") + "/limits/memory.limit_in_bytes"), "67108864\n");
        EXPECT_EQ(read_file(base("memory") + "/limits/memory.soft_limit_in_bytes"), "33554432\n");
        EXPECT_EQ(read_file(base("cpu") + "/limits/cpu.shares"), "256\n");
        EXPECT_EQ(read_file(base("pids") + "/limits/pids.max"), "100\n");
        while (machine->output("limits").find("256\n") == std::string::npos)
            ASSERT_TRUE(machine->wait(runtime().status("limits")));
        EXPECT_EQ(machine->output("limits"), "67108864\n256\n");
    }
    port::Limits more = spec.limits;
    more.memory_bytes = 96 << 20;
    auto updated = machine->wait(runtime().update_limits("limits", more));
    EXPECT_TRUE(updated) << updated.error().message;
    auto stats = machine->wait(runtime().stats("limits"));
    ASSERT_TRUE(stats);
    EXPECT_EQ(stats->memory_limit_bytes, 96u << 20);
    EXPECT_GT(stats->memory_used_bytes(), 0u);
    EXPECT_LT(stats->memory_used_bytes(), 16u << 20);
    EXPECT_GT(stats->cpu_ns, 0u);
    EXPECT_GE(stats->pids, 1u);
    auto whole = machine->wait(runtime().task_stats("task-limits"));
    ASSERT_TRUE(whole);
    EXPECT_EQ(whole->memory_limit_bytes, 128u << 20);
    EXPECT_GE(whole->cpu_ns, stats->cpu_ns);
    machine->remove("limits");
    EXPECT_EQ(machine->wait(runtime().task_stats("task-limits")).error().errc, Errc::not_found);
}

TEST_F(RuntimeBox, OutOfMemoryIsToldAsSuchAndOnlyThen) {
    auto hog = "x=a; while :; do x=$x$x$x$x; done";
    auto spec = machine->container("oom", hog);
    spec.limits.memory_bytes = 32 << 20;
    auto ran = machine->run(spec);
    EXPECT_EQ(ran.status.exit_code, 137);
    EXPECT_TRUE(ran.status.oom_killed);

    // The task's limit kills as well, and the one that was killed says so, not its neighbour.
    auto neighbour = machine->container("beside", "sleep 1000");
    port::TaskSpec task;
    task.limits.memory_bytes = 48 << 20;
    ASSERT_TRUE(machine->up(neighbour, task));
    auto greedy = machine->container("greedy", hog);
    greedy.task = neighbour.task;
    ASSERT_TRUE(machine->up(greedy, task));
    auto status = machine->exited("greedy");
    EXPECT_EQ(status.exit_code, 137);
    EXPECT_TRUE(status.oom_killed);
    EXPECT_TRUE(machine->wait(runtime().kill("beside", SIGKILL, false)));
    auto killed = machine->exited("beside");
    EXPECT_EQ(killed.exit_code, 137);
    EXPECT_FALSE(killed.oom_killed);
    EXPECT_TRUE(machine->wait(runtime().remove("greedy")));
    machine->remove("beside");
}

TEST_F(RuntimeBox, UlimitsAreClampedToWhatTheMachineCanGrant) {
    auto spec = machine->container("ulimit", "ulimit -n; ulimit -Hn; ulimit -c");
    spec.ulimits = {{"nofile", 2'000'000'000, 2'000'000'000}, {"core", 0, 0}};
    auto created = machine->up(spec);
    ASSERT_TRUE(created) << created.error().message;
    ASSERT_EQ(created->clamped.size(), 1u);
    auto granted = created->clamped[0].granted;
    EXPECT_EQ(granted.name, "nofile");
    machine->exited("ulimit");
    machine->remove("ulimit");
    auto n = std::to_string(granted.soft);
    EXPECT_EQ(machine->output("ulimit"), n + "\n" + n + "\n0\n");
}

TEST_F(RuntimeBox, AnInitReapsAndForwards) {
    if (!std::filesystem::exists("/usr/bin/tini-static")) GTEST_SKIP() << "Debian's tini is not installed";
    auto spec = machine->container("init", "ps; exit 4");
    spec.init_process = true;
    auto ran = machine->run(spec);
    EXPECT_EQ(ran.status.exit_code, 4);
    EXPECT_NE(ran.output.find("docker-init"), std::string::npos) << ran.output;
}

TEST_F(RuntimeBox, InteractiveContainersWaitAtStdin) {
    auto spec = machine->container("cat", "cat; echo ended");
    spec.open_stdin = true;
    ASSERT_TRUE(machine->up(spec));
    auto other = machine->run(machine->container("nocat", "cat; echo ended"));
    EXPECT_EQ(other.output, "ended\n");
    EXPECT_EQ(machine->wait(runtime().status("cat"))->state, ContainerState::running);
    machine->remove("cat");
}

TEST_F(RuntimeBox, ExecIsConfinedLikeItsContainer) {
    auto facts = "id; grep -E '^(Cap|Seccomp:|NoNewPrivs)' /proc/self/status; cat /proc/self/cgroup; echo $SECRET; pwd; ulimit -n";
    auto spec = machine->container("confined", std::string(facts) + "; sleep 1000");
    spec.user = "web";
    spec.env = {{"SECRET", "s3"}};
    spec.cwd = "/var/www";
    spec.cap_drop = {"NET_RAW"};
    spec.ulimits = {{"nofile", 99, 100}};
    ASSERT_TRUE(machine->up(spec));
    while (machine->output("confined").find("99\n") == std::string::npos)
        ASSERT_TRUE(machine->wait(runtime().status("confined")));
    auto ran = machine->wait(runtime().exec("confined", {.argv = {"sh", "-c", facts}}));
    ASSERT_TRUE(ran) << ran.error().message;
    EXPECT_EQ(ran->exit_code, 0);
    EXPECT_EQ(ran->output, machine->output("confined"));
    machine->remove("confined");
}

TEST_F(RuntimeBox, ExecTellsExitCodeOutputAndTime) {
    ASSERT_TRUE(machine->up(machine->container("exec", "sleep 1000")));
    auto run = [&](std::vector<std::string> argv) {
        return machine->wait(runtime().exec("exec", {.argv = std::move(argv), .timeout = std::chrono::seconds(20)}));
    };
    auto failed = run({"sh", "-c", "echo no >&2; exit 9"});
    ASSERT_TRUE(failed) << failed.error().message;
    EXPECT_EQ(failed->exit_code, 9);
    EXPECT_EQ(failed->output, "no\n");
    EXPECT_EQ(run({"/no/such"})->exit_code, 127);
    EXPECT_EQ(run({"/etc/passwd"})->exit_code, 126);
    auto much = run({"sh", "-c", "yes | head -c 1000000"});
    ASSERT_TRUE(much);
    EXPECT_EQ(much->exit_code, 0);
    EXPECT_EQ(much->output.size(), 4096u);
    auto slow = machine->wait(
        runtime().exec("exec", {.argv = {"sleep", "1000"}, .timeout = std::chrono::milliseconds(100)}));
    ASSERT_TRUE(slow) << slow.error().message;
    EXPECT_TRUE(slow->timed_out);
    EXPECT_EQ(slow->exit_code, 137);
    EXPECT_EQ(machine->wait(runtime().status("exec"))->state, ContainerState::running);
    machine->remove("exec");
    EXPECT_FALSE(run({"true"}));
    EXPECT_TRUE(std::filesystem::is_empty("/run/gantry/runtime"));
}

TEST_F(RuntimeBox, ResetKeepsTheWritableLayer) {
    auto spec = machine->container("again", "cat /count; echo x >>/count; exit 5");
    ASSERT_TRUE(machine->up(spec));
    EXPECT_EQ(machine->exited("again").exit_code, 5);
    auto reset = machine->wait(runtime().reset("again"));
    ASSERT_TRUE(reset) << reset.error().message;
    EXPECT_TRUE(machine->wait(runtime().reset("again")));
    EXPECT_EQ(machine->wait(runtime().status("again"))->state, ContainerState::created);
    ASSERT_TRUE(machine->wait(runtime().start("again")));
    EXPECT_EQ(machine->exited("again").exit_code, 5);
    machine->remove("again");
    EXPECT_NE(machine->output("again").find("x\n"), std::string::npos) << machine->output("again");
}

TEST_F(RuntimeBox, AKilledContainerdStopsNothingAndLosesNothing) {
    auto count = machine->container("count", "i=0; while :; do echo line $i; i=$((i+1)); done");
    ASSERT_TRUE(machine->up(count));
    ASSERT_TRUE(machine->up(machine->container("brief", "while ! test -f /go; do sleep 0.05; done; exit 6")));
    auto before = machine->wait(runtime().status("count"));
    auto daemon = machine->daemon().pid();
    auto brief_root = "/proc/" + std::to_string(machine->wait(runtime().status("brief"))->pid) + "/root/go";
    ASSERT_EQ(::kill(daemon, SIGKILL), 0);
    // The container ends while containerd is away.
    std::ofstream(brief_root).close();
    EXPECT_EQ(machine->exited("brief").exit_code, 6);
    EXPECT_NE(machine->daemon().pid(), daemon);
    auto after = machine->wait(runtime().status("count"));
    ASSERT_TRUE(after) << after.error().message;
    EXPECT_EQ(after->state, ContainerState::running);
    EXPECT_EQ(after->pid, before->pid);
    EXPECT_TRUE(machine->wait(runtime().kill("count", SIGKILL, false)));
    EXPECT_EQ(machine->exited("count").exit_code, 137);
    machine->remove("count");
    machine->remove("brief");
    std::istringstream lines(machine->output("count"));
    int expected = 0;
    for (std::string line; std::getline(lines, line); ++expected)
        if (line != "line " + std::to_string(expected)) {
            EXPECT_TRUE(lines.peek() == EOF) << "line " << expected << " is " << line;
            break;
        }
    EXPECT_GT(expected, 1000);
}

TEST_F(RuntimeBox, ARestartedGantryFindsEverythingAgain) {
    ASSERT_TRUE(machine->up(machine->container("old", "while ! test -f /go; do sleep 0.05; done; exit 8")));
    ASSERT_TRUE(machine->up(machine->container("done", "exit 9")));
    machine->exited("done");
    auto pid = machine->wait(runtime().status("old"))->pid;
    auto daemon = machine->daemon().pid();
    machine->restart_gantry();
    EXPECT_EQ(machine->daemon().pid(), daemon);
    EXPECT_TRUE(machine->wait(runtime().wait_changes())->everything);
    auto list = machine->wait(runtime().list());
    ASSERT_TRUE(list) << list.error().message;
    ASSERT_EQ(list->size(), 2u);
    EXPECT_EQ((*list)[0].id, "done");
    EXPECT_EQ((*list)[0].exit_code, 9);
    EXPECT_EQ((*list)[1].id, "old");
    EXPECT_EQ((*list)[1].pid, pid);
    EXPECT_EQ((*list)[1].labels.at("generation"), "1");
    EXPECT_EQ(*machine->wait(runtime().list_tasks()), (std::vector<std::string>{"task-done", "task-old"}));
    std::ofstream("/proc/" + std::to_string(pid) + "/root/go").close();
    auto changes = machine->wait(runtime().wait_changes());
    ASSERT_TRUE(changes);
    EXPECT_EQ(changes->containers, std::vector<std::string>{"old"});
    EXPECT_EQ(machine->exited("old").exit_code, 8);
    machine->remove("old");
    machine->remove("done");
}

TEST_F(RuntimeBox, AKilledShimIsAnExit) {
    ASSERT_TRUE(machine->up(machine->container("shimless", "sleep 1000")));
    auto pid = machine->wait(runtime().status("shimless"))->pid;
    auto stat = read_file("/proc/" + std::to_string(pid) + "/stat").value_or("");
    auto shim = std::atoi(stat.substr(stat.rfind(')') + 4).c_str());
    ASSERT_EQ(::kill(shim, SIGKILL), 0);
    auto status = machine->exited("shimless");
    EXPECT_EQ(status.exit_code, 137);
    machine->remove("shimless");
    EXPECT_FALSE(std::filesystem::exists("/proc/" + std::to_string(pid) + "/root/etc"));
}

static int shim_of(const std::string& id) {
    for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
        const auto words = read_file(entry.path().string() + "/cmdline").value_or("");
        if (words.find("containerd-shim") != std::string::npos && words.find('\0' + id + '\0') != std::string::npos)
            return std::atoi(entry.path().filename().c_str());
    }
    return 0;
}

// As when Gantry dies while containerd creates the process: it is found as created, and starts.
TEST_F(RuntimeBox, AContainerWithoutAProcessStartsAllTheSame) {
    auto spec = machine->container("halfmade", "echo ran");
    port::TaskSpec task;
    task.id = spec.task;
    ASSERT_TRUE(machine->wait(runtime().prepare_task(task)));
    ASSERT_TRUE(machine->wait(runtime().create(spec)));
    const int shim = shim_of("halfmade");
    ASSERT_GT(shim, 0);
    ASSERT_EQ(::kill(shim, SIGKILL), 0);
    while (shim_of("halfmade") != 0) usleep(10'000);
    machine->restart_gantry();
    EXPECT_EQ(machine->wait(runtime().status("halfmade"))->state, ContainerState::created);
    auto started = machine->wait(runtime().start("halfmade"));
    // containerd needs a moment to understand.
    for (int i = 0; !started && retryable(started.error().errc) && i < 100; ++i) {
        usleep(100'000);
        started = machine->wait(runtime().start("halfmade"));
    }
    ASSERT_TRUE(started) << started.error().message;
    EXPECT_EQ(machine->exited("halfmade").exit_code, 0);
    machine->remove("halfmade");
    EXPECT_EQ(machine->output("halfmade"), "ran\n");
}

TEST_F(RuntimeBox, NothingIsLeftBehind) {
    auto ran = machine->run(machine->container("traceless", "echo x >/x"));
    auto runtime_dir = machine->directory() + "/runtime";
    for (auto& entry : std::filesystem::directory_iterator(runtime_dir + "/disks"))
        EXPECT_TRUE(entry.path().filename().string().starts_with(".template")) << entry.path();
    EXPECT_TRUE(std::filesystem::is_empty(runtime_dir + "/started"));
    EXPECT_TRUE(std::filesystem::is_empty("/run/gantry/runtime"));
    EXPECT_TRUE(machine->wait(runtime().list())->empty());
    EXPECT_TRUE(machine->wait(runtime().list_tasks())->empty());
    EXPECT_EQ(read_file("/proc/self/mounts")->find("/runtime/disks/"), std::string::npos);
}

}  // namespace gantry::adapter::containerd::box
