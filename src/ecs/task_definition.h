#pragma once

#include <boost/describe.hpp>
#include <optional>
#include <string>
#include <vector>

#include "base/instant.h"
#include "ecs/scope.h"
#include "shapes/record_codec.h"
#include "ecs/tag.h"
#include "operation/caller.h"
#include "state/txn.h"

namespace gantry::ecs {

// A family stays for ever, so that no revision number is used twice.
struct FamilyRecord {
    static constexpr state::TableInfo kTable{"ecs.task_definition_family", 1};

    std::string scope;
    std::string name;
    int last_revision = 0;
    int active_count = 0;    // revisions with status ACTIVE
    int inactive_count = 0;  // revisions with status INACTIVE

    std::string key() const { return scope + name; }
};
BOOST_DESCRIBE_STRUCT(FamilyRecord, (), (scope, name, last_revision, active_count, inactive_count))

// By scope and what ListTaskDefinitionFamilies' status means: ACTIVE, INACTIVE (no active revision), ALL.
struct FamiliesByStatus {
    using Record = FamilyRecord;
    static std::string key(std::string_view scope, std::string_view status) {
        return std::string(scope) + std::string(status);
    }
    static void keys(const FamilyRecord& family, std::vector<std::string>& out) {
        if (family.active_count + family.inactive_count == 0) return;
        out.push_back(key(family.scope, "ALL"));
        out.push_back(key(family.scope, family.active_count > 0 ? "ACTIVE" : "INACTIVE"));
    }
};

// One registered revision: all that was sent, with ECS's defaults filled in.
struct RevisionRecord {
    static constexpr state::TableInfo kTable{"ecs.task_definition", 1};

    std::string scope;
    std::string family;
    int revision = 0;
    std::string status = "ACTIVE";  // INACTIVE, DELETE_IN_PROGRESS
    // Without taskDefinitionArn, revision, status and the dates of leaving, which are above or below.
    shapes::ecs::TaskDefinition definition;
    std::optional<PolicyInstant> deregistered_at;
    std::optional<PolicyInstant> delete_requested_at;
    Tags tags;

    static std::string key(std::string_view scope, std::string_view family, int revision) {
        return std::string(scope) + std::string(family) + ":" + padded(revision, 10);
    }
    std::string key() const { return key(scope, family, revision); }
    bool active() const { return status == "ACTIVE"; }
    std::string arn() const { return task_definition_arn(scope, family, revision); }
};
BOOST_DESCRIBE_STRUCT(
    RevisionRecord,
    (),
    (scope, family, revision, status, definition, deregistered_at, delete_requested_at, tags)
)

// By scope and status; family by family, in the order of their revisions.
struct RevisionsByStatus {
    using Record = RevisionRecord;
    static std::string key(std::string_view scope, std::string_view status) {
        return std::string(scope) + std::string(status);
    }
    static void keys(const RevisionRecord& revision, std::vector<std::string>& out) {
        out.push_back(key(revision.scope, revision.status));
    }
};

// Revisions that are DELETE_IN_PROGRESS, in the order in which that was asked for.
struct RevisionsDeleting {
    using Record = RevisionRecord;
    static void keys(const RevisionRecord& revision, std::vector<std::string>& out) {
        if (revision.delete_requested_at) out.push_back(padded(revision.delete_requested_at->ms, 15));
    }
};

// The revision in words of a request: "family", "family:revision", or an ARN.
struct RevisionName {
    std::string family;
    std::optional<int> revision;
};
// ClientException as ECS words it when the text is neither.
Result<RevisionName> parse_revision_name(std::string_view text, const Caller& caller);

// The named revision whatever its status, or the family's latest ACTIVE one; null when there is none.
state::Pinned<RevisionRecord> find_revision(
    const state::View& view, std::string_view scope, const RevisionName& name
);

// As the API shows it, with ARN, revision and status.
shapes::ecs::TaskDefinition task_definition_shape(const RevisionRecord& record);

}  // namespace gantry::ecs
