#pragma once

#include <boost/asio/awaitable.hpp>
#include <string>

#include "base/instant.h"
#include "base/result.h"

namespace gantry::port {

struct TaskCredentials {
    std::string access_key_id;
    std::string secret_access_key;
    std::string session_token;
    PolicyInstant expires_at;
};

struct TaskRole {
    std::string account;
    std::string region;
    std::string task_arn;
    std::string role_arn;
};

// Where a worker gets the credentials that a task sees at AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: an assumed
// role whose session is named after the task. SDKs ask again shortly before they expire. `refused` where the
// role cannot be assumed.
class TaskCredentialsSource {
  public:
    virtual ~TaskCredentialsSource() = default;
    virtual boost::asio::awaitable<Result<TaskCredentials>> fetch(TaskRole role) = 0;
};

}  // namespace gantry::port
