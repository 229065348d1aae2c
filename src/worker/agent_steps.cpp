#include <csignal>

#include "base/log.h"
#include "worker/agent_task.h"
#include "worker/health.h"
#include "worker/observe.h"
#include "worker/task_files.h"

// The steps of one task, done to the world.
namespace gantry::worker {

using boost::asio::awaitable;
using Kind = Step::Kind;

awaitable<Result<>> AgentTask::do_step(Step step) {
    auto& runtime = shared_.ports.runtime;
    switch (step.kind) {
        case Kind::attach_network:
            co_return co_await attach_network();
        case Kind::prepare:
            co_return co_await prepare();
        case Kind::create:
            co_return co_await create(step.container);
        case Kind::start:
            co_return co_await start(step.container);
        case Kind::restart:
            co_return co_await restart(step.container);
        case Kind::signal:
            // One that ends by itself leaves traffic when it is seen to be dead.
            if (desired_.desired_status == link::TaskStatus::STOPPED) co_await shared_.out_of_traffic(*this);
            CO_TRY_VOID(co_await runtime.kill(at(step.container).id, at(step.container).stop_signal, false));
            co_return co_await look_at_one(step.container);
        case Kind::kill:
            CO_TRY_VOID(co_await runtime.kill(at(step.container).id, SIGKILL, true));
            co_return co_await look_at_one(step.container);
        case Kind::remove:
            co_return co_await remove(step.container);
        case Kind::detach_network:
            co_return co_await shared_.ports.network.detach(desired_.eni.id);
        case Kind::clean_up:
            co_return co_await clean_up();
        case Kind::pull:
        case Kind::probe:
            break;
    }
    co_return Result<>{};
}

awaitable<Result<>> AgentTask::attach_network() {
    port::EniSpec spec;
    spec.id = desired_.eni.id;
    spec.address = desired_.eni.address;
    spec.mac = desired_.eni.mac;
    CO_TRY(const auto attached, co_await shared_.ports.network.attach(spec));
    co_await shared_.policy_applied();
    observe_attached(facts_, attached.netns_path);
    co_return Result<>{};
}

awaitable<Result<>> AgentTask::prepare() {
    auto& disk = shared_.ports.disk;
    for (const auto& container : desired_.containers) {
        const std::string id = container_id(desired_, container.name);
        CO_TRY_VOID(co_await disk.put_file(desired_.id, id + ".hosts", hosts_text(desired_, container)));
        CO_TRY_VOID(co_await disk.put_file(
            desired_.id, id + ".resolv.conf",
            resolv_conf_text(desired_, container, shared_.options.surroundings)
        ));
        CO_TRY_VOID(co_await disk.put_file(desired_.id, id + ".hostname", hostname_text(desired_, container))
        );
    }
    co_return co_await shared_.ports.runtime.prepare_task(task_spec(desired_));
}

OutputSpec AgentTask::output_spec(const link::DesiredContainer& container) const {
    return {
        container_id(desired_, container.name),
        desired_.id,
        container.name,
        desired_.account,
        desired_.region,
        container.log
    };
}

awaitable<Result<>> AgentTask::create(std::string name) {
    const auto& container = wanted(name);
    if (container.privileged)
        co_return refuse("CannotCreateContainerError", "this worker runs no privileged containers");
    auto output = co_await shared_.ports.output.open(output_spec(container));
    if (!output) {
        if (output.error().errc == Errc::refused) output.error().code = "ResourceInitializationError";
        co_return tl::unexpected(output.error());
    }
    auto& disk = shared_.ports.disk;
    const std::string id = container_id(desired_, name);
    MountedFiles files;
    CO_TRY(files.hosts, co_await disk.put_file(desired_.id, id + ".hosts", hosts_text(desired_, container)));
    CO_TRY(
        files.resolv_conf, co_await disk.put_file(
                               desired_.id, id + ".resolv.conf",
                               resolv_conf_text(desired_, container, shared_.options.surroundings)
                           )
    );
    CO_TRY(
        files.hostname,
        co_await disk.put_file(desired_.id, id + ".hostname", hostname_text(desired_, container))
    );
    auto spec = container_spec(
        desired_, container, facts_, shared_.options.surroundings, files, *output
    );
    CO_TRY(const auto place, co_await shared_.starts.enter());
    CO_TRY(const auto created, co_await shared_.ports.runtime.create(std::move(spec)));
    observe_created(at(name), created, shared_.ports.clock.now());
    for (const auto& clamped : created.clamped) {
        const bool asked =
            std::any_of(container.ulimits.begin(), container.ulimits.end(), [&](const auto& limit) {
                return limit.name == clamped.wanted.name;
            });
        if (!asked) continue;
        facts_.warnings.push_back(
            "container " + name + ": ulimit " + clamped.wanted.name + " is " +
            std::to_string(clamped.granted.soft) + ":" + std::to_string(clamped.granted.hard) +
            " instead of " + std::to_string(clamped.wanted.soft) + ":" + std::to_string(clamped.wanted.hard) +
            ", the most that this machine grants"
        );
    }
    co_return Result<>{};
}

awaitable<Result<>> AgentTask::start(std::string name) {
    CO_TRY(const auto place, co_await shared_.starts.enter());
    CO_TRY_VOID(co_await shared_.ports.runtime.start(at(name).id));
    // For the exact time, and because some containers end at once. Not worth failing for: it will be looked
    // at again.
    if (const auto ok = co_await look_at_one(name); !ok) look_at_.insert(name);
    co_return Result<>{};
}

awaitable<Result<>> AgentTask::restart(std::string name) {
    CO_TRY(const auto place, co_await shared_.starts.enter());
    CO_TRY(const auto status, co_await shared_.ports.runtime.status(at(name).id));
    if (status.state == port::ContainerState::exited)
        CO_TRY_VOID(co_await shared_.ports.runtime.reset(at(name).id));
    if (status.state != port::ContainerState::running)
        CO_TRY_VOID(co_await shared_.ports.runtime.start(at(name).id));
    look_at_.insert(name);
    co_return Result<>{};
}

awaitable<Result<>> AgentTask::remove(std::string name) {
    CO_TRY_VOID(co_await shared_.ports.runtime.remove(at(name).id));
    shared_.ports.output.ended(at(name).id);
    co_return Result<>{};
}

awaitable<Result<>> AgentTask::clean_up() {
    CO_TRY_VOID(co_await shared_.ports.runtime.remove_task(desired_.id));
    co_return co_await shared_.ports.disk.remove_files(desired_.id);
}

awaitable<Result<port::ImageInfo>> AgentTask::find_image(std::string name) {
    const auto& container = wanted(name);
    auto& images = shared_.ports.images;
    const bool ask = shared_.options.pull_behavior == PullBehavior::ask_registry;
    auto cached = co_await images.get(container.image);
    if (cached && !ask) co_return cached;
    CO_TRY(const auto place, co_await shared_.pulls.enter());
    port::RegistryAuth auth;
    auth.username = container.registry.username;
    auth.password = container.registry.password;
    auto pulled = co_await images.pull(container.image, auth, port::OnPullProgress());
    if (!pulled && cached && retryable(pulled.error().errc)) co_return cached;
    co_return pulled;
}

awaitable<void> AgentTask::pull(std::string name) {
    const auto image = co_await find_image(name);
    const RealInstant now = shared_.ports.clock.now();
    if (image)
        observe_pulled(facts_, at(name), *image, now);
    else
        observe_failed(facts_, {Kind::pull, name}, image.error(), now);
}

awaitable<void> AgentTask::probe(std::string name) {
    const auto check = health_check(wanted(name));
    const auto started_at = at(name).started_at;
    port::ExecSpec spec;
    spec.argv = check->argv;
    spec.timeout = check->timeout;
    const auto ran = co_await shared_.ports.runtime.exec(at(name).id, spec);
    const RealInstant now = shared_.ports.clock.now();
    // Between its start and its end the container was restarted, or the runtime was away: says nothing.
    if (!ran || at(name).started_at != started_at)
        observe_not_probed(at(name), now);
    else
        observe_probed(wanted(name), at(name), ran->exit_code == 0 && !ran->timed_out, now);
}

awaitable<void> AgentTask::open_outputs() {
    outputs_open_ = true;
    const auto kept = co_await shared_.ports.output.list();
    for (const auto& container : desired_.containers) {
        const auto& seen = at(container.name);
        // What a removed one wrote may be shipped already: then nothing is opened again.
        const bool has_output = kept && std::find(kept->begin(), kept->end(), seen.id) != kept->end();
        if (!has_output && (seen.removed || !seen.created_at)) continue;
        const auto opened = co_await shared_.ports.output.open(output_spec(container));
        if (!opened)
            log::warn(
                "could not go on shipping a container's output",
                {{"task", desired_.id}, {"container", container.name}, {"why", opened.error()}}
            );
        if (seen.removed) shared_.ports.output.ended(seen.id);
    }
}

}  // namespace gantry::worker
