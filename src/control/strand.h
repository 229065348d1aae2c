#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/io_context.hpp>
#include <mutex>

namespace gantry::control {

// Runs one thing at a time on the one thread that runs `thread`; who finds it free may also run something short
// on it from another thread, which saves a small request two changes of threads.
//
// A lock rather than Asio's strand, which cannot be entered: its executor holds the lock around everything that it
// runs.
class Strand {
  public:
    explicit Strand(boost::asio::io_context& thread) : thread_(thread) {}
    Strand(const Strand&) = delete;
    Strand& operator=(const Strand&) = delete;

    // Valid as long as the strand is.
    boost::asio::any_io_executor executor();

    // Runs call here and now, as a thing of its own, if nothing runs on the strand; else false, and nothing is
    // done. From any thread; false on the strand itself. What waits for the strand waits for call meanwhile.
    template <class Call>
    bool try_run(Call&& call) {
        if (here() || !lock_.try_lock()) return false;
        const Running running(*this, std::adopt_lock);
        call();
        return true;
    }

    // Whether the caller runs on it.
    bool here() const { return running_ == this; }

    // For its executor: as long as it lives, this thread runs on the strand; the constructor waits for that.
    class Running {
      public:
        explicit Running(Strand& strand) : Running((strand.lock_.lock(), strand), std::adopt_lock) {}
        Running(Strand& strand, std::adopt_lock_t) : strand_(strand), outer_(running_) { running_ = &strand; }
        ~Running() {
            running_ = outer_;
            strand_.lock_.unlock();
        }
        Running(const Running&) = delete;
        Running& operator=(const Running&) = delete;

      private:
        Strand& strand_;
        const Strand* outer_;
    };

  private:
    static thread_local const Strand* running_;

    boost::asio::io_context& thread_;
    std::mutex lock_;
};

}  // namespace gantry::control
