#include "adapter/inprocess/exchange.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/experimental/concurrent_channel.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <string>

namespace gantry::adapter::inprocess {

namespace asio = boost::asio;
using Code = boost::system::error_code;
constexpr auto kAsTuple = asio::as_tuple(asio::use_awaitable);

namespace {

using Queue = asio::experimental::concurrent_channel<void(Code, std::string)>;

Error why_ended(Code code, const char* what) {
    if (code == asio::error::operation_aborted || code == asio::experimental::error::channel_cancelled) {
        return {Errc::cancelled, {}, std::string(what) + " was stopped"};
    }
    return {Errc::unavailable, {}, "the connection ended"};
}

class End : public port::Link {
  public:
    End(std::shared_ptr<Queue> in, std::shared_ptr<Queue> out) : in_(std::move(in)), out_(std::move(out)) {}
    ~End() override { close(); }

    Reply<> send(std::string message) override {
        const auto [code] = co_await out_->async_send(Code{}, std::move(message), kAsTuple);
        if (code) co_return tl::unexpected<Error>(why_ended(code, "sending"));
        co_return Result<>{};
    }

    Reply<std::string> receive() override {
        auto [code, message] = co_await in_->async_receive(kAsTuple);
        if (code) co_return tl::unexpected<Error>(why_ended(code, "receiving"));
        co_return std::move(message);
    }

    // What was sent before stays readable at the other end; then that end sees the connection ended.
    void close() override {
        if (closed_) return;
        closed_ = true;
        // A closed channel would drop what is still in it; the end of the stream travels behind it instead.
        if (!out_->try_send(Code(asio::error::eof), std::string())) out_->close();
        in_->cancel();
        in_->close();
    }

  private:
    std::shared_ptr<Queue> in_;
    std::shared_ptr<Queue> out_;
    bool closed_ = false;
};

}  // namespace

struct Exchange::Meeting {
    explicit Meeting(asio::any_io_executor on) : executor(std::move(on)), waiting(executor, 64) {}

    asio::any_io_executor executor;
    asio::experimental::concurrent_channel<void(Code, std::shared_ptr<std::unique_ptr<port::Link>>)> waiting;
};

namespace {

class Connector : public port::LinkConnector {
  public:
    explicit Connector(std::function<port::Link::Reply<std::unique_ptr<port::Link>>()> connect)
        : connect_(std::move(connect)) {}
    port::Link::Reply<std::unique_ptr<port::Link>> connect() override { co_return co_await connect_(); }

  private:
    std::function<port::Link::Reply<std::unique_ptr<port::Link>>()> connect_;
};

class Acceptor : public port::LinkAcceptor {
  public:
    Acceptor(
        std::function<port::Link::Reply<std::unique_ptr<port::Link>>()> accept, std::function<void()> close
    )
        : accept_(std::move(accept)), close_(std::move(close)) {}
    ~Acceptor() override { close_(); }
    port::Link::Reply<std::unique_ptr<port::Link>> accept() override { co_return co_await accept_(); }
    void close() override { close_(); }

  private:
    std::function<port::Link::Reply<std::unique_ptr<port::Link>>()> accept_;
    std::function<void()> close_;
};

}  // namespace

Exchange::Exchange(asio::any_io_executor executor)
    : meeting_(std::make_shared<Meeting>(std::move(executor))) {}
Exchange::~Exchange() = default;

std::unique_ptr<port::LinkConnector> Exchange::connector() {
    struct Connect {
        static port::Link::Reply<std::unique_ptr<port::Link>> run(std::shared_ptr<Meeting> meeting) {
            auto up = std::make_shared<Queue>(meeting->executor, kMessagesMax);
            auto down = std::make_shared<Queue>(meeting->executor, kMessagesMax);
            auto theirs = std::make_shared<std::unique_ptr<port::Link>>(std::make_unique<End>(up, down));
            const auto [code] = co_await meeting->waiting.async_send(Code{}, std::move(theirs), kAsTuple);
            if (code) co_return tl::unexpected<Error>(why_ended(code, "connecting"));
            co_return std::make_unique<End>(down, up);
        }
    };
    return std::make_unique<Connector>([meeting = meeting_] { return Connect::run(meeting); });
}

std::unique_ptr<port::LinkAcceptor> Exchange::acceptor() {
    struct Accept {
        static port::Link::Reply<std::unique_ptr<port::Link>> run(std::shared_ptr<Meeting> meeting) {
            auto [code, link] = co_await meeting->waiting.async_receive(kAsTuple);
            if (code) co_return trouble(Errc::cancelled, "nobody is accepted any more");
            co_return std::move(*link);
        }
    };
    return std::make_unique<Acceptor>(
        [meeting = meeting_] { return Accept::run(meeting); },
        [meeting = meeting_] {
            meeting->waiting.cancel();
            meeting->waiting.close();
        }
    );
}

}  // namespace gantry::adapter::inprocess
