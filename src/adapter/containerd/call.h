#pragma once

#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <condition_variable>
#include <github.com/containerd/containerd/api/services/containers/v1/containers.grpc.pb.h>
#include <github.com/containerd/containerd/api/services/content/v1/content.grpc.pb.h>
#include <github.com/containerd/containerd/api/services/images/v1/images.grpc.pb.h>
#include <github.com/containerd/containerd/api/services/snapshots/v1/snapshots.grpc.pb.h>
#include <github.com/containerd/containerd/api/services/tasks/v1/tasks.grpc.pb.h>
#include <github.com/containerd/containerd/api/services/version/v1/version.grpc.pb.h>
#include <grpcpp/grpcpp.h>
#include <mutex>
#include <set>
#include <utility>

#include "adapter/containerd/client.h"

// Included by this folder's sources only: gRPC's headers are dear.
namespace gantry::adapter::containerd {

namespace api {
namespace containers = ::containerd::services::containers::v1;
namespace content = ::containerd::services::content::v1;
namespace images = ::containerd::services::images::v1;
namespace snapshots = ::containerd::services::snapshots::v1;
namespace tasks = ::containerd::services::tasks::v1;
namespace version = ::containerd::services::version::v1;
using TaskStatus = ::containerd::v1::types::Status;
}  // namespace api

class Stubs {
  public:
    explicit Stubs(std::shared_ptr<grpc::Channel> channel)
        : containers(api::containers::Containers::NewStub(channel)),
          content(api::content::Content::NewStub(channel)),
          images(api::images::Images::NewStub(channel)),
          snapshots(api::snapshots::Snapshots::NewStub(channel)),
          tasks(api::tasks::Tasks::NewStub(channel)),
          version(api::version::Version::NewStub(channel)) {}

    std::unique_ptr<api::containers::Containers::Stub> containers;
    std::unique_ptr<api::content::Content::Stub> content;
    std::unique_ptr<api::images::Images::Stub> images;
    std::unique_ptr<api::snapshots::Snapshots::Stub> snapshots;
    std::unique_ptr<api::tasks::Tasks::Stub> tasks;
    std::unique_ptr<api::version::Version::Stub> version;
};

class Client::InFlight {
  public:
    void add(grpc::ClientContext* context) {
        std::lock_guard lock(mutex_);
        ++calls_;
        contexts_.insert(context);
        if (closing_) context->TryCancel();
    }
    // The context may go now. It holds the channel, and gRPC's thread must not be the one that destroys that
    // (it would wait for itself), so the call is over only after its context is gone there.
    void forget(grpc::ClientContext* context) {
        std::lock_guard lock(mutex_);
        contexts_.erase(context);
    }
    void end() {
        std::lock_guard lock(mutex_);
        if (--calls_ == 0) none_.notify_all();
    }
    void cancel_and_wait() {
        std::unique_lock lock(mutex_);
        closing_ = true;
        for (auto* context : contexts_) context->TryCancel();
        none_.wait(lock, [this] { return calls_ == 0; });
    }

  private:
    std::mutex mutex_;
    std::condition_variable none_;
    std::set<grpc::ClientContext*> contexts_;
    std::size_t calls_ = 0;
    bool closing_ = false;
};

// One unary call: `begin(stubs, context, request, response, callback)` starts it. The coroutine goes on on its own
// executor; cancelling the coroutine cancels the call.
template <class Response, class Request, class Begin>
boost::asio::awaitable<Result<Response>> call(Client& client, const char* what, std::chrono::milliseconds deadline,
                                              Request request, Begin begin) {
    struct State {
        grpc::ClientContext context;
        Request request;
        Response response;
    };
    auto state = std::make_shared<State>();
    state->request = std::move(request);
    state->context.set_deadline(std::chrono::system_clock::now() + deadline);
    // A restart of containerd takes 0.1 s: a call waits for it rather than failing.
    state->context.set_wait_for_ready(true);
    state->context.AddMetadata("containerd-namespace", client.name_space());

    auto executor = co_await boost::asio::this_coro::executor;
    auto initiate = [&](auto handler) {
        auto slot = boost::asio::get_associated_cancellation_slot(handler);
        if (slot.is_connected())
            slot.assign([weak = std::weak_ptr<State>(state)](boost::asio::cancellation_type) {
                if (auto alive = weak.lock()) alive->context.TryCancel();
            });
        using Handler = decltype(handler);
        auto shared = std::make_shared<Handler>(std::move(handler));
        auto work = boost::asio::make_work_guard(executor);
        client.in_flight().add(&state->context);
        begin(client.stubs(), &state->context, &state->request, &state->response,
              [state, shared, work, executor, &in_flight = client.in_flight()](grpc::Status status) mutable {
                  boost::asio::post(executor, [shared, status = std::move(status)]() mutable {
                      auto slot = boost::asio::get_associated_cancellation_slot(*shared);
                      if (slot.is_connected()) slot.clear();
                      (*shared)(std::move(status));
                  });
                  in_flight.forget(&state->context);
                  state.reset();
                  in_flight.end();
              });
    };
    auto status = co_await boost::asio::async_initiate<decltype(boost::asio::use_awaitable), void(grpc::Status)>(
        initiate, boost::asio::use_awaitable);
    if (!status.ok()) co_return tl::unexpected(error_of(status, what));
    co_return std::move(state->response);
}

}  // namespace gantry::adapter::containerd

// CALL(client_, tasks, Start, api::tasks::StartRequest, StartResponse...) spelled once: the service's stub member, its
// method, the request object and the deadline.
#define CONTAINERD_CALL(client, service, method, Response, request, deadline)                                       \
    ::gantry::adapter::containerd::call<Response>(                                                                  \
        client, #service "." #method, deadline, request,                                                            \
        [](auto& stubs, auto* context, auto* request_, auto* response, auto callback) {                             \
            stubs.service->async()->method(context, request_, response, std::move(callback));                       \
        })
