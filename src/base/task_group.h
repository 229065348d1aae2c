#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <map>
#include <memory>
#include <string>

namespace gantry {

// Owns the coroutines that a component starts; the only place in the program that detaches one.
//
// A component declares its group last, so that its coroutines may use every other member. All calls happen on
// `executor`, which runs one thing at a time (a strand, or a context with one thread). The destructor asserts
// that the group is empty: `co_await group.stop()` first.
//
// stop() cancels with cancellation_type::terminal: a wait that is running ends with Errc::cancelled (or
// operation_aborted), and the next co_await of a coroutine that was not waiting throws; the group takes that
// as a normal end. Any other exception that leaves a coroutine is a bug and aborts the program.
class TaskGroup {
  public:
    explicit TaskGroup(boost::asio::any_io_executor executor);
    ~TaskGroup();
    TaskGroup(const TaskGroup&) = delete;
    TaskGroup& operator=(const TaskGroup&) = delete;

    // After stop() nothing is started any more: the coroutine is thrown away.
    void spawn(std::string name, boost::asio::awaitable<void> task);

    // Cancels all and returns when the last one has ended. Never called from one of the group's own
    // coroutines.
    boost::asio::awaitable<void> stop();

    std::size_t size() const;
    const boost::asio::any_io_executor& executor() const;

  private:
    struct State;
    std::shared_ptr<State> state_;
};

}  // namespace gantry
