// The shipper over files and a sink in memory, under virtual time: killed at any moment, and with a sink that fails in
// every way, it neither loses nor doubles a line.
#include "worker/log_shipper.h"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>

#include "base/log.h"
#include "sim/seeded_chance.h"
#include "sim/virtual_clock.h"

namespace gantry::worker {
namespace {

using port::OutputStream;

class MemoryFiles : public port::LogFiles {
  public:
    explicit MemoryFiles(boost::asio::any_io_executor executor) : grown_(std::move(executor)) {}

    Reply<port::OutputFiles> open(std::string, port::OutputMode, std::uint64_t) override {
        co_return port::OutputFiles{"out", "err"};
    }
    Reply<std::uint64_t> size(std::string, OutputStream stream) override { co_return text(stream).size(); }
    Reply<std::string> read(std::string, OutputStream stream, std::uint64_t at, std::size_t max) override {
        EXPECT_GE(at, kept_from[int(stream)]) << "reads what was discarded";
        co_return text(stream).substr(std::min<std::size_t>(at, text(stream).size()), max);
    }
    Reply<> discard(std::string, OutputStream stream, std::uint64_t before) override {
        kept_from[int(stream)] = before;
        co_return Result<>{};
    }
    Reply<> wait_growth(std::string) override { co_return co_await grown_.wait(); }
    Reply<> drain(std::string) override { co_return Result<>{}; }
    Reply<> remove(std::string) override {
        removed = true;
        co_return Result<>{};
    }
    Reply<std::vector<std::string>> list() override { co_return std::vector<std::string>{}; }

    void write(OutputStream stream, std::string_view bytes) {
        text(stream) += bytes;
        grown_.set();
    }
    std::string& text(OutputStream stream) { return texts_[int(stream)]; }

    bool removed = false;
    std::uint64_t kept_from[2] = {0, 0};

  private:
    std::string texts_[2];
    Event grown_;
};

class MemorySink : public port::LogSink {
  public:
    MemorySink(sim::VirtualClock& clock, sim::SeededChance& chance) : clock_(clock), chance_(chance) {}

    Reply<> ensure_stream(port::LogStreamName, bool create) override {
        if (!create && no_group) co_return refuse("ResourceNotFoundException", "The specified log group does not exist.");
        co_return Result<>{};
    }
    Reply<port::LogAppended> put(
        port::LogStreamName, std::vector<port::ShippedLine> batch, std::vector<port::LogMark> marks
    ) override {
        if (auto slept = co_await clock_.sleep_for(Duration(1)); !slept) co_return trouble(Errc::cancelled, "stopped");
        const auto fate = troubled ? chance_.draw() % 4 : 3;
        if (fate == 0) co_return trouble(Errc::unavailable, "away");
        auto& position = positions[marks[0].source];
        if (marks[0].from != position) co_return port::LogAppended{false, std::vector<std::uint64_t>(1, position)};
        position = marks[0].to;
        for (auto& line : batch) lines.push_back(line.message);
        if (fate == 1) co_return trouble(Errc::unknown, "taken, but nobody said so");
        co_return port::LogAppended{true, std::vector<std::uint64_t>(1, position)};
    }
    Reply<std::uint64_t> position(std::string source) override { co_return positions[source]; }
    Reply<> forget(std::string) override {
        forgotten = true;
        co_return Result<>{};
    }

    bool troubled = false;
    bool no_group = false;
    bool forgotten = false;
    std::vector<std::string> lines;
    std::map<std::string, std::uint64_t> positions;

  private:
    sim::VirtualClock& clock_;
    sim::SeededChance& chance_;
};

// What the shipper says about trouble would drown the test's own output.
const bool kQuiet = (log::configure(log::Level::error, log::Format::text), true);

struct World {
    explicit World(std::uint64_t seed) : chance(seed) {}

    void start() {
        shipper = std::make_unique<LogShipper>(io.get_executor(), LogShipper::Ports{clock, files, sink});
        spec.container_id = "c";
        spec.log.driver = "awslogs";
        spec.log.options["awslogs-group"] = "g";
        auto opened = boost::asio::co_spawn(io, shipper->open(spec), boost::asio::use_future);
        clock.settle();
        result = opened.get();
    }
    void kill() {
        auto stopped = boost::asio::co_spawn(io, shipper->stop(), boost::asio::use_future);
        clock.settle();
        stopped.get();
        shipper.reset();
    }

    boost::asio::io_context io;
    sim::VirtualClock clock{io};
    sim::SeededChance chance;
    MemoryFiles files{io.get_executor()};
    MemorySink sink{clock, chance};
    OutputSpec spec;
    Result<OutputPaths> result;
    std::unique_ptr<LogShipper> shipper;
};

TEST(LogShipper, NoLineIsLostOrDoubledWhateverFails) {
    for (std::uint64_t seed = 1; seed <= 200; ++seed) {
        World world(seed);
        world.sink.troubled = true;
        world.start();
        std::vector<std::string> wanted;
        std::string text;
        for (int i = 0; i < 300; ++i) {
            wanted.push_back("line " + std::to_string(i));
            text += wanted.back() + "\n";
            if (world.chance.draw() % 3 == 0) {
                // A write may end in the middle of a line.
                const auto cut = world.chance.draw() % (text.size() + 1);
                world.files.write(OutputStream::out, text.substr(0, cut));
                text.erase(0, cut);
                world.clock.advance(Duration(world.chance.draw() % 300));
            }
            if (world.chance.draw() % 20 == 0) {
                world.kill();
                world.start();
            }
        }
        world.files.write(OutputStream::out, text);
        world.shipper->ended("c");
        world.clock.advance(std::chrono::minutes(10));
        EXPECT_EQ(world.sink.lines, wanted) << "seed " << seed;
        EXPECT_TRUE(world.files.removed && world.sink.forgotten) << "seed " << seed;
        world.kill();
    }
}

TEST(LogShipper, NonBlockingModeDropsTheOldestWholeLinesAndCountsThem) {
    World world(1);
    world.spec.log.options["max-buffer-size"] = "1k";
    world.start();
    for (int i = 0; i < 1000; ++i) world.files.write(OutputStream::out, "number " + std::to_string(i) + "\n");
    world.clock.advance(std::chrono::seconds(1));
    ASSERT_FALSE(world.sink.lines.empty());
    EXPECT_EQ(world.sink.lines.back(), "number 999");
    EXPECT_EQ(world.sink.lines.size() + world.shipper->lines_dropped(), 1000u);
    EXPECT_TRUE(world.sink.lines.front().starts_with("number "));
    world.kill();
}

TEST(LogShipper, BlockingModeDropsNothing) {
    World world(1);
    world.spec.log.options["mode"] = "blocking";
    world.start();
    for (int i = 0; i < 1'000'000 / 10; ++i) world.files.write(OutputStream::out, "0123456789 0123456789\n");
    world.clock.advance(std::chrono::seconds(10));
    EXPECT_EQ(world.sink.lines.size(), 100'000u);
    EXPECT_EQ(world.shipper->lines_dropped(), 0u);
    world.kill();
}

TEST(LogShipper, AnUnfinishedEventOfSeveralLinesIsTakenAfterAWhile) {
    World world(1);
    world.spec.log.options["awslogs-multiline-pattern"] = "^START";
    world.start();
    world.files.write(OutputStream::out, "START a\n more\n");
    world.clock.advance(std::chrono::seconds(4));
    EXPECT_TRUE(world.sink.lines.empty());
    world.clock.advance(std::chrono::seconds(2));
    EXPECT_EQ(world.sink.lines, (std::vector<std::string>{"START a\n more\n"}));
    world.kill();
}

TEST(LogShipper, AMissingGroupFailsTheContainerInEcsWords) {
    World world(1);
    world.sink.no_group = true;
    world.start();
    ASSERT_FALSE(world.result);
    EXPECT_EQ(
        world.result.error().message,
        "failed to validate logger args: create stream has been retried 1 times: failed to create Cloudwatch log "
        "stream: ResourceNotFoundException: The specified log group does not exist. : exit status 1"
    );
    world.kill();
}

TEST(LogShipper, ADriverThatIsNotBuiltIsRefusedByName) {
    World world(1);
    OutputSpec spec;
    spec.container_id = "x";
    spec.log.driver = "splunk";
    world.start();
    auto opened = boost::asio::co_spawn(world.io, world.shipper->open(spec), boost::asio::use_future);
    world.clock.settle();
    EXPECT_NE(opened.get().error().message.find("splunk"), std::string::npos);
    world.kill();
}

}  // namespace
}  // namespace gantry::worker
