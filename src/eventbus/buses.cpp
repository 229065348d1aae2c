#include "eventbus/find_bus.h"
#include "eventbus/page.h"
#include "eventbus/rule.h"
#include "eventbus/tags.h"
#include "state/txn.h"

namespace gantry::eventbus {

using namespace shapes::events;
using state::Txn;

namespace {

constexpr std::size_t buses_most = 100;

}  // namespace

Result<CreateEventBusResponse> create_event_bus(
    Txn& txn, const CreateEventBusRequest& request, const Caller& caller
) {
    if (request.event_source_name || request.name.find('/') != std::string::npos) {
        return refuse(
            "OperationDisabledException", "Gantry does not implement event buses of partner event sources yet."
        );
    }
    if (request.kms_key_identifier || request.dead_letter_config || request.log_config) {
        return refuse(
            "OperationDisabledException",
            "Gantry does not implement KmsKeyIdentifier, DeadLetterConfig and LogConfig of event buses yet."
        );
    }
    if (find_bus(txn, caller, request.name))
        return refuse("ResourceAlreadyExistsException", "Event bus " + request.name + " already exists.");
    if (txn.page<EventBusRecord>(caller.scope(), {}, buses_most).records.size() >= buses_most)
        return refuse(kTooMany, "The requested resource exceeds the maximum number allowed.");
    EventBusRecord bus;
    bus.account = caller.account;
    bus.region = caller.region;
    bus.name = request.name;
    bus.description = request.description;
    bus.created = txn.now();
    TRY_VOID(add_tags(bus.tags, request.tags));
    CreateEventBusResponse response;
    response.event_bus_arn = bus.arn();
    response.description = bus.description;
    txn.put(std::move(bus));
    return response;
}

// One that is not there is deleted already, as on AWS.
Result<DeleteEventBusResponse> delete_event_bus(
    Txn& txn, const DeleteEventBusRequest& request, const Caller& caller
) {
    if (request.name == kDefaultBus) return refuse(kInvalid, "Cannot delete event bus default.");
    const auto key = EventBusRecord::key(caller.scope(), request.name);
    if (!txn.get<EventBusRecord>(key)) return DeleteEventBusResponse{};
    if (!txn.page<RuleRecord>(key + "/", {}, 1).records.empty())
        return refuse(kInvalid, "Event bus " + request.name + " can't be deleted since it has rules.");
    txn.erase<EventBusRecord>(key);
    return DeleteEventBusResponse{};
}

Result<DescribeEventBusResponse> describe_event_bus(
    Txn& txn, const DescribeEventBusRequest& request, const Caller& caller
) {
    TRY(const auto bus, find_bus(txn, caller, request.name));
    DescribeEventBusResponse response;
    response.name = bus.name;
    response.arn = bus.arn();
    response.description = bus.description;
    if (bus.created.ms > 0)
        response.creation_time = response.last_modified_time = shapes::Timestamp{bus.created.ms};
    return response;
}

Result<ListEventBusesResponse> list_event_buses(
    Txn& txn, const ListEventBusesRequest& request, const Caller& caller
) {
    const auto prefix = EventBusRecord::key(caller.scope(), request.name_prefix.value_or(""));
    ListEventBusesResponse response;
    auto& list = response.event_buses.emplace();
    const auto show = [&](const EventBusRecord& bus) {
        auto& out = list.emplace_back();
        out.name = bus.name;
        out.arn = bus.arn();
        out.description = bus.description;
        if (bus.created.ms > 0) out.creation_time = out.last_modified_time = shapes::Timestamp{bus.created.ms};
    };
    TRY(const auto page, page_from<EventBusRecord>(txn, prefix, request.next_token, request.limit));
    // The default bus, first of all.
    if (!request.next_token && std::string_view(kDefaultBus).starts_with(request.name_prefix.value_or(""))) {
        TRY(const auto bus, find_bus(txn, caller, std::nullopt));
        show(bus);
    }
    for (const auto& bus : page.records) {
        if (bus->name != kDefaultBus) show(*bus);
    }
    response.next_token = token_of(page.next_after);
    return response;
}

}  // namespace gantry::eventbus
