#include "adapter/containerd/client.h"

#include "adapter/containerd/call.h"

namespace gantry::adapter::containerd {

static std::shared_ptr<grpc::Channel> connect(const std::string& socket_path) {
    grpc::ChannelArguments arguments;
    // A restarted containerd is found again quickly; a listing of thousands of containers fits.
    arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 50);
    arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, 50);
    arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 500);
    arguments.SetMaxReceiveMessageSize(256 << 20);
    // No proxy, no shared channel, no names looked up: it is a file.
    arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    arguments.SetString(GRPC_ARG_DEFAULT_AUTHORITY, "localhost");
    return grpc::CreateCustomChannel("unix:" + socket_path, grpc::InsecureChannelCredentials(), arguments);
}

Client::Client(std::string socket_path, std::string name_space)
    : socket_path_(std::move(socket_path)),
      name_space_(std::move(name_space)),
      in_flight_(std::make_unique<InFlight>()),
      stubs_(std::make_unique<Stubs>(connect(socket_path_))) {}

Client::~Client() {
    in_flight_->cancel_and_wait();
}

Error error_of(const grpc::Status& status, const std::string& what) {
    auto errc = Errc::unknown;
    switch (status.error_code()) {
        case grpc::StatusCode::NOT_FOUND: errc = Errc::not_found; break;
        case grpc::StatusCode::ALREADY_EXISTS:
        case grpc::StatusCode::FAILED_PRECONDITION: errc = Errc::conflict; break;
        case grpc::StatusCode::UNAVAILABLE: errc = Errc::unavailable; break;
        case grpc::StatusCode::DEADLINE_EXCEEDED: errc = Errc::timeout; break;
        case grpc::StatusCode::CANCELLED: errc = Errc::cancelled; break;
        case grpc::StatusCode::RESOURCE_EXHAUSTED: errc = Errc::exhausted; break;
        case grpc::StatusCode::INVALID_ARGUMENT: errc = Errc::invalid; break;
        default: break;
    }
    auto message = status.error_message();
    if (message.find("no space left on device") != std::string::npos) errc = Errc::exhausted;
    return Error{errc, {}, "containerd " + what + ": " + message};
}

}  // namespace gantry::adapter::containerd
