// CreateLogStream and DeleteLogStream.
#include "logs/stream.h"

#include "logs/find.h"
#include "shapes/logs/shapes.h"

namespace gantry::logs {

using namespace shapes::logs;
using state::Txn;

LogStreamRecord new_stream(Txn& txn, const LogGroupRecord& group, const std::string& name) {
    return {group.uid, name, txn.chance().hex(16), txn.now()};
}

Result<CreateLogStreamResponse> create_log_stream(
    Txn& txn, const CreateLogStreamRequest& request, const Caller& caller
) {
    TRY(const auto group, find_group(txn, caller, request.log_group_name));
    auto stream = new_stream(txn, *group, request.log_stream_name);
    if (txn.get<LogStreamRecord>(stream.key()) != nullptr)
        return refuse("ResourceAlreadyExistsException", "The specified log stream already exists");
    txn.put(std::move(stream));
    return CreateLogStreamResponse{};
}

Result<DeleteLogStreamResponse> delete_log_stream(
    Txn& txn, const DeleteLogStreamRequest& request, const Caller& caller
) {
    TRY(const auto group, find_group(txn, caller, request.log_group_name));
    TRY(const auto stream, find_stream(txn, *group, request.log_stream_name));
    txn.put(LogRemovalRecord{group->uid, stream->id().stream});
    txn.erase<LogStreamRecord>(stream->key());
    return DeleteLogStreamResponse{};
}

}  // namespace gantry::logs
