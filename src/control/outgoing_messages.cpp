#include "control/outgoing_messages.h"

#include <type_traits>
#include <utility>

namespace gantry::control {
namespace {

// What a message is about: a later one about the same replaces it.
std::string about(const link::ToWorker& message) {
    return std::visit(
        [&]<class Body>(const Body& body) -> std::string {
            if constexpr (std::is_same_v<Body, link::Want> || std::is_same_v<Body, link::Drop>)
                return "object/" + body.kind + "/" + body.key;
            else if constexpr (std::is_same_v<Body, link::ReportAck>)
                return "report/" + body.task;
            else if constexpr (std::is_same_v<Body, link::TargetReportAck>)
                return "target/" + body.registration;
            else
                return std::to_string(message.index());
        },
        message
    );
}

}  // namespace

void OutgoingMessages::put(const link::ToWorker& message) { put(about(message), link::encode_message(message)); }

void OutgoingMessages::put(const link::Measure& measure) { put("measure", link::encode_measure(measure)); }

void OutgoingMessages::put(std::string name, std::string bytes) {
    if (const auto old = places_.find(name); old != places_.end()) {
        queue_.erase(old->second);
        places_.erase(old);
    }
    queue_.push_back({name, std::move(bytes)});
    places_.emplace(std::move(name), std::prev(queue_.end()));
}

std::optional<std::string> OutgoingMessages::take() {
    if (queue_.empty()) return std::nullopt;
    auto first = std::move(queue_.front());
    queue_.pop_front();
    places_.erase(first.about);
    return std::move(first.bytes);
}

}  // namespace gantry::control
