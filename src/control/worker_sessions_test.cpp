#include "control/worker_sessions.h"

#include <gmock/gmock.h>

#include "control/loop_fixture_test.h"
#include "operation/policy_clock.h"
#include "sim/faults.h"
#include "sim/link_switch.h"

namespace gantry::control {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

// A boat is an object of the worker that its harbour names.
class BoatPublisher : public Publisher {
  public:
    std::string_view kind() const override { return "boat"; }
    void affected(const state::View& view, const state::Change& change, const KeySink& look_at)
        const override {
        if (change.table == view.schema().table_of<Boat>()) look_at(change.key);
    }
    void all(const state::View& view, const KeySink& look_at) const override {
        for (const auto& boat : view.list<Boat>()) look_at(boat->name);
    }
    std::optional<Published> build(const state::View& view, std::string_view key) const override {
        const auto boat = view.get<Boat>(key);
        if (!boat) return std::nullopt;
        return Published{{boat->harbour}, [boat] { return encode(*boat).get_object(); }};
    }
};

// A report makes a boat in the harbour "reported"; what else it hears, it notes.
class Notes : public ReportSink {
  public:
    Result<void> apply(state::Txn& txn, const std::string&, const link::TaskReport& report) override {
        ++applied;
        if (report.task == "bad") return refuse("Bad", "no such task");
        txn.put(Boat{report.task + "-" + std::to_string(report.sequence), "reported", {}});
        return {};
    }
    Result<void> joined(state::Txn&, const link::Hello& hello) override {
        joiners.push_back(hello.worker);
        return {};
    }
    Result<void> lost(state::Txn&, const std::string& worker) override {
        losses.push_back(worker);
        return {};
    }
    int applied = 0;
    std::vector<std::string> joiners;
    std::vector<std::string> losses;
};

// The worker's end: keeps what it is told, in order, and by default says that it holds it.
class Peer {
  public:
    Peer(boost::asio::any_io_executor executor, sim::LinkSwitch& wire) : wire_(wire), tasks_(executor) {}

    void connect(std::string worker, std::uint64_t incarnation) {
        tasks_.spawn("peer", run(std::move(worker), incarnation));
    }
    void send(link::ToControl message) { tasks_.spawn("send", send_bytes(link::encode_message(message))); }
    boost::asio::awaitable<void> stop() {
        if (link_) link_->close();
        co_await tasks_.stop();
    }

    template <class Message>
    std::vector<Message> got() const {
        std::vector<Message> found;
        for (const auto& message : messages)
            if (const auto* one = std::get_if<Message>(&message)) found.push_back(*one);
        return found;
    }

    bool acknowledges = true;
    bool hello = true;
    bool ended = false;
    std::vector<link::ToWorker> messages;
    std::vector<link::Measure> measures;
    std::map<std::string, std::uint64_t> holds;

  private:
    boost::asio::awaitable<void> send_bytes(std::string bytes) {
        (void)co_await link_->send(std::move(bytes));
    }

    boost::asio::awaitable<void> run(std::string worker, std::uint64_t incarnation) {
        auto connected = co_await wire_.connect();
        if (!connected) co_return;
        link_ = *std::move(connected);
        link::Hello said;
        said.worker = worker;
        said.incarnation = incarnation;
        if (hello) (void)co_await link_->send(link::encode_message(link::ToControl(said)));
        for (;;) {
            const auto bytes = co_await link_->receive();
            ended = !bytes;
            if (ended) co_return;
            if (const auto measure = link::decode_measure(*bytes)) {
                measures.push_back(*measure);
                continue;
            }
            auto message = link::decode_to_worker(*bytes).value();
            messages.push_back(message);
            link::Holding holding;
            holding.incarnation = incarnation;
            if (const auto* want = std::get_if<link::Want>(&message)) {
                if (want->generation >= holds[want->key]) holds[want->key] = want->generation;
                holding.objects = {{want->kind, want->key, holds[want->key], true}};
            } else if (const auto* drop = std::get_if<link::Drop>(&message)) {
                holds.erase(drop->key);
                holding.objects = {{drop->kind, drop->key, drop->generation, false}};
            } else {
                continue;
            }
            if (acknowledges) (void)co_await link_->send(link::encode_message(link::ToControl(holding)));
        }
    }

    sim::LinkSwitch& wire_;
    std::unique_ptr<port::Link> link_;
    TaskGroup tasks_;
};

class WorkerSessionsTest : public LoopTest {
  protected:
    WorkerSessionsTest() {
        sessions_ = std::make_unique<WorkerSessions>(
            *loop_, wire_, notes_,
            std::vector<std::shared_ptr<const Publisher>>{std::make_shared<BoatPublisher>()},
            context_.get_executor(), WorkerSessions::Options{}
        );
    }
    void SetUp() override {
        ASSERT_TRUE(start());
        sessions_->start();
        clock_.settle();
    }
    void TearDown() override {
        boost::asio::co_spawn(context_, end(), boost::asio::detached);
        clock_.settle();
        loop_.reset();
    }
    boost::asio::awaitable<void> end() {
        co_await peer_.stop();
        co_await other_.stop();
        co_await late_.stop();
        co_await sessions_->stop();
        co_await wire_.stop();
        co_await loop_->stop();
        sessions_.reset();
    }
    void connect(std::uint64_t incarnation = 1) {
        peer_.connect("w1", incarnation);
        clock_.settle();
    }
    void heartbeat() { peer_.send(link::Heartbeat{1, 0}); }

    sim::Faults faults_{clock_, 7};
    sim::LinkSwitch wire_{context_.get_executor(), faults_};
    Notes notes_;
    Peer peer_{context_.get_executor(), wire_};
    Peer other_{context_.get_executor(), wire_};
    Peer late_{context_.get_executor(), wire_};
    std::unique_ptr<WorkerSessions> sessions_;
};

TEST_F(WorkerSessionsTest, TellsAWorkerWhatItShallHold) {
    (void)submit(put({"a", "w1", {}}));
    (void)submit(put({"b", "elsewhere", {}}));
    connect();
    EXPECT_THAT(notes_.joiners, ElementsAre("w1"));
    EXPECT_THAT(peer_.got<link::Welcome>(), SizeIs(1));
    const auto wants = peer_.got<link::Want>();
    ASSERT_THAT(wants, SizeIs(1));
    EXPECT_EQ(wants[0].key, "a");
    EXPECT_EQ(wants[0].body.at("harbour"), "w1");
    const auto inventories = peer_.got<link::Inventory>();
    ASSERT_THAT(inventories, SizeIs(1));
    EXPECT_EQ(inventories[0].objects.at("boat").count("a"), 1u);
    EXPECT_GE(inventories[0].generation, wants[0].generation);
    (void)submit(put({"c", "w1", {}}));
    EXPECT_THAT(peer_.got<link::Want>(), SizeIs(2));
}

TEST_F(WorkerSessionsTest, NothingIsToldBeforeItIsDurable) {
    connect();
    store_.hold();
    (void)submit(put({"a", "w1", {}}));
    clock_.advance(1s);
    EXPECT_THAT(peer_.got<link::Want>(), IsEmpty());
    store_.release();
    clock_.settle();
    EXPECT_THAT(peer_.got<link::Want>(), SizeIs(1));
}

TEST_F(WorkerSessionsTest, WhatWasUndoneIsNeverTold) {
    connect();
    store_.foretell(sim::CommitFate::refused);
    (void)submit(put({"a", "w1", {}}));
    clock_.advance(5s);
    EXPECT_THAT(peer_.got<link::Want>(), IsEmpty());
    (void)submit(put({"b", "w1", {}}));
    clock_.settle();
    ASSERT_THAT(peer_.got<link::Want>(), SizeIs(1));
    EXPECT_EQ(peer_.got<link::Want>()[0].key, "b");
}

TEST_F(WorkerSessionsTest, OutlivesAReload) {
    (void)submit(put({"a", "w1", {}}));
    connect();
    const auto before = peer_.got<link::Want>().back().generation;
    store_.foretell(sim::CommitFate::unknown_written);
    store_.fail_next_load();
    store_.fail_next_load();
    (void)submit(put({"b", "w1", {}}));
    clock_.advance(5s);
    EXPECT_EQ(loop_->status().reloads, 1u);
    ASSERT_EQ(peer_.got<link::Want>().back().key, "b");
    EXPECT_GT(peer_.got<link::Want>().back().generation, before);
}

TEST_F(WorkerSessionsTest, RepeatsUntilItIsHeld) {
    peer_.acknowledges = false;
    connect();
    (void)submit(put({"a", "w1", {}}));
    EXPECT_THAT(peer_.got<link::Want>(), SizeIs(1));
    for (int i = 0; i < 4; ++i) {
        clock_.advance(2s);
        heartbeat();
    }
    EXPECT_GE(peer_.got<link::Want>().size(), 3u);
    EXPECT_EQ(peer_.got<link::Want>().front().generation, peer_.got<link::Want>().back().generation);
}

TEST_F(WorkerSessionsTest, AnUnchangedObjectIsNotToldAgain) {
    (void)submit(put({"a", "w1", {}}));
    connect();
    (void)submit(put({"a", "w1", {}}));
    EXPECT_THAT(peer_.got<link::Want>(), SizeIs(1));
}

TEST_F(WorkerSessionsTest, WhatGoesElsewhereIsDroppedHere) {
    (void)submit(put({"a", "w1", {}}));
    connect();
    other_.connect("w2", 1);
    clock_.settle();
    (void)submit(put({"a", "w2", {}}));
    const auto drops = peer_.got<link::Drop>();
    ASSERT_THAT(drops, SizeIs(1));
    EXPECT_GT(drops[0].generation, peer_.got<link::Want>()[0].generation);
    EXPECT_THAT(other_.got<link::Want>(), SizeIs(1));
    EXPECT_THAT(peer_.holds, IsEmpty());
}

TEST_F(WorkerSessionsTest, AReportIsAcknowledgedOnceDurable) {
    connect();
    store_.hold();
    link::TaskReport report;
    report.task = "t";
    report.incarnation = 1;
    report.sequence = 5;
    peer_.send(report);
    clock_.advance(1s);
    EXPECT_EQ(notes_.applied, 1);
    EXPECT_THAT(peer_.got<link::ReportAck>(), IsEmpty());
    store_.release();
    clock_.settle();
    ASSERT_THAT(peer_.got<link::ReportAck>(), SizeIs(1));
    EXPECT_EQ(peer_.got<link::ReportAck>()[0].sequence, 5u);
}

TEST_F(WorkerSessionsTest, AReportThatWasUndoneIsNotAcknowledged) {
    connect();
    store_.foretell(sim::CommitFate::refused);
    link::TaskReport report;
    report.task = "t";
    report.incarnation = 1;
    report.sequence = 1;
    peer_.send(report);
    clock_.advance(1s);
    EXPECT_THAT(peer_.got<link::ReportAck>(), IsEmpty());
    peer_.send(report);
    clock_.settle();
    EXPECT_THAT(peer_.got<link::ReportAck>(), SizeIs(1));
}

TEST_F(WorkerSessionsTest, ReportsOfAnotherIncarnationAreIgnored) {
    connect(2);
    link::TaskReport report;
    report.task = "t";
    report.incarnation = 1;
    peer_.send(report);
    clock_.settle();
    EXPECT_EQ(notes_.applied, 0);
    report.task = "bad";
    report.incarnation = 2;
    peer_.send(report);
    clock_.settle();
    EXPECT_THAT(peer_.got<link::ReportAck>(), SizeIs(1));
}

TEST_F(WorkerSessionsTest, ASilentWorkerIsLostAndMayComeBack) {
    connect();
    for (int i = 0; i < 30; ++i) {
        clock_.advance(2s);
        heartbeat();
    }
    clock_.settle();
    EXPECT_THAT(notes_.losses, IsEmpty());
    clock_.advance(30s);
    EXPECT_THAT(notes_.losses, ElementsAre("w1"));
    EXPECT_THAT(sessions_->status(), IsEmpty());
    (void)submit(put({"a", "w1", {}}));
    other_.connect("w1", 2);
    clock_.settle();
    EXPECT_THAT(notes_.joiners, ElementsAre("w1", "w1"));
    EXPECT_THAT(other_.got<link::Want>(), SizeIs(1));
}

TEST_F(WorkerSessionsTest, WhoSaysNothingIsNotKept) {
    peer_.hello = false;
    connect();
    clock_.advance(5s);
    peer_.send(link::Heartbeat{1, 0});
    EXPECT_FALSE(peer_.ended);
    clock_.advance(30s);
    EXPECT_TRUE(peer_.ended);
    EXPECT_THAT(notes_.joiners, IsEmpty());
}

TEST_F(WorkerSessionsTest, AGreetingOfAnEarlierLifeReplacesNobody) {
    connect(2);
    store_.hold();
    (void)submit(put({"a", "w1", {}}));
    other_.connect("w1", 3);
    clock_.settle();
    late_.connect("w1", 2);
    clock_.settle();
    store_.release();
    clock_.settle();
    EXPECT_FALSE(other_.ended);
    EXPECT_TRUE(late_.ended);
    EXPECT_THAT(other_.got<link::Want>(), SizeIs(1));
}

TEST_F(WorkerSessionsTest, AdvancedPolicyTimeLosesNobody) {
    connect();
    (void)submit([](state::Txn& txn) -> Result<void> {
        txn.put(PolicyClockRecord{txn.real_now(), txn.now() + std::chrono::hours(100), 1'000, {}});
        return {};
    });
    clock_.advance(1s);
    EXPECT_THAT(notes_.losses, IsEmpty());
}

TEST_F(WorkerSessionsTest, ConvergesOverABadLine) {
    connect();
    wire_.rates.lost = 300;
    wire_.rates.repeated = 300;
    wire_.rates.late = 300;
    for (int i = 0; i < 40; ++i) {
        const auto name = "b" + std::to_string(i % 10);
        (void)submit(put({name, i % 3 == 0 ? "elsewhere" : "w1", {i}}));
        clock_.advance(500ms);
        heartbeat();
    }
    wire_.rates = {};
    for (int i = 0; i < 20; ++i) {
        clock_.advance(1s);
        heartbeat();
    }
    std::set<std::string> expected;
    for (const auto& boat : loop_->view().list<Boat>())
        if (boat->harbour == "w1") expected.insert(boat->name);
    std::set<std::string> held;
    for (const auto& [key, generation] : peer_.holds) held.insert(key);
    EXPECT_EQ(held, expected);
    ASSERT_THAT(sessions_->status(), SizeIs(1));
    EXPECT_EQ(sessions_->status()[0].unacknowledged, 0u);
}

}  // namespace
}  // namespace gantry::control
