#include "adapter/sqlite/store.h"

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

#include "adapter/sqlite/connection.h"

namespace gantry::adapter::sqlite {
namespace asio = boost::asio;

class Store::Thread {
  public:
    Thread(std::string path, std::unique_ptr<Connection> connection)
        : path_(std::move(path)), connection_(std::move(connection)), thread_([this] { run(); }) {}

    ~Thread() {
        {
            const std::lock_guard lock(mutex_);
            stopping_ = true;
        }
        wake_.notify_one();
        thread_.join();
    }

    using Job = std::function<Result<port::Sequence>(Connection&)>;

    asio::awaitable<Result<port::Sequence>> perform(Job job) {
        auto initiate = [this](auto handler, Job given) {
            auto executor = asio::get_associated_executor(handler);
            auto guard = asio::make_work_guard(executor);
            auto resume = std::make_shared<decltype(handler)>(std::move(handler));
            push([resume, executor, guard = std::move(guard), given = std::move(given)](Thread& thread) {
                asio::post(executor, [resume, result = thread.attempt(given)]() mutable {
                    (*resume)(std::move(result));
                });
            });
        };
        co_return co_await asio::async_initiate<decltype(asio::use_awaitable), void(Result<port::Sequence>)>(
            std::move(initiate), asio::use_awaitable, std::move(job)
        );
    }

  private:
    using Errand = std::function<void(Thread&)>;

    void push(Errand errand) {
        {
            const std::lock_guard lock(mutex_);
            errands_.push_back(std::move(errand));
        }
        wake_.notify_one();
    }

    // After an unknown outcome the connection is not trusted any more.
    Result<port::Sequence> attempt(const Job& job) {
        if (!connection_) {
            auto opened = Connection::open(path_);
            if (!opened) return tl::unexpected<Error>(std::move(opened).error());
            connection_ = *std::move(opened);
        }
        auto result = job(*connection_);
        if (!result && result.error().errc == Errc::unknown) connection_.reset();
        return result;
    }

    void run() {
        for (;;) {
            std::unique_lock lock(mutex_);
            wake_.wait(lock, [this] { return stopping_ || !errands_.empty(); });
            if (errands_.empty()) return;
            auto errand = std::move(errands_.front());
            errands_.pop_front();
            lock.unlock();
            errand(*this);
            errand = nullptr;
            lock.lock();
            const bool idle = errands_.empty();
            lock.unlock();
            if (idle && connection_) connection_->reclaim();
        }
    }

    std::string path_;
    std::unique_ptr<Connection> connection_;
    std::mutex mutex_;
    std::condition_variable wake_;
    std::deque<Errand> errands_;
    bool stopping_ = false;
    std::thread thread_;
};

Result<std::unique_ptr<Store>> Store::open(std::string path) {
    TRY(auto connection, Connection::open(path));
    return std::unique_ptr<Store>(new Store(std::make_unique<Thread>(std::move(path), std::move(connection)))
    );
}

Store::Store(std::unique_ptr<Thread> thread) : thread_(std::move(thread)) {}
Store::~Store() = default;

asio::awaitable<Result<port::Sequence>> Store::commit(port::StoreBatch batch, port::Sequence expected) {
    auto shared = std::make_shared<const port::StoreBatch>(std::move(batch));
    Thread::Job job = [shared, expected](Connection& connection) {
        return connection.commit(*shared, expected);
    };
    co_return co_await thread_->perform(std::move(job));
}

asio::awaitable<Result<port::Sequence>> Store::load(Visit visit) {
    Thread::Job job = [visit = std::move(visit)](Connection& connection) { return connection.load(visit); };
    co_return co_await thread_->perform(std::move(job));
}

}  // namespace gantry::adapter::sqlite
