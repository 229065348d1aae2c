#pragma once

#include <boost/json/value.hpp>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/instant.h"
#include "link/desired_task.h"
#include "port/container.h"
#include "port/network_state.h"
#include "port/task_credentials.h"
#include "worker/task_facts.h"

// The task metadata endpoint version 4, as AWS documents it for Fargate. Pure: from what is asked and what is
// known to the JSON that is answered. The server (metadata_server.h) finds the caller's task and reads the
// counters.
namespace gantry::worker {

// What a caller may ask for.
struct MetadataQuery {
    enum class What { container, task, task_with_tags, stats, task_stats, credentials, nothing };
    What what = What::nothing;
    std::string id;  // of /v4/<id>… or /v2/credentials/<id>
};

// "/v4/ID", "/v4/ID/task", "/v4/ID/taskWithTags", "/v4/ID/stats", "/v4/ID/task/stats",
// "/v2/credentials/ID"; a slash at the end and a query string are ignored.
MetadataQuery parse_metadata_target(std::string_view target);

struct MetadataTask {
    const link::DesiredTask& desired;
    const TaskFacts& facts;
    std::string gateway = "169.254.1.1";
    std::optional<port::StorageUse> storage;
};

// The counters of one container, and of the task's network, now and at the reading before.
struct ContainerStats {
    port::Stats now;
    std::optional<port::Stats> before;
    std::optional<port::EniUsage> network;
    std::optional<port::EniUsage> network_before;
    int online_cpus = 1;
};

const link::DesiredContainer* container_by_metadata_id(const link::DesiredTask& task, std::string_view id);

boost::json::object container_metadata(const MetadataTask& task, const link::DesiredContainer& container);
boost::json::object task_metadata(const MetadataTask& task, bool with_tags);
// Docker's stats object; null for a container that does not run, as AWS answers it.
boost::json::value container_stats(const ContainerFacts& facts, const std::optional<ContainerStats>& stats);
boost::json::object task_credentials(const std::string& role_arn, const port::TaskCredentials& credentials);

}  // namespace gantry::worker
