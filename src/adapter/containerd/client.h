#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "base/result.h"

namespace grpc {
class Status;
}  // namespace grpc

namespace gantry::adapter::containerd {

class Stubs;

// A connection to containerd in one of its namespaces. Copies share it. It reconnects by itself; while containerd is
// away calls fail with unavailable. Must not outlive the io_context whose coroutines use it.
class Client {
  public:
    Client(std::string socket_path, std::string name_space);
    ~Client();
    Client(const Client&) = delete;
    Client& operator=(const Client&) = delete;

    Stubs& stubs() { return *stubs_; }
    const std::string& name_space() const { return name_space_; }
    const std::string& socket_path() const { return socket_path_; }

    // Calls in flight; the destructor cancels them and waits for their ends.
    class InFlight;
    InFlight& in_flight() { return *in_flight_; }

  private:
    std::string socket_path_;
    std::string name_space_;
    std::unique_ptr<InFlight> in_flight_;
    std::unique_ptr<Stubs> stubs_;
};

// containerd's status as an Error; `what` names the call ("Tasks.Create").
Error error_of(const grpc::Status& status, const std::string& what);

// Deadline of calls that only read or write containerd's database.
constexpr std::chrono::seconds quick{20};
// Deadline of calls that start, stop or unpack something.
constexpr std::chrono::seconds slow{120};
// For Wait, which ends when a process does.
constexpr std::chrono::hours endless{24 * 365};

}  // namespace gantry::adapter::containerd
