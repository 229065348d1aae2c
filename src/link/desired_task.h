#pragma once

#include <boost/describe/class.hpp>
#include <map>
#include <string>
#include <vector>

#include "base/codec.h"
#include "base/instant.h"
#include "link/desired_container.h"
#include "link/status.h"

namespace gantry::link {

// The task's own interface. Its security groups are not here: they are the `eni` object of the same id.
struct TaskEni {
    std::string id;       // "eni-…"
    std::string address;  // private IPv4
    std::string mac;      // "02:…"
    std::string subnet_cidr;
    std::string vpc;
    std::string private_dns_name;  // "ip-172-31-0-5.ec2.internal"
    friend bool operator==(const TaskEni&, const TaskEni&) = default;
};
BOOST_DESCRIBE_STRUCT(TaskEni, (), (id, address, mac, subnet_cidr, vpc, private_dns_name))

// Storage that the task's containers share and that ends with the task. host_path only where the launch type
// allows it.
struct DesiredVolume {
    std::string name;
    std::string host_path;
    friend bool operator==(const DesiredVolume&, const DesiredVolume&) = default;
};
BOOST_DESCRIBE_STRUCT(DesiredVolume, (), (name, host_path))

// Object kind "task", key = id. Everything a worker needs to run it, also while the control plane is away.
//
// After the first Want only desired_status, stop_code, stop_reason, tags and service may change; the worker
// keeps the rest as it was. desired_status goes RUNNING → STOPPED once. The control plane sets STOPPED only
// when load balancers have let go of the task (deregistered and drained): the worker sends the stop signal as soon
// as its own balancers send nothing new there.
struct DesiredTask {
    std::string id;  // the last part of the ARN: 32 hex digits
    std::string arn;
    std::string cluster;      // name
    std::string cluster_arn;  //
    std::string family;
    int revision = 0;
    std::string task_definition_arn;
    std::string service;           // name; empty for a stand-alone task
    std::string launch_type;       // "FARGATE", "EC2", "EXTERNAL"
    std::string platform_version;  // "1.4.0"; empty where there is none
    std::string account;
    std::string region;
    std::string availability_zone;
    std::map<std::string, std::string> tags;

    int cpu_units = 0;      // of all containers together; 0: not limited
    int memory_mib = 0;     // 0: not limited
    int ephemeral_gib = 0;  // 0: as the platform version has it (20, or 10 + 4 shared before 1.4.0)

    TaskEni eni;  // an empty id: no network but loopback
    // Its service registers it here: TargetGroup::id. Told once, it stays when it is registered no more.
    std::vector<std::string> target_groups;
    std::string task_role_arn;
    std::string execution_role_arn;

    TaskStatus desired_status = TaskStatus::RUNNING;  // or STOPPED
    std::string stop_code;                            // "UserInitiated", … with desired_status STOPPED
    std::string stop_reason;

    std::vector<DesiredContainer> containers;
    std::vector<DesiredVolume> volumes;

    // Names of containers that were reported to have started, as known when this was told. Only for a worker that
    // has lost its own knowledge of the task: what started once and is not there any more has ended, and is not
    // started again.
    std::vector<std::string> started;

    friend bool operator==(const DesiredTask&, const DesiredTask&) = default;
};
BOOST_DESCRIBE_STRUCT(
    DesiredTask,
    (),
    (id,
     arn,
     cluster,
     cluster_arn,
     family,
     revision,
     task_definition_arn,
     service,
     launch_type,
     platform_version,
     account,
     region,
     availability_zone,
     tags,
     cpu_units,
     memory_mib,
     ephemeral_gib,
     eni,
     target_groups,
     task_role_arn,
     execution_role_arn,
     desired_status,
     stop_code,
     stop_reason,
     containers,
     volumes,
     started)
)

}  // namespace gantry::link
