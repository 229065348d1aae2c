#include "adapter/logfiles/files.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>
#include <filesystem>

namespace gantry::adapter::logfiles {
namespace {

using port::OutputMode;
using port::OutputStream;

class FilesTest : public testing::Test {
  protected:
    FilesTest() {
        char path[] = "/tmp/gantry-logfiles-XXXXXX";
        folder = ::mkdtemp(path);
    }
    ~FilesTest() override { std::filesystem::remove_all(folder); }

    template <class T>
    T run(boost::asio::awaitable<T> work) {
        auto done = boost::asio::co_spawn(io, std::move(work), boost::asio::use_future);
        io.restart();
        while (done.wait_for(std::chrono::seconds(0)) != std::future_status::ready) io.run_one();
        return done.get();
    }
    void stop(Files& files) {
        auto done = boost::asio::co_spawn(io, files.stop(), boost::asio::use_future);
        io.restart();
        while (done.wait_for(std::chrono::seconds(0)) != std::future_status::ready) io.run_one();
    }
    static std::size_t append(const std::string& path, std::string_view text, int flags = 0) {
        const int fd = ::open(path.c_str(), O_WRONLY | O_APPEND | flags);
        const auto n = ::write(fd, text.data(), text.size());
        ::close(fd);
        return n < 0 ? 0 : static_cast<std::size_t>(n);
    }

    boost::asio::io_context io;
    std::string folder;
};

TEST_F(FilesTest, ReadsWhatIsAppendedAndTellsOfGrowth) {
    Files files(io.get_executor(), folder);
    const auto paths = run(files.open("c", OutputMode::non_blocking, 0)).value();
    ASSERT_TRUE(run(files.wait_growth("c")));  // the first look is free
    append(paths.stdout_path, "hello\n");
    ASSERT_TRUE(run(files.wait_growth("c")));
    EXPECT_EQ(run(files.read("c", OutputStream::out, 0, 100)).value(), "hello\n");
    EXPECT_EQ(run(files.read("c", OutputStream::out, 2, 2)).value(), "ll");
    EXPECT_EQ(run(files.read("c", OutputStream::err, 0, 100)).value(), "");
    EXPECT_EQ(run(files.size("c", OutputStream::out)).value(), 6u);
    stop(files);
}

TEST_F(FilesTest, DiscardGivesSpaceBackAndKeepsOffsets) {
    Files files(io.get_executor(), folder);
    const auto paths = run(files.open("c", OutputMode::non_blocking, 0)).value();
    append(paths.stdout_path, std::string(1 << 20, 'x'));
    append(paths.stdout_path, "tail");
    struct stat before{}, after{};
    ::stat(paths.stdout_path.c_str(), &before);
    ASSERT_TRUE(run(files.discard("c", OutputStream::out, 1 << 20)));
    ::stat(paths.stdout_path.c_str(), &after);
    EXPECT_LT(after.st_blocks, before.st_blocks / 10);
    EXPECT_EQ(run(files.read("c", OutputStream::out, 1 << 20, 100)).value(), "tail");
    stop(files);
}

TEST_F(FilesTest, AnotherProcessFindsWhatWasWritten) {
    std::string path;
    {
        Files files(io.get_executor(), folder);
        path = run(files.open("c", OutputMode::non_blocking, 0)).value().stdout_path;
        stop(files);
    }
    append(path, "while away\n");
    Files files(io.get_executor(), folder);
    EXPECT_EQ(run(files.list()).value(), std::vector<std::string>{"c"});
    EXPECT_EQ(run(files.open("c", OutputMode::non_blocking, 0)).value().stdout_path, path);
    EXPECT_EQ(run(files.read("c", OutputStream::out, 0, 100)).value(), "while away\n");
    ASSERT_TRUE(run(files.remove("c")));
    ASSERT_TRUE(run(files.remove("c")));
    EXPECT_FALSE(std::filesystem::exists(path));
    stop(files);
}

TEST_F(FilesTest, BlockingModeStopsTheWriterUntilSpaceIsGivenBack) {
    Files files(io.get_executor(), folder);
    constexpr std::size_t kBuffer = 128 << 10;
    const auto paths = run(files.open("c", OutputMode::blocking, kBuffer)).value();
    // A writer that never waits counts what the FIFO takes: buffer and pipe fill up, then nothing goes.
    const int writer = ::open(paths.stdout_path.c_str(), O_WRONLY | O_NONBLOCK);
    ASSERT_GE(writer, 0);
    const std::string block(4096, 'y');
    std::size_t written = 0;
    const auto fill = [&] {
        for (int idle = 0; idle < 3;) {
            if (::write(writer, block.data(), block.size()) > 0) {
                written += block.size();
                idle = 0;
            } else {
                ++idle;
            }
            io.restart();
            io.poll();
        }
    };
    fill();
    EXPECT_GE(written, kBuffer);
    EXPECT_LE(written, kBuffer + (128 << 10));
    const auto before = written;
    const auto size = run(files.size("c", OutputStream::out)).value();
    ASSERT_TRUE(run(files.discard("c", OutputStream::out, size)));
    fill();
    EXPECT_GT(written, before);
    ::close(writer);
    ASSERT_TRUE(run(files.drain("c")));
    EXPECT_EQ(run(files.size("c", OutputStream::out)).value(), written);
    ASSERT_TRUE(run(files.remove("c")));
    stop(files);
}

}  // namespace
}  // namespace gantry::adapter::logfiles
