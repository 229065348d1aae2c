#pragma once

#include <boost/asio/awaitable.hpp>
#include <memory>
#include <string>

#include "base/result.h"

namespace gantry::port {

// One connection between the control plane and one worker: whole messages of bytes (link/message.h encodes
// them). A message may be lost, repeated, late or out of order: whoever uses a Link repeats and compares
// generations, and never concludes anything from silence but "away".
//
// One sender and one receiver at a time on each end. After an `unavailable` the connection is dead and is
// thrown away; the worker connects again and says Hello.
class Link {
  public:
    template <class T = void>
    using Reply = boost::asio::awaitable<Result<T>>;

    virtual ~Link() = default;

    // Waits while the peer is slow. Success does not mean that it arrived.
    virtual Reply<> send(std::string message) = 0;
    // Waits for the next message; `unavailable` when the connection ended, `cancelled` after close() here.
    virtual Reply<std::string> receive() = 0;
    // Ends the connection; waiters on both ends return. May be called again, and from the destructor's
    // thread.
    virtual void close() = 0;
};

// The worker's side: knows where the control plane is.
class LinkConnector {
  public:
    virtual ~LinkConnector() = default;
    // `unavailable` while nobody listens: the caller tries again with back-off.
    virtual Link::Reply<std::unique_ptr<Link>> connect() = 0;
};

// The control plane's side: one caller.
class LinkAcceptor {
  public:
    virtual ~LinkAcceptor() = default;
    // Waits for the next worker; `cancelled` after close().
    virtual Link::Reply<std::unique_ptr<Link>> accept() = 0;
    virtual void close() = 0;
};

}  // namespace gantry::port
