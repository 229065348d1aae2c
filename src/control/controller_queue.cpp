#include "control/controller_queue.h"

namespace gantry::control {

void ControllerQueue::push(Look look) {
    if (queued_.insert(look).second) queue_.push_back(std::move(look));
}

std::optional<Look> ControllerQueue::pop() {
    if (queue_.empty()) return std::nullopt;
    Look look = std::move(queue_.front());
    queue_.pop_front();
    queued_.erase(look);
    return look;
}

void ControllerQueue::look_again(
    const Look& look, std::optional<PolicyInstant> policy, std::optional<RealInstant> real
) {
    policy_.set(look, policy);
    real_.set(look, real);
}

void ControllerQueue::wake(PolicyInstant policy_now, RealInstant real_now) {
    while (next_policy() && *next_policy() <= policy_now) {
        Look look = policy_.by_time.begin()->second;
        policy_.set(look, {});
        push(std::move(look));
    }
    while (next_real() && *next_real() <= real_now) {
        Look look = real_.by_time.begin()->second;
        real_.set(look, {});
        push(std::move(look));
    }
}

std::optional<PolicyInstant> ControllerQueue::next_policy() const { return policy_.next(); }
std::optional<RealInstant> ControllerQueue::next_real() const { return real_.next(); }

void ControllerQueue::clear() {
    queue_.clear();
    queued_.clear();
    policy_ = {};
    real_ = {};
}

}  // namespace gantry::control
