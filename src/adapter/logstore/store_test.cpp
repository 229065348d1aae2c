#include "adapter/logstore/store.h"

#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "port/log_store_contract.h"

namespace gantry::adapter::logstore {
namespace {

namespace fs = std::filesystem;
namespace asio = boost::asio;
using port::LogEvent;

class Folder {
  public:
    Folder() {
        std::string pattern = (fs::temp_directory_path() / "gantry-logstore-XXXXXX").string();
        path_ = mkdtemp(pattern.data());
    }
    ~Folder() {
        std::error_code ignored;
        fs::remove_all(path_, ignored);
    }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
    const std::string& path() const { return path_; }

  private:
    std::string path_;
};

std::shared_ptr<Store> open(const std::string& folder, std::uint64_t bytes_max = 0) {
    auto store = Store::open({.folder = folder, .reserve_bytes = 0, .bytes_max = bytes_max});
    if (!store) ADD_FAILURE() << store.error().message;
    return store ? std::shared_ptr<Store>(std::move(*store)) : nullptr;
}

template <class T>
Result<T> wait(port::LogStore::Reply<T> reply) {
    asio::io_context context;
    std::optional<Result<T>> result;
    asio::co_spawn(context, std::move(reply), [&](std::exception_ptr, Result<T> r) {
        result = std::move(r);
    });
    context.run();
    return std::move(*result);
}

LogEvent event(std::int64_t ms, std::string message) { return {{ms, 0}, ms, std::move(message)}; }

std::vector<LogEvent> lines(int from, int count, std::size_t padding = 60) {
    std::vector<LogEvent> events;
    for (int i = from; i < from + count; ++i)
        events.push_back(event(i, "GET /index.html " + std::to_string(i) + " " + std::string(padding, 'x')));
    return events;
}

std::string noise(std::size_t size) {
    static std::uint64_t state = 88172645463325252ULL;
    std::string bytes(size, '\0');
    for (auto& byte : bytes) {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        byte = static_cast<char>(' ' + state % 90);
    }
    return bytes;
}

std::shared_ptr<port::LogStore> make_store() {
    struct Owned {
        Folder folder;
        std::shared_ptr<Store> store = open(folder.path());
    };
    auto owned = std::make_shared<Owned>();
    auto* store = owned->store.get();
    return {std::move(owned), store};
}

}  // namespace
}  // namespace gantry::adapter::logstore

namespace gantry::port {
INSTANTIATE_TEST_SUITE_P(
    Sqlite, LogStoreContract, testing::Values(MakeLogStore(gantry::adapter::logstore::make_store))
);
}  // namespace gantry::port

namespace gantry::adapter::logstore {
namespace {

TEST(LogStore, KeepsAllAcrossARestart) {
    const Folder folder;
    {
        const auto store = open(folder.path());
        ASSERT_TRUE(wait(store->append({{"g", "s"}, lines(0, 1000), {{"src", 0, 77}}})).has_value());
    }
    const auto store = open(folder.path());
    const auto before = wait(store->read({.stream = {"g", "s"}})).value();
    EXPECT_EQ(before.size(), 1000u);
    EXPECT_EQ(wait(store->position("src")).value(), 77u);
    ASSERT_TRUE(wait(store->append({{"g", "s"}, lines(999, 1), {}})).has_value());
    const auto after = wait(store->read({.stream = {"g", "s"}})).value();
    EXPECT_GT(after.back().key.sequence, before.back().key.sequence);
}

// A child appends and says what was acknowledged; it is killed at once in the middle of its work.
TEST(LogStore, WhatWasAcknowledgedSurvivesKill) {
    for (int round = 0; round < 5; ++round) {
        const Folder folder;
        int pipe_ends[2];
        ASSERT_EQ(pipe(pipe_ends), 0);
        const pid_t child = fork();
        if (child == 0) {
            const auto store = open(folder.path());
            for (std::uint64_t i = 0;; i += 20) {
                auto done =
                    wait(store->append({{"g", "s"}, lines(static_cast<int>(i), 20), {{"src", i, i + 20}}}));
                if (!done || !done->stored || ::write(pipe_ends[1], &i, sizeof i) != sizeof i) _exit(1);
            }
        }
        close(pipe_ends[1]);
        std::uint64_t acknowledged = 0;
        for (int k = 0; k < 20 + round * 17; ++k)
            ASSERT_EQ(
                read(pipe_ends[0], &acknowledged, sizeof acknowledged),
                static_cast<ssize_t>(sizeof acknowledged)
            );
        kill(child, SIGKILL);
        waitpid(child, nullptr, 0);
        for (std::uint64_t i = 0; read(pipe_ends[0], &i, sizeof i) == sizeof i;) acknowledged = i;
        close(pipe_ends[0]);

        const auto store = open(folder.path());
        const auto events =
            wait(store->read({.stream = {"g", "s"}, .events_max = 1 << 30, .bytes_max = 1 << 30})).value();
        const auto position = wait(store->position("src")).value();
        EXPECT_GE(position, acknowledged + 20);
        // Neither more nor less than the mark says, each once.
        ASSERT_EQ(events.size(), position);
        for (std::size_t i = 0; i < events.size(); ++i)
            ASSERT_EQ(events[i].key.timestamp_ms, static_cast<std::int64_t>(i));
    }
}

TEST(LogStore, AFullDiskIsAnErrorAndLeavesNothingHalfDone) {
    const Folder folder;
    const pid_t child = fork();
    if (child == 0) {
        // A disk of its own, seen by this process only.
        if (unshare(CLONE_NEWNS) != 0 || mount("", "/", "", MS_REC | MS_PRIVATE, nullptr) != 0 ||
            mount("tmpfs", folder.path().c_str(), "tmpfs", 0, "size=24m") != 0)
            _exit(77);
        for (const std::uint64_t reserve : {std::uint64_t{0}, std::uint64_t{8} << 20}) {
            auto opened = Store::open(
                {.folder = folder.path() + "/" + std::to_string(reserve), .reserve_bytes = reserve}
            );
            if (!opened) _exit(2);
            auto& store = **opened;
            std::size_t stored = 0;
            Result<port::LogAppended> last;
            for (int i = 0;
                 i < 200 && (last = wait(store.append({{"g", "s"}, {event(i, noise(200'000))}, {}}))); ++i)
                ++stored;
            if (last || last.error().errc != Errc::exhausted) _exit(3);
            if (stored == 0) _exit(4);
            const auto kept = wait(store.read({.stream = {"g", "s"}, .bytes_max = 1 << 30}));
            if (!kept || kept->size() != stored) _exit(5);
            if (reserve == 0) {
                opened->reset();
                fs::remove_all(folder.path() + "/0");
                continue;
            }
            // With the reserve there is room to clean up, and then to go on.
            const auto removed = wait(store.remove_stream({"g", "s"}));
            if (!removed) {
                std::fprintf(stderr, "%s\n", removed.error().message.c_str());
                _exit(6);
            }
            if (!wait(store.append({{"g", "t"}, {event(1, noise(100'000))}, {}}))) _exit(7);
        }
        _exit(0);
    }
    int status = 0;
    waitpid(child, &status, 0);
    ASSERT_TRUE(WIFEXITED(status));
    if (WEXITSTATUS(status) == 77) GTEST_SKIP() << "may not mount a tmpfs here";
    EXPECT_EQ(WEXITSTATUS(status), 0);
}

TEST(LogStore, GivesSpaceBack) {
    const Folder folder;
    const auto store = open(folder.path());
    for (int i = 0; i < 40; ++i)
        ASSERT_TRUE(wait(store->append({{"g", "s"}, {event(i, noise(250'000))}, {}})).has_value());
    ASSERT_TRUE(wait(store->append({{"g", "keep"}, lines(0, 10), {}})).has_value());
    const auto full = fs::file_size(folder.path() + "/logs.db");
    EXPECT_GT(full, 4u << 20);
    ASSERT_TRUE(wait(store->remove_stream({"g", "s"})).has_value());
    EXPECT_LT(fs::file_size(folder.path() + "/logs.db"), 300'000u);
    EXPECT_LE(fs::file_size(folder.path() + "/logs.db-wal"), 16u << 20);
    EXPECT_EQ(wait(store->read({.stream = {"g", "keep"}})).value().size(), 10u);
}

TEST(LogStore, StaysBelowItsBoundByLettingTheOldestGo) {
    const Folder folder;
    const auto store = open(folder.path(), 3u << 20);
    for (int i = 0; i < 60; ++i)
        ASSERT_TRUE(wait(store->append({{"g", "s"}, {event(i, noise(200'000))}, {}})).has_value());
    const auto kept = wait(store->read({.stream = {"g", "s"}, .bytes_max = 1 << 30})).value();
    ASSERT_FALSE(kept.empty());
    EXPECT_EQ(kept.back().key.timestamp_ms, 59);
    EXPECT_LT(kept.size() * 200'000, 4u << 20);
    EXPECT_LT(fs::file_size(folder.path() + "/logs.db"), 5u << 20);
}

TEST(LogStore, CompressesSingleLinesToo) {
    const Folder folder;
    const auto store = open(folder.path());
    asio::io_context context;
    for (int i = 0; i < 20'000; ++i)
        asio::co_spawn(context, store->append({{"g", "s"}, lines(i, 1), {}}), [](std::exception_ptr, auto) {
        });
    context.run();
    ASSERT_TRUE(wait(store->remove_stream({"g", "none"})).has_value());
    // 20,000 lines of 105 bytes and more.
    EXPECT_LT(fs::file_size(folder.path() + "/logs.db"), 1'200'000u);
    EXPECT_EQ(
        wait(store->read({.stream = {"g", "s"}, .events_max = 20'000, .bytes_max = 1 << 30})).value().size(),
        20'000u
    );
}

TEST(LogStore, ADamagedChunkIsLeftOutAndTheRestIsRead) {
    const Folder folder;
    {
        const auto store = open(folder.path());
        ASSERT_TRUE(wait(store->append({{"g", "s"}, lines(0, 1, 200), {}})).has_value());
        ASSERT_TRUE(wait(store->append({{"g", "s"}, lines(1, 1, 200), {}})).has_value());
    }
    const auto command =
        "sqlite3 " + folder.path() + "/logs.db \"UPDATE chunk SET data = x'28b52ffd0102' WHERE id = 1\"";
    ASSERT_EQ(std::system(command.c_str()), 0);
    const auto store = open(folder.path());
    EXPECT_EQ(wait(store->read({.stream = {"g", "s"}})).value().size(), 1u);
}

TEST(LogStore, SaysWhyItCannotOpen) {
    const Folder folder;
    std::ofstream(folder.path() + "/logs.db") << std::string(4096, 'x');
    const auto store = Store::open({.folder = folder.path()});
    ASSERT_FALSE(store.has_value());
    EXPECT_EQ(store.error().errc, Errc::invalid);
}

}  // namespace
}  // namespace gantry::adapter::logstore
