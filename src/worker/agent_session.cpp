#include "base/log.h"
#include "worker/agent.h"
#include "worker/balancing.h"
#include "worker/observe.h"
#include "worker/report.h"
#include "worker/wait_until.h"

// The agent's talk with the control plane; link/message.h says what makes it safe.
namespace gantry::worker {

using boost::asio::awaitable;

namespace {

// A Hello may be lost, and so may its answer.
constexpr std::chrono::seconds answer_patience{15};
// The control plane says every minute or so what it wants; a link that is silent for so long is dead.
constexpr std::chrono::minutes silence_patience{3};

}  // namespace

awaitable<void> Agent::keep_connected() {
    Duration pause{100};
    for (;;) {
        auto connected = co_await ports_.control_plane.connect();
        if (connected) {
            pause = Duration{100};
            link_ = *std::move(connected);
            heard_at_ = ports_.clock.steady_now();
            answered_ = false;
            outgoing_.clear();
            send(link::Hello{
                link::protocol_version, options_.worker_id, incarnation_, options_.capacity,
                desired_.generations()
            });
            outbox_->send_again();
            balancing_->outbox().send_again();
            co_await receive_all();
            link_->close();
            link_.reset();
            log::info("the control plane is away; tasks run on");
        } else if (connected.error().errc == Errc::cancelled) {
            co_return;
        }
        if (const auto ok = co_await ports_.clock.sleep_for(pause); !ok) co_return;
        pause = std::min(pause * 2, options_.reconnect_pause_max);
    }
}

awaitable<void> Agent::receive_all() {
    const auto link = link_;
    for (;;) {
        const auto bytes = co_await link->receive();
        if (!bytes) co_return;
        if (const auto measure = link::decode_measure(*bytes)) {
            if (measure->incarnation == incarnation_) measure_as_told(*measure);
            continue;
        }
        auto message = link::decode_to_worker(*bytes);
        if (!message) {
            log::warn("cannot understand the control plane", {{"why", message.error()}});
            continue;
        }
        const auto to = std::visit([](const auto& body) { return body.incarnation; }, *message);
        if (to != incarnation_) continue;
        heard_at_ = ports_.clock.steady_now();
        answered_ = true;
        co_await take(*std::move(message));
    }
}

awaitable<void> Agent::take(link::ToWorker message) {
    if (auto* welcome = std::get_if<link::Welcome>(&message)) {
        heartbeat_interval_ = Duration{std::max(welcome->heartbeat_interval_ms, 10)};
        reports_wake_.set();
    } else if (auto* want = std::get_if<link::Want>(&message)) {
        co_await take_want(std::move(*want));
    } else if (auto* drop = std::get_if<link::Drop>(&message)) {
        co_await take_drop(std::move(*drop));
    } else if (auto* inventory = std::get_if<link::Inventory>(&message)) {
        co_await take_inventory(std::move(*inventory));
    } else if (auto* ack = std::get_if<link::ReportAck>(&message)) {
        outbox_->acknowledge(*ack);
    } else if (auto* target_ack = std::get_if<link::TargetReportAck>(&message)) {
        balancing_->outbox().acknowledge(*target_ack);
    }
}

awaitable<void> Agent::take_want(link::Want want) {
    const auto effect = desired_.want(want);
    if (effect == DesiredSet::Effect::stale) co_return;
    const auto* object = desired_.find(want.kind, want.key);
    const auto kept = co_await ports_.disk.put(kept_name(want.kind, want.key), encode_text(*object));
    if (!kept) log::error("could not keep what is wanted", {{"key", want.key}, {"why", kept.error()}});
    if (effect == DesiredSet::Effect::changed) {
        if (want.kind == "task")
            begin_task(want.key, *object, nullptr);
        else
            learn_network(want.kind, want.key, object);
    }
    // Not acknowledged: it will come again.
    if (kept) hold(want.kind, want.key, want.generation, true);
}

awaitable<void> Agent::take_drop(link::Drop drop) {
    const auto effect = desired_.drop(drop);
    if (effect == DesiredSet::Effect::stale) co_return;
    Result<> erased;
    if (const auto task = tasks_.find(drop.key); drop.kind == "task" && task != tasks_.end()) {
        outbox_->forget(drop.key);
        task->second->drop();  // forget_task() erases it
    } else {
        erased = co_await ports_.disk.erase(kept_name(drop.kind, drop.key));
    }
    if (drop.kind != "task" && effect == DesiredSet::Effect::changed)
        learn_network(drop.kind, drop.key, nullptr);
    if (erased) hold(drop.kind, drop.key, drop.generation, false);
}

awaitable<void> Agent::take_inventory(link::Inventory inventory) {
    for (auto& drop : desired_.unwanted(inventory)) co_await take_drop(std::move(drop));
    // What nobody owns is known only when everything that is wanted is.
    if (desired_.behind(inventory))
        send(link::Resync{incarnation_, desired_.generations()});
    else
        leftovers_wake_.set();
}

void Agent::send(const link::ToControl& message) {
    if (!link_) return;
    outgoing_.push_back(link::encode_message(message));
    outgoing_wake_.set();
}

void Agent::hold(const std::string& kind, const std::string& key, std::uint64_t generation, bool held) {
    send(link::Holding{incarnation_, {{kind, key, generation, held}}});
}

awaitable<void> Agent::write_out() {
    for (;;) {
        while (link_ && !outgoing_.empty()) {
            const auto link = link_;
            std::string message = std::move(outgoing_.front());
            outgoing_.pop_front();
            // A failure shows on the receiving side too, which connects anew.
            if (const auto ok = co_await link->send(std::move(message)); !ok) link->close();
        }
        if (const auto ok = co_await outgoing_wake_.wait(); !ok) co_return;
    }
}

awaitable<void> Agent::beat() {
    for (;;) {
        const auto slept = co_await ports_.clock.sleep_for(heartbeat_interval_);
        if (!slept) co_return;
        if (!link_) continue;
        const Duration silence = ports_.clock.steady_now() - heard_at_;
        if (silence > (answered_ ? Duration(silence_patience) : Duration(answer_patience))) link_->close();
        send(link::Heartbeat{incarnation_, static_cast<int>(tasks_.size())});
    }
}

void Agent::task_changed(const std::string& id) {
    const auto found = tasks_.find(id);
    if (found == tasks_.end()) return;
    const auto& task = *found->second;
    if (task.dropped()) {
        if (task.over()) group_.spawn("forget task " + id, forget_task(id));
        return;
    }
    if (outbox_->put(id, task.generation(), observed_task(task.desired(), task.facts()))) reports_wake_.set();
}

awaitable<void> Agent::send_reports() {
    for (;;) {
        std::optional<RealInstant> again;
        if (link_) {
            auto& targets = balancing_->outbox();
            for (auto& report : outbox_->due(ports_.clock.now())) send(report);
            for (auto& report : targets.due(ports_.clock.now())) send(report);
            again = outbox_->next_due();
            const auto next = targets.next_due();
            if (next && (!again || *next < *again)) again = next;
        }
        if (const auto ok = co_await wait_until(reports_wake_, ports_.clock, again); !ok) co_return;
    }
}

}  // namespace gantry::worker
