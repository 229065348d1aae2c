#include "task_credentials.h"

#include <memory>

#include "sts/task_credentials.h"

namespace gantry::app {

boost::asio::awaitable<Result<port::TaskCredentials>> TaskCredentials::fetch(port::TaskRole role) {
    auto credentials = std::make_shared<port::TaskCredentials>();
    control::Loop::Work work = [role, credentials](state::Txn& txn) -> Result<void> {
        const std::string task = role.task_arn.substr(role.task_arn.rfind('/') + 1);
        const auto session = sts::task_session(txn, txn.turn(), role.role_arn, task, role.task_arn);
        if (!session) return refuse("AccessDenied", "The role " + role.role_arn + " cannot be assumed: it does not exist.");
        txn.put(*session);
        // A bent policy clock must not make SDKs think that fresh credentials are old ones.
        *credentials = {session->access_key, session->secret, session->token, PolicyInstant{session->expires.ms}};
        return {};
    };
    auto done = co_await loop_.transact(std::move(work));
    if (!done) co_return tl::unexpected<Error>(std::move(done).error());
    co_return *credentials;
}

}  // namespace gantry::app
