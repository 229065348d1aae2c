#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <memory>

#include "base/result.h"

namespace gantry::worker {

// Lets a bounded number through at a time, first come, first served.
class Turnstile {
  public:
    // Gives the place back when it goes.
    class Place {
      public:
        explicit Place(Turnstile* turnstile) : turnstile_(turnstile) {}
        Place(Place&& other) noexcept : turnstile_(std::exchange(other.turnstile_, nullptr)) {}
        Place& operator=(Place&&) = delete;
        ~Place();

      private:
        Turnstile* turnstile_;
    };

    Turnstile(boost::asio::any_io_executor executor, std::size_t places);
    ~Turnstile();

    // Errc::cancelled when the waiter was cancelled.
    boost::asio::awaitable<Result<Place>> enter();

  private:
    struct Tokens;
    std::unique_ptr<Tokens> tokens_;
};

}  // namespace gantry::worker
