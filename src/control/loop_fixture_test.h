#pragma once

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <optional>

#include "control/loop.h"
#include "sim/memory_store.h"
#include "sim/seeded_chance.h"
#include "sim/virtual_clock.h"

// For tests only: a loop in a pretend world, with a small domain of boats and harbours.
namespace gantry::control {

struct Boat {
    static constexpr state::TableInfo kTable{"test.boat", 1};
    std::string name;
    std::string harbour;
    PolicyInstant leaves_at;
    std::string key() const { return name; }
};
BOOST_DESCRIBE_STRUCT(Boat, (), (name, harbour, leaves_at))

struct BoatsByHarbour {
    using Record = Boat;
    static void keys(const Boat& boat, std::vector<std::string>& out) { out.push_back(boat.harbour); }
};

struct Harbour {
    static constexpr state::TableInfo kTable{"test.harbour", 1};
    std::string name;
    std::int64_t boats = 0;
    std::string key() const { return name; }
};
BOOST_DESCRIBE_STRUCT(Harbour, (), (name, boats))

// Keeps Harbour::boats equal to the number of boats there, and sends boats away when their time has come.
class Harbourmaster : public Controller {
  public:
    std::string_view name() const override { return "test.harbourmaster"; }
    void affected(const state::View& view, const state::Change& change, const KeySink& look_at)
        const override {
        for (const auto& side : {change.before, change.after}) {
            if (const auto* boat = changed<Boat>(view, change, side)) look_at(boat->harbour);
            if (const auto* harbour = changed<Harbour>(view, change, side)) look_at(harbour->name);
        }
    }
    void all(const state::View& view, const KeySink& look_at) const override {
        for (const auto& harbour : view.list<Harbour>()) look_at(harbour->name);
        for (const auto& boat : view.list<Boat>()) look_at(boat->harbour);
    }
    state::Plan reconcile(const state::View& view, std::string_view key, const state::Turn& turn)
        const override {
        ++calls;
        state::Plan plan;
        std::int64_t boats = 0;
        for (const auto& boat : view.find<BoatsByHarbour>(key)) {
            if (boat->leaves_at.ms != 0 && boat->leaves_at <= turn.now) {
                plan.erase<Boat>(boat->name, "it leaves");
                continue;
            }
            if (boat->leaves_at.ms != 0) plan.look_again(boat->leaves_at);
            ++boats;
        }
        const auto harbour = view.get<Harbour>(key);
        if (!harbour || harbour->boats != boats)
            plan.put(Harbour{std::string(key), boats}, "another number of boats");
        return plan;
    }
    mutable int calls = 0;
};

class LoopTest : public testing::Test {
  protected:
    LoopTest() {
        declare_tables(schema_);
        schema_.add_table<Boat>();
        schema_.add_index<BoatsByHarbour>();
        schema_.add_table<Harbour>();
        make();
    }
    ~LoopTest() override {
        if (loop_) stop();
    }

    void make() {
        loop_ = std::make_unique<Loop>(
            LoopParts{context_.get_executor(), context_.get_executor(), clock_, store_, chance_, schema_}
        );
        loop_->add_controller(master_);
    }
    Result<void> start() {
        std::optional<Result<void>> result;
        boost::asio::co_spawn(context_, loop_->start(), [&](std::exception_ptr, Result<void> r) {
            result = r;
        });
        clock_.settle();
        return result.value();
    }
    void stop() {
        boost::asio::co_spawn(context_, loop_->stop(), boost::asio::detached);
        clock_.settle();
        loop_.reset();
    }
    // What came back, or nothing as long as nothing has.
    std::shared_ptr<std::optional<Result<void>>> submit(Loop::Work work) {
        auto slot = std::make_shared<std::optional<Result<void>>>();
        loop_->submit(std::move(work), {}, [slot](Result<void> result) { *slot = std::move(result); });
        clock_.settle();
        return slot;
    }
    static Loop::Work put(Boat boat) {
        return [boat](state::Txn& txn) -> Result<void> {
            txn.put(boat);
            return {};
        };
    }
    std::int64_t boats(std::string_view harbour) {
        const auto record = loop_->view().get<Harbour>(harbour);
        return record ? record->boats : -1;
    }

    boost::asio::io_context context_{1};
    sim::VirtualClock clock_{context_};
    sim::MemoryStore store_{context_.get_executor()};
    sim::SeededChance chance_{1};
    state::Schema schema_;
    std::shared_ptr<Harbourmaster> master_ = std::make_shared<Harbourmaster>();
    std::unique_ptr<Loop> loop_;
};

}  // namespace gantry::control
