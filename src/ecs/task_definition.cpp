#include "ecs/task_definition.h"

#include <charconv>

#include "ecs/arn.h"

namespace gantry::ecs {

Result<RevisionName> parse_revision_name(std::string_view text, const Caller& caller) {
    if (text.empty()) return refuse("ClientException", "TaskDefinition can not be blank.");
    if (text.starts_with("arn:")) {
        const auto arn = parse_arn(text);
        if (!arn || !arn->resource.starts_with("task-definition/"))
            return refuse("ClientException", "Invalid arn syntax");
        if (arn->account != caller.account || arn->region != caller.region) {
            return refuse(
                "ClientException",
                "The specified task definition does not exist. Specify a valid account, family, revision and "
                "try again."
            );
        }
        text = text.substr(text.find('/') + 1);
    }
    RevisionName name;
    const auto colon = text.find(':');
    name.family = text.substr(0, colon);
    if (!is_name(name.family)) return refuse("ClientException", "Family contains invalid characters.");
    if (colon == std::string_view::npos) return name;
    const auto digits = text.substr(colon + 1);
    int revision = 0;
    const auto [end, failed] = std::from_chars(digits.data(), digits.data() + digits.size(), revision);
    if (failed != std::errc() || end != digits.data() + digits.size() || revision < 1)
        return refuse("ClientException", "Invalid revision number. Number: " + std::string(digits));
    name.revision = revision;
    return name;
}

state::Pinned<RevisionRecord> find_revision(
    const state::View& view, std::string_view scope, const RevisionName& name
) {
    if (name.revision)
        return view.get<RevisionRecord>(RevisionRecord::key(scope, name.family, *name.revision));
    const std::string family = std::string(scope) + name.family + ":";
    auto newest =
        view.page_of<RevisionsByStatus>(RevisionsByStatus::key(scope, "ACTIVE"), {}, 1, true, family);
    return newest.records.empty() ? nullptr : newest.records.front();
}

shapes::ecs::TaskDefinition task_definition_shape(const RevisionRecord& record) {
    auto shape = record.definition;
    shape.task_definition_arn = record.arn();
    shape.revision = record.revision;
    shape.status = record.status;
    if (record.deregistered_at) shape.deregistered_at = timestamp(*record.deregistered_at);
    if (record.delete_requested_at) shape.delete_requested_at = timestamp(*record.delete_requested_at);
    return shape;
}

}  // namespace gantry::ecs
