#include "adapter/workerdisk/disk.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>
#include <filesystem>
#include <fstream>

#include "port/worker_disk_contract.h"

namespace gantry::adapter::workerdisk {
namespace {

class DiskTest : public testing::Test {
  protected:
    DiskTest() {
        char path[] = "/tmp/gantry-disk-XXXXXX";
        folder = ::mkdtemp(path);
    }
    ~DiskTest() override { std::filesystem::remove_all(folder); }

    template <class T>
    T run(boost::asio::awaitable<T> work) {
        auto done = boost::asio::co_spawn(io, std::move(work), boost::asio::use_future);
        io.restart();
        io.run();
        return done.get();
    }

    boost::asio::io_context io;
    std::string folder;
};

TEST_F(DiskTest, AnotherDiskOnTheSameFolderFindsEverything) {
    {
        Disk disk(folder);
        ASSERT_TRUE(run(disk.put("task:a", "one")));
        ASSERT_TRUE(run(disk.put("task:b", "two")));
        ASSERT_TRUE(run(disk.put("task:a", "newer")));
        ASSERT_TRUE(run(disk.erase("task:b")));
        ASSERT_TRUE(run(disk.erase("never-there")));
    }
    Disk again(folder);
    EXPECT_EQ(run(again.load()).value(), (std::map<std::string, std::string>{{"task:a", "newer"}}));
}

TEST_F(DiskTest, AnUnfinishedWriteIsNotSeen) {
    Disk disk(folder);
    ASSERT_TRUE(run(disk.put("x", "whole")));
    std::ofstream(folder + "/objects/x.unfinished") << "ha";
    EXPECT_EQ(run(disk.load()).value().at("x"), "whole");
    EXPECT_EQ(run(disk.load()).value().size(), 1u);
}

TEST_F(DiskTest, FilesAreReplacedInPlaceAndReadableByAll) {
    Disk disk(folder);
    EXPECT_TRUE(run(disk.list_files()).value().empty());
    const auto path = run(disk.put_file("t", "hosts", "a longer text")).value();
    struct stat before{}, after{};
    ASSERT_EQ(::stat(path.c_str(), &before), 0);
    EXPECT_EQ(run(disk.put_file("t", "hosts", "short")).value(), path);
    ASSERT_EQ(::stat(path.c_str(), &after), 0);
    EXPECT_EQ(before.st_ino, after.st_ino);
    EXPECT_EQ(after.st_size, 5);
    EXPECT_EQ(after.st_mode & 0777, 0644u);
    EXPECT_EQ(run(disk.list_files()).value(), std::vector<std::string>{"t"});
    ASSERT_TRUE(run(disk.remove_files("t")));
    EXPECT_TRUE(run(disk.list_files()).value().empty());
    EXPECT_FALSE(std::filesystem::exists(path));
    EXPECT_TRUE(run(disk.remove_files("t")));
}

TEST_F(DiskTest, AFolderThatCannotBeMadeIsAnError) {
    std::ofstream(folder + "/file") << "x";
    Disk disk(folder + "/file/below");
    EXPECT_EQ(run(disk.put("x", "y")).error().errc, Errc::unavailable);
}

struct FolderOnDisk {
    FolderOnDisk() {
        char path[] = "/tmp/gantry-disk-XXXXXX";
        folder = ::mkdtemp(path);
    }
    ~FolderOnDisk() { std::filesystem::remove_all(folder); }
    std::unique_ptr<port::WorkerDisk> open() { return std::make_unique<Disk>(folder); }

    std::string folder;
};

}  // namespace
}  // namespace gantry::adapter::workerdisk

namespace gantry::port {
INSTANTIATE_TYPED_TEST_SUITE_P(Folder, WorkerDiskContract, adapter::workerdisk::FolderOnDisk);
}
