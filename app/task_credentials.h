#pragma once

#include "control/loop.h"
#include "port/task_credentials.h"

namespace gantry::app {

// Task-role credentials from the control plane of the same process: a session of sts, durable before the task sees it.
class TaskCredentials : public port::TaskCredentialsSource {
  public:
    explicit TaskCredentials(control::Loop& loop) : loop_(loop) {}

    boost::asio::awaitable<Result<port::TaskCredentials>> fetch(port::TaskRole role) override;

  private:
    control::Loop& loop_;
};

}  // namespace gantry::app
