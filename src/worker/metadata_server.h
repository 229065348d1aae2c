#pragma once

#include <map>
#include <string>

#include "port/http.h"
#include "port/task_credentials.h"
#include "worker/agent.h"
#include "worker/metadata.h"

namespace gantry::worker {

// Answers at 169.254.170.2:80 inside every task: give handle() to an HTTP server on a socket of
// port::Network::listen_tcp. A caller is known by its source address, which the network guards; it sees its
// own task and no other, whatever id it asks for. Runs on the agent's executor; the agent outlives it.
class MetadataServer {
  public:
    MetadataServer(Agent& agent, port::TaskCredentialsSource& credentials, int online_cpus)
        : agent_(agent), credentials_(credentials), online_cpus_(online_cpus) {}

    boost::asio::awaitable<port::HttpResponse> handle(port::HttpRequest request, port::HttpPeer peer);

  private:
    boost::asio::awaitable<port::HttpResponse> answer_stats(std::string task, std::string container);
    boost::asio::awaitable<port::HttpResponse> answer_task(std::string task, bool with_tags);
    boost::asio::awaitable<port::HttpResponse> answer_credentials(std::string task, std::string id);
    boost::asio::awaitable<boost::json::value> read_stats(std::string task, std::string container);
    const AgentTask* find(const std::string& task) const;

    Agent& agent_;
    port::TaskCredentialsSource& credentials_;
    int online_cpus_;
    // A container's last reading, for "precpu_stats" and rates; goes with the container.
    struct Reading {
        port::Stats stats;
        std::optional<port::EniUsage> network;
    };
    std::map<std::string, Reading> last_;
};

}  // namespace gantry::worker
