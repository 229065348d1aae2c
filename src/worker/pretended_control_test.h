#pragma once

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>

#include "base/task_group.h"
#include "link/desired_task.h"
#include "link/message.h"
#include "link/usage.h"
#include "port/clock.h"
#include "port/link.h"

namespace gantry::worker {

namespace asio = boost::asio;
using asio::awaitable;
using link::TaskStatus;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

// The least that a control plane must do; it checks that what it hears makes sense.
class PretendedControl {
  public:
    PretendedControl(asio::any_io_executor executor, port::LinkAcceptor& acceptor, port::Clock& clock)
        : acceptor_(acceptor), clock_(clock), group_(executor) {
        group_.spawn("accept", accept_all());
    }

    void want(const std::string& kind, const std::string& key, boost::json::object body) {
        wanted_[{kind, key}] = {++commit_, std::move(body), false};
        tell();
    }
    void want(const link::DesiredTask& task) { want("task", task.id, encode(task).as_object()); }
    void measure_every(Duration interval) {
        const auto bytes = link::encode_measure({incarnation_, static_cast<int>(interval.count())});
        if (link_) group_.spawn("send", send_one(link_, bytes));
    }
    void drop(const std::string& kind, const std::string& key) {
        wanted_.erase({kind, key});
        dropped_[{kind, key}] = ++commit_;
        tell();
    }
    void repeat() {
        tell();
        send_inventory();
    }
    awaitable<void> stop() { co_await group_.stop(); }

    const link::ObservedTask* seen(const std::string& task) const {
        const auto found = reports_.find(task);
        return found == reports_.end() ? nullptr : &found->second.observed;
    }
    TaskStatus status(const std::string& task) const {
        return seen(task) ? seen(task)->status : TaskStatus::PROVISIONING;
    }
    bool settled() const {
        for (const auto& [key, one] : wanted_)
            if (!one.held) return false;
        return dropped_.empty();
    }
    // Hears nothing, as over a link that is half open.
    bool deaf = false;
    int hellos = 0;
    int heartbeats = 0;
    link::Hello hello;
    std::map<std::string, link::TargetReport> targets;  // by registration
    std::vector<link::Usage> usages;
    bool acknowledges = true;

  private:
    struct Wanted {
        std::uint64_t generation = 0;
        boost::json::object body;
        bool held = false;
    };
    using Key = std::pair<std::string, std::string>;

    awaitable<void> accept_all() {
        for (;;) {
            auto accepted = co_await acceptor_.accept();
            if (!accepted) co_return;
            link_ = std::shared_ptr<port::Link>(std::move(*accepted));
            group_.spawn("session", session(link_));
        }
    }

    awaitable<void> session(std::shared_ptr<port::Link> link) {
        for (;;) {
            const auto bytes = co_await link->receive();
            if (!bytes) co_return;
            if (deaf) continue;
            if (auto usage = link::decode_usage(*bytes)) {
                usages.push_back(*std::move(usage));
                continue;
            }
            const auto message = link::decode_to_control(*bytes);
            if (!message) {
                ADD_FAILURE() << message.error().message;
                continue;
            }
            if (link == link_) std::visit([this](const auto& body) { hear(body); }, *message);
        }
    }

    void hear(const link::Hello& said) {
        ++hellos;
        hello = said;
        EXPECT_GE(said.incarnation, incarnation_);
        incarnation_ = said.incarnation;
        send(link::Welcome{1, incarnation_, 1'000});
        for (auto& [key, one] : wanted_) one.held = held(said.inventory, key, one.generation);
        tell();
        send_inventory();
    }
    void hear(const link::Heartbeat&) { ++heartbeats; }
    void hear(const link::Holding& holding) {
        for (const auto& object : holding.objects) {
            const Key key{object.kind, object.key};
            const auto found = wanted_.find(key);
            if (object.held && found != wanted_.end() && found->second.generation == object.generation)
                found->second.held = true;
            if (!object.held) dropped_.erase(key);
        }
    }
    void hear(const link::Resync& resync) {
        for (auto& [key, one] : wanted_) one.held = held(resync.inventory, key, one.generation);
        tell();
    }
    void hear(const link::TaskReport& report) {
        auto& last = reports_[report.task];
        const bool newer =
            std::pair{report.incarnation, report.sequence} > std::pair{last.incarnation, last.sequence};
        if (newer) {
            EXPECT_GE(report.observed.status, last.observed.status) << report.task;
            last = report;
        }
        if (acknowledges) send(link::ReportAck{report.incarnation, report.task, report.sequence});
    }
    void hear(const link::TargetReport& report) {
        auto& last = targets[report.registration];
        if (std::pair{report.incarnation, report.sequence} > std::pair{last.incarnation, last.sequence})
            last = report;
        if (acknowledges)
            send(link::TargetReportAck{report.incarnation, report.registration, report.sequence});
    }

    static bool held(const link::Generations& inventory, const Key& key, std::uint64_t generation) {
        const auto kind = inventory.find(key.first);
        if (kind == inventory.end()) return false;
        const auto found = kind->second.find(key.second);
        return found != kind->second.end() && found->second >= generation;
    }
    void tell() {
        for (const auto& [key, one] : wanted_)
            if (!one.held) send(link::Want{incarnation_, key.first, key.second, one.generation, one.body});
        for (const auto& [key, generation] : dropped_)
            send(link::Drop{incarnation_, key.first, key.second, generation});
    }
    void send_inventory() {
        link::Inventory inventory{incarnation_, commit_, {}};
        for (const auto& [key, one] : wanted_) inventory.objects[key.first][key.second] = one.generation;
        send(inventory);
    }
    void send(link::ToWorker message) {
        if (link_) group_.spawn("send", send_one(link_, link::encode_message(message)));
    }
    awaitable<void> send_one(std::shared_ptr<port::Link> link, std::string bytes) {
        (void)co_await link->send(std::move(bytes));
    }

    port::LinkAcceptor& acceptor_;
    port::Clock& clock_;
    std::uint64_t commit_ = 0;
    std::uint64_t incarnation_ = 0;
    std::map<Key, Wanted> wanted_;
    std::map<Key, std::uint64_t> dropped_;
    std::map<std::string, link::TaskReport> reports_;
    std::shared_ptr<port::Link> link_;
    TaskGroup group_;
};

}  // namespace gantry::worker
