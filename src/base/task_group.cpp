#include "base/task_group.h"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/system/system_error.hpp>
#include <exception>
#include <vector>

#include "base/assertion.h"
#include "base/event.h"

namespace gantry {
namespace asio = boost::asio;

struct TaskGroup::State {
    struct Task {
        std::string name;
        asio::cancellation_signal cancel;
    };

    explicit State(asio::any_io_executor on) : executor(on), ended(on) {}

    asio::any_io_executor executor;
    std::map<std::uint64_t, std::shared_ptr<Task>> tasks;
    std::uint64_t next_id = 0;
    bool stopping = false;
    Event ended;
};

namespace {

void require_clean_end(const std::string& name, const std::exception_ptr& failure) {
    if (!failure) return;
    try {
        std::rethrow_exception(failure);
    } catch (const boost::system::system_error& error) {
        if (error.code() == asio::error::operation_aborted) return;
        assertion_failed(name.c_str(), __FILE__, __LINE__, error.what());
    } catch (const std::exception& error) {
        assertion_failed(name.c_str(), __FILE__, __LINE__, error.what());
    }
}

}  // namespace

TaskGroup::TaskGroup(asio::any_io_executor executor) : state_(std::make_shared<State>(std::move(executor))) {}

TaskGroup::~TaskGroup() { ASSERT(state_->tasks.empty(), "a task group destroyed before it was stopped"); }

void TaskGroup::spawn(std::string name, asio::awaitable<void> coroutine) {
    if (state_->stopping) return;
    const auto id = state_->next_id++;
    auto task = std::make_shared<State::Task>();
    task->name = std::move(name);
    state_->tasks.emplace(id, task);
    asio::co_spawn(
        state_->executor, std::move(coroutine),
        asio::bind_cancellation_slot(
            task->cancel.slot(),
            [state = state_, task, id](const std::exception_ptr& failure) {
                require_clean_end(task->name, failure);
                state->tasks.erase(id);
                if (state->tasks.empty()) state->ended.set();
            }
        )
    );
}

asio::awaitable<void> TaskGroup::stop() {
    const auto state = state_;
    state->stopping = true;
    std::vector<std::shared_ptr<State::Task>> running;
    for (const auto& [id, task] : state->tasks) running.push_back(task);
    for (const auto& task : running) task->cancel.emit(asio::cancellation_type::terminal);
    running.clear();
    while (!state->tasks.empty()) (void)co_await state->ended.wait();
    state->ended.set();
}

std::size_t TaskGroup::size() const { return state_->tasks.size(); }

const asio::any_io_executor& TaskGroup::executor() const { return state_->executor; }

}  // namespace gantry
