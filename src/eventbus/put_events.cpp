#include <boost/json.hpp>

#include "eventbus/event.h"
#include "eventbus/event_pattern.h"
#include "eventbus/find_bus.h"
#include "shapes/events/shapes.h"
#include "state/txn.h"

namespace gantry::eventbus {

using namespace shapes::events;
using state::Txn;

namespace {

constexpr std::size_t bytes_most = 256 * 1024;

// As AWS counts an entry.
std::size_t size_of(const PutEventsRequestEntry& entry) {
    std::size_t size = entry.time ? 14 : 0;
    size += entry.source.value_or("").size() + entry.detail_type.value_or("").size();
    if (entry.detail) size += entry.detail->size();
    if (entry.resources) {
        for (const auto& resource : *entry.resources) size += resource.size();
    }
    return size;
}

PutEventsResultEntry failed(std::string code, std::string message) {
    PutEventsResultEntry result;
    result.error_code = std::move(code);
    result.error_message = std::move(message);
    return result;
}

// An entry that is not valid fails alone. Events for a bus that there is not go nowhere, as on AWS.
PutEventsResultEntry put_entry(Txn& txn, const PutEventsRequestEntry& entry, const Caller& caller) {
    const auto required = [](const char* name) {
        return failed(
            "InvalidArgument",
            std::string("Parameter ") + name + " is not valid. Reason: " + name + " is a required argument."
        );
    };
    if (entry.source.value_or("").empty()) return required("Source");
    if (entry.detail_type.value_or("").empty()) return required("DetailType");
    if (entry.detail.value_or("").empty()) return required("Detail");
    if (entry.source->starts_with("aws."))
        return failed("NotAuthorizedForSourceException", "Not authorized for the source.");
    boost::system::error_code wrong;
    auto detail = boost::json::parse(*entry.detail, wrong);
    if (wrong || !detail.is_object()) return failed("MalformedDetail", "Detail is malformed.");
    PutEventsResultEntry result;
    EventFacts facts;
    facts.source = *entry.source;
    facts.detail_type = *entry.detail_type;
    facts.resources = entry.resources.value_or(std::vector<std::string>{});
    facts.detail = std::move(detail.get_object());
    facts.time = entry.time ? PolicyInstant{entry.time->ms} : txn.now();
    const auto bus = find_bus(txn, caller, entry.event_bus_name);
    const std::string name = bus ? bus->name : std::string();
    EventRecord event = make_event(txn.turn(), caller.scope(), name, std::move(facts));
    result.event_id = event.id;
    if (bus && listened_to(txn, caller.scope(), name)) txn.put(std::move(event));
    return result;
}

}  // namespace

Result<PutEventsResponse> put_events(Txn& txn, const PutEventsRequest& request, const Caller& caller) {
    if (request.endpoint_id)
        return refuse(kInvalid, "Gantry does not implement global endpoints (EndpointId) yet.");
    std::size_t size = 0;
    for (const auto& entry : request.entries) size += size_of(entry);
    if (size > bytes_most)
        return refuse(kInvalid, "Total size of the entries in the request is over the limit.");
    PutEventsResponse response;
    response.failed_entry_count = 0;
    auto& results = response.entries.emplace();
    for (const auto& entry : request.entries) {
        results.push_back(put_entry(txn, entry, caller));
        if (results.back().error_code) ++*response.failed_entry_count;
    }
    return response;
}

Result<TestEventPatternResponse> test_event_pattern(
    Txn&, const TestEventPatternRequest& request, const Caller&
) {
    TRY(const auto pattern, EventPattern::parse(request.event_pattern));
    boost::system::error_code wrong;
    const auto event = boost::json::parse(request.event, wrong);
    if (wrong || !event.is_object()) return refuse(kInvalid, "Parameter Event is not valid.");
    for (const char* member : {"id", "account", "source", "time", "region", "resources", "detail-type"}) {
        if (!event.get_object().contains(member)) return refuse(kInvalid, "Parameter Event is not valid.");
    }
    TestEventPatternResponse response;
    response.result = pattern.matches(event);
    return response;
}

}  // namespace gantry::eventbus
