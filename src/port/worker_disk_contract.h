#pragma once

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "port/worker_disk.h"

// What every port::WorkerDisk does: run on the pretended one and on the real one.
//
//   struct Mine { std::unique_ptr<port::WorkerDisk> open(); };   // each call stands for a new process on the same disk
//   INSTANTIATE_TYPED_TEST_SUITE_P(Mine, WorkerDiskContract, Mine);
namespace gantry::port {

template <class Maker>
class WorkerDiskContract : public ::testing::Test {
  protected:
    using Texts = std::map<std::string, std::string>;

    WorkerDiskContract() : disk_(maker_.open()) {}

    template <class T>
    static Result<T> wait(boost::asio::awaitable<Result<T>> call) {
        boost::asio::io_context context;
        std::optional<Result<T>> result;
        boost::asio::co_spawn(context, keep(std::move(call), result), boost::asio::detached);
        context.run();
        return std::move(*result);
    }
    void restart() {
        disk_.reset();
        disk_ = maker_.open();
    }

    Maker maker_;
    std::unique_ptr<WorkerDisk> disk_;

  private:
    template <class T>
    static boost::asio::awaitable<void> keep(
        boost::asio::awaitable<Result<T>> call, std::optional<Result<T>>& into
    ) {
        into = co_await std::move(call);
    }
};

TYPED_TEST_SUITE_P(WorkerDiskContract);

TYPED_TEST_P(WorkerDiskContract, TheLastTextOfANameIsFoundAfterARestart) {
    EXPECT_TRUE(this->wait(this->disk_->load())->empty());
    const std::string any_bytes("\0\n\xff{\"", 5);
    ASSERT_TRUE(this->wait(this->disk_->put("task:1.a_b-C", "old and longer")));
    ASSERT_TRUE(this->wait(this->disk_->put("task:1.a_b-C", any_bytes)));
    ASSERT_TRUE(this->wait(this->disk_->put(std::string(200, 'n'), "")));
    this->restart();
    const auto found = this->wait(this->disk_->load());
    ASSERT_TRUE(found) << found.error().message;
    EXPECT_EQ(*found, (typename TestFixture::Texts{{"task:1.a_b-C", any_bytes}, {std::string(200, 'n'), ""}}));
}

TYPED_TEST_P(WorkerDiskContract, WhatIsErasedStaysErased) {
    ASSERT_TRUE(this->wait(this->disk_->put("a", "1")));
    ASSERT_TRUE(this->wait(this->disk_->put("b", "2")));
    EXPECT_TRUE(this->wait(this->disk_->erase("a")));
    EXPECT_TRUE(this->wait(this->disk_->erase("a"))) << "gone already is success";
    this->restart();
    EXPECT_EQ(*this->wait(this->disk_->load()), (typename TestFixture::Texts{{"b", "2"}}));
    ASSERT_TRUE(this->wait(this->disk_->put("a", "again")));
    EXPECT_EQ(this->wait(this->disk_->load())->size(), 2u);
}

TYPED_TEST_P(WorkerDiskContract, ALargeTextIsWhole) {
    const std::string large(3 << 20, 'x');
    ASSERT_TRUE(this->wait(this->disk_->put("large", large)));
    this->restart();
    EXPECT_EQ(this->wait(this->disk_->load())->at("large"), large);
}

TYPED_TEST_P(WorkerDiskContract, FilesOfATaskKeepTheirPathsAndGoTogether) {
    const auto one = this->wait(this->disk_->put_file("task-1", "hosts", "first"));
    ASSERT_TRUE(one) << one.error().message;
    EXPECT_TRUE(one->starts_with('/'));
    EXPECT_EQ(this->wait(this->disk_->put_file("task-1", "hosts", "second")), one);
    const auto other = this->wait(this->disk_->put_file("task-1", "resolv.conf", ""));
    const auto foreign = this->wait(this->disk_->put_file("task-11", "hosts", "x"));
    ASSERT_TRUE(other && foreign);
    EXPECT_NE(*other, *one);
    EXPECT_NE(*foreign, *one);
    EXPECT_TRUE(this->wait(this->disk_->load())->empty()) << "files are no texts";
    this->restart();
    const auto tasks = this->wait(this->disk_->list_files());
    ASSERT_TRUE(tasks) << tasks.error().message;
    EXPECT_EQ(std::set(tasks->begin(), tasks->end()), (std::set<std::string>{"task-1", "task-11"}));
    EXPECT_EQ(tasks->size(), 2u) << "each once";
    EXPECT_TRUE(this->wait(this->disk_->remove_files("task-1")));
    EXPECT_EQ(*this->wait(this->disk_->list_files()), std::vector<std::string>{"task-11"});
    EXPECT_TRUE(this->wait(this->disk_->remove_files("task-1"))) << "none is fine";
    EXPECT_EQ(this->wait(this->disk_->put_file("task-1", "hosts", "third")), one);
    EXPECT_EQ(this->wait(this->disk_->put_file("task-11", "hosts", "y")), foreign);
}

REGISTER_TYPED_TEST_SUITE_P(
    WorkerDiskContract,
    TheLastTextOfANameIsFoundAfterARestart,
    WhatIsErasedStaysErased,
    ALargeTextIsWhole,
    FilesOfATaskKeepTheirPathsAndGoTogether
);

}  // namespace gantry::port
