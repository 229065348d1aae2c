#include "control/worker_sessions.h"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <set>

#include "base/log.h"
#include "control/outgoing_messages.h"

namespace gantry::control {

namespace asio = boost::asio;

// Keeps turns short when everything is to be built.
constexpr std::size_t kBuiltInOneTurnMax = 128;

struct WorkerSessions::Session {
    Session(std::string worker_, std::uint64_t incarnation_, std::shared_ptr<port::Link> link_, asio::any_io_executor on)
        : worker(std::move(worker_)),
          incarnation(incarnation_),
          link(std::move(link_)),
          objects(incarnation_),
          outgoing_wake(std::move(on)) {}

    std::string worker;
    std::uint64_t incarnation;
    std::shared_ptr<port::Link> link;
    PublishedObjects objects;
    port::SteadyInstant heard_at;
    port::SteadyInstant inventory_at;
    std::uint64_t usage_sequence = 0;
    bool inventory_due = true;
    bool ended = false;
    OutgoingMessages outgoing;
    Event outgoing_wake;
};

WorkerSessions::WorkerSessions(
    Loop& loop,
    port::LinkAcceptor& acceptor,
    ReportSink& reports,
    std::vector<std::shared_ptr<const Publisher>> publishers,
    asio::any_io_executor offload,
    Options options
)
    : loop_(loop),
      acceptor_(acceptor),
      reports_(reports),
      offload_(std::move(offload)),
      options_(options),
      group_(loop.strand()) {
    for (auto& publisher : publishers) publishers_.emplace(publisher->kind(), std::move(publisher));
    loop_.on_change([this, alive = std::weak_ptr(alive_)](const state::View& view, const state::Change& change) {
        if (alive.expired()) return;
        for (const auto& [kind, publisher] : publishers_) {
            publisher->affected(view, change, [&](std::string key) { touched_.insert({kind, std::move(key)}); });
        }
        publish_soon();
    });
    loop_.on_loaded([this, alive = std::weak_ptr(alive_)](const state::View& view) {
        if (alive.expired()) return;
        // What was assigned before may be gone without a trace.
        for (const auto& [name, workers] : holders_) touched_.insert(name);
        for (const auto& [kind, publisher] : publishers_) {
            publisher->all(view, [&](std::string key) { touched_.insert({kind, std::move(key)}); });
        }
        publish_soon();
    });
}

WorkerSessions::~WorkerSessions() = default;

void WorkerSessions::start() {
    group_.spawn("workers", accept_all());
    group_.spawn("worker watch", watch_over());
}

asio::awaitable<void> WorkerSessions::stop() {
    stopping_ = true;
    acceptor_.close();
    for (auto& [worker, session] : sessions_) session->link->close();
    for (const auto& [link, since] : strangers_) link->close();
    co_await group_.stop();
    sessions_.clear();
}

std::vector<WorkerStatus> WorkerSessions::status() const {
    std::vector<WorkerStatus> all;
    for (const auto& [worker, session] : sessions_) {
        all.push_back({worker, !session->ended, session->objects.unacknowledged()});
    }
    for (const auto& [worker, since] : awaited_) all.push_back({worker, false, 0});
    return all;
}

asio::awaitable<void> WorkerSessions::accept_all() {
    while (true) {
        auto link = co_await acceptor_.accept();
        if (!link) co_return;
        group_.spawn("worker link", serve(std::shared_ptr<port::Link>(std::move(*link))));
    }
}

// Absent when it is no worker. Who says nothing has its link closed by watch_over().
asio::awaitable<std::optional<link::Hello>> WorkerSessions::hear_hello(std::shared_ptr<port::Link> link) {
    const auto stranger = strangers_.emplace(strangers_.end(), link, loop_.clock().steady_now());
    std::optional<link::Hello> hello;
    while (!hello) {
        auto bytes = co_await link->receive();
        if (!bytes) break;
        auto message = link::decode_to_control(*bytes);
        if (!message) {
            log::warn("a message that nobody understands", {{"why", message.error()}});
            continue;
        }
        if (auto* said = std::get_if<link::Hello>(&*message)) hello = std::move(*said);
    }
    strangers_.erase(stranger);
    co_return hello;
}

// Null when it is no worker.
asio::awaitable<WorkerSessions::SessionPtr> WorkerSessions::greet(std::shared_ptr<port::Link> link) {
    const auto heard = co_await hear_hello(link);
    if (!heard) co_return nullptr;
    const link::Hello said = *heard;
    if (said.protocol != link::protocol_version) {
        log::warn("a worker of another version", {{"worker", said.worker}, {"protocol", said.protocol}});
        co_return nullptr;
    }
    // Named: GCC 12 destroys a capturing temporary in a co_await expression twice.
    Loop::Work introduce = [this, said](state::Txn& txn) { return reports_.joined(txn, said); };
    // Until it has a session: the end of the one before, told later, must not make it lost.
    ++introducing_[said.worker];
    const auto introduced = co_await loop_.transact(std::move(introduce));
    if (--introducing_[said.worker] == 0) introducing_.erase(said.worker);
    if (!introduced) {
        // The worker says Hello again on a new link, or else is lost.
        if (!sessions_.contains(said.worker)) awaited_.try_emplace(said.worker, loop_.clock().steady_now());
        co_return nullptr;
    }
    // A greeting of an earlier life that came late.
    const auto known = sessions_.find(said.worker);
    if (known != sessions_.end() && known->second->incarnation > said.incarnation) co_return nullptr;
    auto session = std::make_shared<Session>(said.worker, said.incarnation, link, loop_.strand());
    session->heard_at = session->inventory_at = loop_.clock().steady_now();
    if (const auto old = sessions_.find(said.worker); old != sessions_.end()) end(old->second);
    sessions_[said.worker] = session;
    awaited_.erase(said.worker);
    log::info("worker connected", {{"worker", said.worker}, {"incarnation", said.incarnation}});
    send(*session, link::Welcome{link::protocol_version, said.incarnation, int(options_.heartbeat.count())});
    tell_measure(*session);
    touch_assigned(*session);
    co_return session;
}

asio::awaitable<void> WorkerSessions::serve(std::shared_ptr<port::Link> link) {
    const auto session = co_await greet(link);
    if (!session) {
        link->close();
        co_return;
    }
    group_.spawn("to worker " + session->worker, write_out(session));
    publish_soon();
    while (!session->ended) {
        auto bytes = co_await link->receive();
        if (!bytes) break;
        if (const auto usage = link::decode_usage(*bytes)) {
            session->heard_at = loop_.clock().steady_now();
            take_usage(*session, *usage);
            continue;
        }
        auto message = link::decode_to_control(*bytes);
        if (!message) {
            log::warn("a message that nobody understands", {{"worker", session->worker}, {"why", message.error()}});
            continue;
        }
        session->heard_at = loop_.clock().steady_now();
        take(session, std::move(*message));
    }
    if (session->ended || stopping_) co_return;
    end(session);
    lose(session->worker);
}

void WorkerSessions::take(const SessionPtr& session, link::ToControl message) {
    const auto of_another_life = [&](std::uint64_t incarnation) { return incarnation != session->incarnation; };
    if (const auto* holding = std::get_if<link::Holding>(&message)) {
        if (of_another_life(holding->incarnation)) return;
        for (const auto& object : holding->objects) session->objects.holding(object);
    } else if (const auto* resync = std::get_if<link::Resync>(&message)) {
        if (of_another_life(resync->incarnation)) return;
        session->objects.resync(resync->inventory);
        touch_assigned(*session);
        publish_soon();
    } else if (auto* report = std::get_if<link::TaskReport>(&message)) {
        if (of_another_life(report->incarnation)) return;
        take_report(
            session,
            [this, worker = session->worker, said = *report](state::Txn& txn) {
                return reports_.apply(txn, worker, said);
            },
            link::ReportAck{session->incarnation, report->task, report->sequence}
        );
    } else if (auto* seen = std::get_if<link::TargetReport>(&message)) {
        if (of_another_life(seen->incarnation)) return;
        take_report(
            session,
            [this, worker = session->worker, said = *seen](state::Txn& txn) -> Result<void> {
                return target_reports_ == nullptr ? Result<void>{} : target_reports_->apply(txn, worker, said);
            },
            link::TargetReportAck{session->incarnation, seen->registration, seen->sequence}
        );
    }
}

void WorkerSessions::take_report(
    const SessionPtr& session, std::function<Result<void>(state::Txn&)> apply, link::ToWorker acknowledgement
) {
    loop_.submit(
        std::move(apply),
        {},
        [this, session, alive = std::weak_ptr(alive_),
         acknowledgement = std::move(acknowledgement)](Result<void> done) {
            if (alive.expired() || session->ended) return;
            if (!done && done.error().errc != Errc::refused) return;  // not durable: the worker reports again
            if (!done) {
                log::warn("a report that cannot be applied", {{"worker", session->worker}, {"why", done.error()}});
            }
            send(*session, acknowledgement);
        }
    );
}

void WorkerSessions::measure_every(Duration interval) {
    if (interval == measure_every_) return;
    measure_every_ = interval;
    for (const auto& [worker, session] : sessions_) tell_measure(*session);
}

void WorkerSessions::tell_measure(Session& session) {
    session.outgoing.put(link::Measure{session.incarnation, int(measure_every_.count())});
    session.outgoing_wake.set();
}

void WorkerSessions::take_usage(Session& session, const link::Usage& usage) {
    if (usage.incarnation != session.incarnation || usage.sequence <= session.usage_sequence) return;
    session.usage_sequence = usage.sequence;
    if (usage_sink_) usage_sink_(loop_.view(), session.worker, usage);
}

void WorkerSessions::touch_assigned(Session& session) {
    session.inventory_due = true;
    if (const auto found = assigned_.find(session.worker); found != assigned_.end()) {
        touched_.insert(found->second.begin(), found->second.end());
    }
}

void WorkerSessions::publish_soon() {
    if (publishing_ || stopping_) return;
    publishing_ = true;
    // After the turn that caused it, so that a turn's changes are built once.
    asio::post(loop_.strand(), [this, alive = std::weak_ptr(alive_)] {
        if (!alive.expired()) publish();
    });
}

// Builds some of what was touched in a turn of its own. What the turn saw is durable when `done` is called, so only then
// anything is sent.
void WorkerSessions::publish() {
    auto built = std::make_shared<std::vector<Built>>();
    loop_.submit(
        [this, built](state::Txn& txn) -> Result<void> {
            const auto generation = loop_.status().seen;
            while (!touched_.empty() && built->size() < kBuiltInOneTurnMax) {
                auto name = touched_.extract(touched_.begin()).value();
                auto published = publishers_.at(name.kind)->build(txn, name.key);
                built->push_back({std::move(name), std::move(published), {}, generation});
            }
            return {};
        },
        {},
        [this, built, alive = std::weak_ptr(alive_)](Result<void> done) {
            if (alive.expired() || stopping_) return;
            if (done) return encode(std::move(*built));
            // It may rest on a state that was undone. What was undone, or loaded again, is announced as a change, and
            // until then trying again would only turn in circles.
            for (auto& one : *built) touched_.insert(std::move(one.name));
            publishing_ = false;
        }
    );
}

void WorkerSessions::encode(std::vector<Built> built) {
    auto shared = std::make_shared<std::vector<Built>>(std::move(built));
    asio::post(offload_, [this, shared, strand = loop_.strand(), alive = std::weak_ptr(alive_)] {
        for (auto& one : *shared) {
            if (one.published && !one.published->workers.empty()) one.body = one.published->body();
        }
        asio::post(strand, [this, shared, alive] {
            if (!alive.expired() && !stopping_) tell_all(*shared);
        });
    });
}

void WorkerSessions::tell_all(const std::vector<Built>& built) {
    for (const auto& one : built) {
        const auto workers = one.published ? one.published->workers : std::vector<std::string>{};
        // Those who held it before and shall not any more are told too.
        auto concerned = workers;
        if (const auto before = holders_.find(one.name); before != holders_.end()) {
            concerned.insert(concerned.end(), before->second.begin(), before->second.end());
        }
        for (const auto& worker : concerned) {
            const auto session = sessions_.find(worker);
            if (session == sessions_.end()) continue;
            const bool holds = std::find(workers.begin(), workers.end(), worker) != workers.end();
            session->second->objects.set(one.name, holds ? one.body : std::nullopt, one.generation);
        }
        assign(one.name, workers);
    }
    publishing_ = false;
    if (!built.empty()) published_ = built.back().generation;
    for (auto& [worker, session] : sessions_) tell(*session);
    if (!touched_.empty()) publish_soon();
}

void WorkerSessions::assign(const ObjectName& name, const std::vector<std::string>& workers) {
    if (const auto before = holders_.find(name); before != holders_.end()) {
        for (const auto& worker : before->second) assigned_[worker].erase(name);
    }
    if (workers.empty()) {
        holders_.erase(name);
        return;
    }
    holders_[name] = workers;
    for (const auto& worker : workers) {
        assigned_[worker].insert(name);
        if (!sessions_.contains(worker)) awaited_.try_emplace(worker, loop_.clock().steady_now());
    }
}

void WorkerSessions::tell(Session& session) {
    if (session.ended) return;
    const auto now = loop_.clock().steady_now();
    for (const auto& message : session.objects.due(now, now - options_.tell_again_after)) send(session, message);
    // Complete only when nothing is left to build.
    if (session.inventory_due && touched_.empty()) {
        session.inventory_due = false;
        session.inventory_at = now;
        send(session, session.objects.inventory(published_));
    }
}

void WorkerSessions::send(Session& session, const link::ToWorker& message) {
    session.outgoing.put(message);
    session.outgoing_wake.set();
}

asio::awaitable<void> WorkerSessions::write_out(SessionPtr session) {
    while (!session->ended) {
        auto message = session->outgoing.take();
        if (!message) {
            if (auto woken = co_await session->outgoing_wake.wait(); !woken) co_return;
            continue;
        }
        if (auto sent = co_await session->link->send(*std::move(message)); !sent) co_return;
    }
}

void WorkerSessions::end(const SessionPtr& session) {
    session->ended = true;
    session->link->close();
    session->outgoing_wake.set();
    if (const auto found = sessions_.find(session->worker); found != sessions_.end() && found->second == session) {
        sessions_.erase(found);
    }
}

void WorkerSessions::lose(const std::string& worker) {
    log::warn("worker lost", {{"worker", worker}});
    loop_.submit(
        [this, worker](state::Txn& txn) -> Result<void> {
            // It may have come back meanwhile.
            if (sessions_.contains(worker) || introducing_.contains(worker)) return {};
            return reports_.lost(txn, worker);
        },
        {},
        [this, worker, alive = std::weak_ptr(alive_)](Result<void> done) {
            if (alive.expired() || done || stopping_ || done.error().errc == Errc::refused) return;
            awaited_.try_emplace(worker, loop_.clock().steady_now());
        }
    );
}

asio::awaitable<void> WorkerSessions::watch_over() {
    const Duration silence_max = options_.heartbeat * options_.heartbeats_missed_max;
    while (true) {
        if (auto slept = co_await loop_.clock().sleep_for(options_.heartbeat); !slept) co_return;
        const auto now = loop_.clock().steady_now();
        std::vector<SessionPtr> silent;
        bool again = false;
        for (auto& [worker, session] : sessions_) {
            if (now - session->heard_at > silence_max) {
                silent.push_back(session);
                continue;
            }
            if (now - session->inventory_at > options_.inventory_every) session->inventory_due = true;
            again = again || session->inventory_due || session->objects.unacknowledged() > 0;
        }
        for (const auto& session : silent) {
            end(session);
            lose(session->worker);
        }
        for (const auto& [link, since] : strangers_)
            if (now - since > silence_max) link->close();
        for (auto awaited = awaited_.begin(); awaited != awaited_.end();) {
            if (now - awaited->second <= silence_max) {
                ++awaited;
                continue;
            }
            const std::string worker = awaited->first;
            awaited = awaited_.erase(awaited);
            lose(worker);
        }
        if (again) publish_soon();
    }
}

}  // namespace gantry::control
