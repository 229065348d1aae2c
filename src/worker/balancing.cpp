#include "worker/balancing.h"

#include <algorithm>

#include "base/log.h"
#include "worker/dead_ports.h"

namespace gantry::worker {

using boost::asio::awaitable;

namespace {

constexpr Duration http_again{400};
constexpr std::chrono::seconds network_again{5};

template <class T>
void learn_one(std::map<std::string, T>& all, const std::string& key, const DesiredObject* object) {
    if (object == nullptr) {
        all.erase(key);
        return;
    }
    auto value = decode<T>(object->body);
    if (value && value->id == key)
        all[key] = *std::move(value);
    else
        log::error(
            "cannot understand a load balancer's object",
            {{"key", key}, {"why", value ? "other id" : value.error().message}}
        );
}

}  // namespace

Balancing::Balancing(
    boost::asio::any_io_executor executor,
    AgentPorts& ports,
    std::function<void()> policy_changed,
    std::function<void()> reported
)
    : ports_(ports),
      policy_changed_(std::move(policy_changed)),
      reported_(std::move(reported)),
      drains_wake_(executor),
      endings_wake_(executor),
      prober_(
          executor,
          group_,
          ports.clock,
          ports.prober,
          [this](const TargetKey& key, const link::ObservedTarget& observed) {
              if (outbox_->put(key, observed)) reported_();
          }
      ),
      group_(executor) {}

Balancing::~Balancing() = default;

void Balancing::start(std::uint64_t incarnation, Duration report_again_after) {
    outbox_ = std::make_unique<TargetOutbox>(incarnation, report_again_after);
    group_.spawn("probe targets", prober_.run());
    group_.spawn("watch draining targets", watch_drains());
    group_.spawn("end flows to dead targets", end_all());
}

awaitable<void> Balancing::stop() { co_await group_.stop(); }

bool Balancing::learn(const std::string& kind, const std::string& key, const DesiredObject* object) {
    if (kind == "load_balancer")
        learn_one(objects_.balancers, key, object);
    else if (kind == "target_group")
        learn_one(objects_.groups, key, object);
    else
        return false;
    policy_changed_();
    return true;
}

void Balancing::task_seen(const link::DesiredTask& task, const TaskFacts& facts) {
    if (task.eni.address.empty()) return;
    LocalTask now{task.eni.address, dead_ports(task, facts), false};
    now.runs = std::any_of(facts.containers.begin(), facts.containers.end(), [](const auto& container) {
        return container.phase == ContainerPhase::running;
    });
    auto& known = tasks_[task.id];
    if (known.address == now.address && known.dead == now.dead && known.runs == now.runs) return;
    known = std::move(now);
    update_dead(known.address);
}

void Balancing::task_gone(const std::string& task) {
    const auto found = tasks_.find(task);
    if (found == tasks_.end()) return;
    const std::string address = found->second.address;
    tasks_.erase(found);
    update_dead(address);
}

// An address may have a new owner while the former one's end is not acknowledged yet.
void Balancing::update_dead(const std::string& address) {
    DeadPorts dead;
    for (const auto& [id, task] : tasks_) {
        if (task.address != address) continue;
        if (task.runs) {
            dead = task.dead;
            break;
        }
        dead.insert(task.dead.begin(), task.dead.end());
    }
    const auto found = objects_.dead.find(address);
    if (found == objects_.dead.end() ? dead.empty() : found->second == dead) return;
    if (dead.empty())
        objects_.dead.erase(address);
    else
        objects_.dead[address] = std::move(dead);
    const bool target = std::any_of(objects_.groups.begin(), objects_.groups.end(), [&](const auto& group) {
        const auto& targets = group.second.targets;
        return std::any_of(targets.begin(), targets.end(), [&](const auto& one) {
            return one.address == address;
        });
    });
    if (target) policy_changed_();
}

awaitable<void> Balancing::add_to(port::NetworkState& state) {
    told_ = complete(objects_, told_);
    if (ports_.http_balancer != nullptr) co_await apply_http();
    std::map<std::string, std::string> enis;
    for (const auto& eni : state.enis) enis[eni.id] = eni.address;
    auto flows = balancer_flows(told_, entrances_, enis);
    state.balancers = std::move(flows.addresses);
    state.host_balancers = std::move(flows.hosts);
}

// The proxy first: the network must not lead to entrances that are not there.
awaitable<void> Balancing::apply_http() {
    auto wanted = http_state(told_);
    const bool none = wanted.balancers.empty();
    const bool same = http_applied_ && *http_applied_ == wanted;
    const auto now = ports_.clock.steady_now();
    if (same && (none || now - http_applied_at_ < http_again)) co_return;
    const auto entrances = co_await ports_.http_balancer->apply(wanted);
    if (!entrances) {
        if (http_trouble_ != entrances.error().message)
            log::error("the proxy of application load balancers is in trouble", {{"why", entrances.error()}});
        http_trouble_ = entrances.error().message;
        http_applied_.reset();
        co_return;
    }
    http_trouble_.clear();
    http_applied_ = std::move(wanted);
    http_applied_at_ = now;
    entrances_ = *entrances;
}

void Balancing::in_force() {
    const BalancerObjects before = std::exchange(in_force_, told_);
    any_in_force_ = true;
    tell_names();
    std::set<TargetKey> keys;
    for (const auto& [id, group] : in_force_.groups)
        for (const auto& target : group.targets) keys.insert({id, target.registration});
    outbox_->keep(keys);
    prober_.set(in_force_.groups, in_force_.groups_in_use());
    find_drains();
    find_endings(before);
}

bool Balancing::sends_to(const std::string& address, const std::vector<std::string>& groups) const {
    if (groups.empty()) return false;
    if (!any_in_force_) return true;
    const bool proxy_follows = ports_.http_balancer == nullptr || http_applied_;
    const auto sends = [&](const BalancerObjects& objects, const std::string& id) {
        const auto group = objects.groups.find(id);
        if (group == objects.groups.end()) return false;
        if (is_application(group->second) && !proxy_follows) return true;
        const auto& targets = group->second.targets;
        return std::any_of(targets.begin(), targets.end(), [&](const auto& target) {
            return target.address == address && target.state != link::TargetState::draining &&
                   !objects.is_dead(target.address, target.port);
        });
    };
    return std::any_of(groups.begin(), groups.end(), [&](const auto& id) {
        return sends(objects_, id) || sends(told_, id) || sends(in_force_, id);
    });
}

void Balancing::tell_names() {
    auto names = balancer_names(in_force_);
    if (names == names_) return;
    names_ = std::move(names);
    if (ports_.names_changed) ports_.names_changed(*names_);
}

std::optional<Duration> Balancing::look_again() const {
    if (objects_.balancers.empty() && (http_applied_ || ports_.http_balancer == nullptr)) return std::nullopt;
    // Only a proxy has to be started again soon.
    const bool proxy = ports_.http_balancer != nullptr && (!http_applied_ || !http_applied_->balancers.empty());
    return proxy ? http_again : network_again;
}

}  // namespace gantry::worker
