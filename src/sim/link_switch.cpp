#include "sim/link_switch.h"

namespace gantry::sim {

using boost::asio::awaitable;

// One direction of one connection.
struct LinkSwitch::Pipe {
    explicit Pipe(boost::asio::any_io_executor executor) : arrived(std::move(executor)) {}
    std::deque<std::string> messages;
    bool ended = false;
    Event arrived;

    void end() {
        ended = true;
        arrived.set();
    }
};

class LinkSwitch::End : public port::Link {
  public:
    End(LinkSwitch& on, std::shared_ptr<Pipe> in, std::shared_ptr<Pipe> out)
        : switch_(on), in_(std::move(in)), out_(std::move(out)) {}
    ~End() override { close(); }

    Reply<> send(std::string message) override {
        if (out_->ended) co_return trouble(Errc::unavailable, "the connection has ended");
        switch_.transmit(out_, std::move(message));
        co_return Result<>{};
    }

    Reply<std::string> receive() override {
        const auto in = in_;
        while (in->messages.empty()) {
            if (in->ended) co_return trouble(Errc::unavailable, "the connection has ended");
            CO_TRY_VOID(co_await in->arrived.wait());
        }
        std::string message = std::move(in->messages.front());
        in->messages.pop_front();
        co_return message;
    }

    void close() override {
        in_->end();
        out_->end();
    }

  private:
    LinkSwitch& switch_;
    std::shared_ptr<Pipe> in_;
    std::shared_ptr<Pipe> out_;
};

LinkSwitch::LinkSwitch(boost::asio::any_io_executor executor, Faults& faults)
    : executor_(executor), faults_(faults), arrived_(executor), group_(executor) {}

LinkSwitch::~LinkSwitch() = default;

void LinkSwitch::cut(bool is_cut) {
    cut_ = is_cut;
    if (!cut_) return;
    waiting_.clear();
    for (const auto& weak : pipes_)
        if (const auto pipe = weak.lock()) pipe->end();
    pipes_.clear();
}

port::Link::Reply<std::unique_ptr<port::Link>> LinkSwitch::connect() {
    if (cut_ || closed_) co_return trouble(Errc::unavailable, "nobody listens");
    auto up = std::make_shared<Pipe>(executor_);
    auto down = std::make_shared<Pipe>(executor_);
    pipes_.push_back(up);
    pipes_.push_back(down);
    waiting_.push_back(std::make_unique<End>(*this, up, down));
    arrived_.set();
    co_return std::make_unique<End>(*this, down, up);
}

port::Link::Reply<std::unique_ptr<port::Link>> LinkSwitch::accept() {
    while (waiting_.empty()) {
        if (closed_) co_return trouble(Errc::cancelled, "closed");
        CO_TRY_VOID(co_await arrived_.wait());
    }
    auto link = std::move(waiting_.front());
    waiting_.pop_front();
    co_return link;
}

void LinkSwitch::close() {
    closed_ = true;
    cut(true);
    arrived_.set();
}

awaitable<void> LinkSwitch::stop() {
    close();
    co_await group_.stop();
}

void LinkSwitch::transmit(const std::shared_ptr<Pipe>& pipe, std::string message) {
    if (faults_.hits(rates.lost)) return;
    const int copies = faults_.hits(rates.repeated) ? 2 : 1;
    for (int i = 0; i < copies; ++i) {
        if (faults_.hits(rates.late)) {
            group_.spawn("late message", deliver_late(pipe, message, faults_.some_time(rates.late_max)));
            continue;
        }
        ++delivered_;
        pipe->messages.push_back(message);
        pipe->arrived.set();
    }
}

awaitable<void> LinkSwitch::deliver_late(std::shared_ptr<Pipe> pipe, std::string message, Duration after) {
    if (const auto ok = co_await faults_.clock().sleep_for(after); !ok) co_return;
    ++delivered_;
    pipe->messages.push_back(std::move(message));
    pipe->arrived.set();
}

}  // namespace gantry::sim
