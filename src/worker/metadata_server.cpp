#include "worker/metadata_server.h"

#include "worker/container_spec.h"

namespace gantry::worker {
namespace {

namespace json = boost::json;
using boost::asio::awaitable;
using What = MetadataQuery::What;

port::HttpResponse text(int status, const std::string& what) {
    port::HttpResponse response;
    response.status = status;
    response.headers = {{"Content-Type", "text/plain"}};
    response.body = what + "\n";
    return response;
}

port::HttpResponse document(const json::value& value) {
    port::HttpResponse response;
    response.headers = {{"Content-Type", "application/json"}};
    response.body = json::serialize(value);
    return response;
}

// The shape in which ECS's credentials endpoint refuses; SDKs show its message.
port::HttpResponse refused(int status, const std::string& code, const std::string& message) {
    json::object body;
    body["code"] = code;
    body["message"] = message;
    body["HTTPErrorCode"] = status;
    auto response = document(body);
    response.status = status;
    return response;
}

}  // namespace

const AgentTask* MetadataServer::find(const std::string& task) const {
    const auto found = agent_.tasks().find(task);
    return found == agent_.tasks().end() ? nullptr : found->second.get();
}

awaitable<port::HttpResponse> MetadataServer::handle(port::HttpRequest request, port::HttpPeer peer) {
    const auto* task = agent_.task_by_address(peer.address);
    if (task == nullptr) co_return text(404, "no task has the address " + peer.address);
    if (request.method != "GET" && request.method != "HEAD") co_return text(405, "only GET is served");
    const auto query = parse_metadata_target(request.target);
    const std::string id = task->desired().id;
    if (query.what == What::credentials) co_return co_await answer_credentials(id, query.id);
    const auto* container = container_by_metadata_id(task->desired(), query.id);
    if (query.what == What::nothing) co_return text(404, "404 page not found");
    if (container == nullptr)
        co_return text(404, "V4 metadata handler: unable to get the container of '" + query.id + "'");
    switch (query.what) {
        case What::container: {
            const MetadataTask seen{task->desired(), task->facts()};
            co_return document(container_metadata(seen, *container));
        }
        case What::task:
            co_return co_await answer_task(id, false);
        case What::task_with_tags:
            co_return co_await answer_task(id, true);
        case What::stats:
            co_return co_await answer_stats(id, container->name);
        default:
            co_return co_await answer_stats(id, "");
    }
}

awaitable<port::HttpResponse> MetadataServer::answer_task(std::string id, bool with_tags) {
    const auto storage = co_await agent_.ports().runtime.storage(id);
    const auto* task = find(id);
    if (task == nullptr) co_return text(404, "the task is gone");
    MetadataTask seen{task->desired(), task->facts()};
    if (storage) seen.storage = *storage;
    co_return document(task_metadata(seen, with_tags));
}

// Of one container, or of all by their ids.
awaitable<port::HttpResponse> MetadataServer::answer_stats(std::string id, std::string container) {
    if (!container.empty()) {
        const auto stats = co_await read_stats(id, container);
        co_return document(stats);
    }
    std::vector<std::string> names;
    if (const auto* task = find(id))
        for (const auto& one : task->facts().containers) names.push_back(one.name);
    json::object all;
    for (const auto& name : names) {
        const auto stats = co_await read_stats(id, name);
        const auto* task = find(id);
        if (task == nullptr) break;
        all[task->facts().find(name)->id] = stats;
    }
    co_return document(all);
}

awaitable<json::value> MetadataServer::read_stats(std::string id, std::string container) {
    const auto* task = find(id);
    if (task == nullptr) co_return nullptr;
    const std::string runtime_id = task->facts().find(container)->id;
    const std::string eni = task->desired().eni.id;
    const bool runs = task->facts().find(container)->phase == ContainerPhase::running;
    if (!runs) {
        last_.erase(runtime_id);
        co_return nullptr;
    }
    const auto now = co_await agent_.ports().runtime.stats(runtime_id);
    const auto usage = co_await agent_.ports().network.usage(eni);
    task = find(id);
    if (!now || task == nullptr) co_return nullptr;
    ContainerStats stats;
    stats.now = *now;
    stats.online_cpus = online_cpus_;
    if (usage) stats.network = *usage;
    const auto [known, fresh] = last_.try_emplace(runtime_id);
    auto& last = known->second;
    if (last.stats.read_at.ms != 0) {
        stats.before = last.stats;
        stats.network_before = last.network;
    }
    last = {stats.now, stats.network};
    if (fresh)
        std::erase_if(last_, [&](const auto& reading) {
            return find(reading.first.substr(0, reading.first.rfind('-'))) == nullptr;
        });
    co_return container_stats(*task->facts().find(container), stats);
}

awaitable<port::HttpResponse> MetadataServer::answer_credentials(std::string id, std::string asked) {
    const auto* task = find(id);
    const auto& desired = task->desired();
    if (credentials_id(desired) != asked || desired.task_role_arn.empty())
        co_return refused(404, "InvalidIdInRequest", "CredentialsV2Request: ID not found");
    port::TaskRole role;
    role.account = desired.account;
    role.region = desired.region;
    role.task_arn = desired.arn;
    role.role_arn = desired.task_role_arn;
    const auto credentials = co_await credentials_.fetch(role);
    if (!credentials) {
        const int status = credentials.error().errc == Errc::refused ? 403 : 503;
        co_return refused(status, "NoCredentials", credentials.error().message);
    }
    co_return document(task_credentials(role.role_arn, *credentials));
}

}  // namespace gantry::worker
