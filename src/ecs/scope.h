#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/instant.h"
#include "shapes/timestamp.h"

// Names and keys that all records of this folder share. A scope is "ACCOUNT/REGION/", as Caller::scope() has
// it: every record that an account can name has a key that starts with it.
namespace gantry::ecs {

std::string_view account_of(std::string_view scope);
std::string_view region_of(std::string_view scope);

// "arn:aws:ecs:REGION:ACCOUNT:" + what follows ("cluster/default"). The partition is aws-cn in China and
// aws-us-gov in GovCloud.
std::string arn_in(std::string_view scope, std::string_view resource);
std::string cluster_arn(std::string_view scope, std::string_view cluster);
std::string service_arn(std::string_view scope, std::string_view cluster, std::string_view service);
std::string task_arn(std::string_view scope, std::string_view cluster, std::string_view id);
std::string container_arn(
    std::string_view scope, std::string_view cluster, std::string_view task, std::size_t container
);
std::string task_definition_arn(std::string_view scope, std::string_view family, int revision);
std::string capacity_provider_arn(std::string_view scope, std::string_view name);

// A UUID that is a function of its arguments: what belongs to a task needs no identity of its own in the
// store.
std::string derived_uuid(std::string_view of, std::uint64_t number);

// Decimal with leading zeros, so that text order is number order.
std::string padded(std::int64_t number, int digits);

inline shapes::Timestamp timestamp(PolicyInstant at) { return {at.ms}; }

// [A-Za-z0-9_-]{1,255}, what ECS takes as the name of a cluster, family, container or volume.
bool is_name(std::string_view text);

}  // namespace gantry::ecs
