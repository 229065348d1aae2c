#include "control/api.h"

#include <gmock/gmock.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "control/latest_metrics.h"
#include "control/loop_fixture_test.h"
#include "iam/schema.h"
#include "iam/user.h"
#include "port/log_store.h"
#include "shapes/ecs/shapes.h"
#include "sim/metric_store.h"
#include "sts/session.h"
#include "wire/time_text.h"

namespace gantry::control {
namespace {

namespace ecs = shapes::ecs;
using testing::HasSubstr;

class NoLogs : public port::LogStore {
  public:
    Reply<port::LogAppended> append(port::LogBatch) override { co_return none(); }
    Reply<std::vector<port::LogEvent>> read(port::LogRead) override { co_return none(); }
    Reply<port::LogScanned> scan(port::LogScan) override { co_return none(); }
    Reply<std::vector<port::LogStreamStats>> stats(std::string, std::vector<std::string>) override {
        co_return none();
    }
    Reply<std::vector<port::LogGroupStats>> group_stats(std::vector<std::string>) override {
        co_return none();
    }
    Reply<> remove_stream(port::LogStreamId) override { co_return none(); }
    Reply<> remove_group(std::string) override { co_return none(); }
    Reply<> expire(std::string, std::int64_t) override { co_return none(); }
    Reply<std::uint64_t> position(std::string) override { co_return none(); }
    Reply<> forget(std::string) override { co_return none(); }

  private:
    static tl::unexpected<Error> none() { return trouble(Errc::unavailable, "there are no logs"); }
};

// CreateCluster makes a boat, in the harbour of the caller's account and region.
Result<void> create(state::Txn& txn, const void* request, const Caller& caller, void* response) {
    const auto& wish = *static_cast<const ecs::CreateClusterRequest*>(request);
    const auto name = wish.cluster_name.value_or("default");
    if (name == "refused") return refuse("ClientException", "No.");
    if (txn.get<Boat>(name)) return refuse("InvalidParameterException", "There is one already.");
    txn.put(Boat{name, caller.scope(), {}});
    ecs::Cluster cluster;
    cluster.cluster_name = name;
    cluster.cluster_arn = caller.arn;
    static_cast<ecs::CreateClusterResponse*>(response)->cluster = std::move(cluster);
    return {};
}

// DescribeClusters is a data operation here: it says how many boats there are.
Awaitable<Result<void>> describe(
    DataContext& context, std::shared_ptr<const void>, Caller caller, std::shared_ptr<void> response
) {
    std::function<Result<int>(state::Txn&)> count = [scope = caller.scope()](state::Txn& txn) {
        return Result<int>(static_cast<int>(txn.count<BoatsByHarbour>(scope)));
    };
    CO_TRY(const auto boats, co_await context.transact(std::move(count)));
    ecs::Cluster cluster;
    cluster.running_tasks_count = boats;
    static_cast<ecs::DescribeClustersResponse*>(response.get())->clusters = {cluster};
    co_return Result<void>{};
}

// DescribeTasks names the one boat that is asked for.
Result<Later> describe_later(state::Txn& txn, const void* request, const Caller&) {
    const auto& wish = *static_cast<const ecs::DescribeTasksRequest*>(request);
    const auto boat = txn.get<Boat>(wish.tasks.at(0));
    if (!boat) return refuse("InvalidParameterException", "There is none.");
    return Later([boat](std::string& out, TextCache& texts) {
        texts.append(out, boat, 0, [&](std::string& to) { to += R"({"tasks":")" + boat->harbour + R"("})"; });
    });
}
Result<void> never(state::Txn&, const void*, const Caller&, void*) { return refuse("X", "Not the other way."); }

std::string hmac(const std::string& key, const std::string& text) {
    unsigned char out[32];
    HMAC(
        EVP_sha256(), key.data(), static_cast<int>(key.size()),
        reinterpret_cast<const unsigned char*>(text.data()), text.size(), out, nullptr
    );
    return {reinterpret_cast<char*>(out), 32};
}

std::string hex(const std::string& bytes) {
    std::string text;
    for (const unsigned char byte : bytes) {
        text += "0123456789abcdef"[byte >> 4];
        text += "0123456789abcdef"[byte & 15];
    }
    return text;
}

std::string sha256(const std::string& text) {
    unsigned char out[32];
    EVP_Digest(text.data(), text.size(), out, nullptr, EVP_sha256(), nullptr);
    return hex({reinterpret_cast<char*>(out), 32});
}

class ApiTest : public LoopTest {
  protected:
    ApiTest() {
        iam::declare(schema_);
        sts::declare(schema_);
        make();
        open({});
    }
    void open(ApiOptions options) {
        operation::Handlers handlers(3);
        const auto& service = *shapes::find_service("ecs");
        handlers[0].operation = shapes::find_operation(service, "CreateCluster");
        handlers[0].transact = create;
        handlers[1].operation = shapes::find_operation(service, "DescribeClusters");
        handlers[1].move_data = describe;
        handlers[2].operation = shapes::find_operation(service, "DescribeTasks");
        handlers[2].transact = never;
        handlers[2].transact_later = describe_later;
        api_ = std::make_unique<Api>(*loop_, handlers, DataStores{logs_, metrics_}, ids_, std::move(options));
    }
    void SetUp() override { ASSERT_TRUE(start()); }

    using Slot = std::shared_ptr<std::optional<port::HttpResponse>>;
    Slot send(port::HttpRequest request, port::HttpPeer peer = {"127.0.0.1", 1, "127.0.0.1", 4566, true}) {
        auto slot = std::make_shared<std::optional<port::HttpResponse>>();
        boost::asio::co_spawn(
            context_, api_->handle(std::move(request), std::move(peer)),
            [slot](const std::exception_ptr& failure, port::HttpResponse response) {
                EXPECT_FALSE(failure);
                *slot = std::move(response);
            }
        );
        clock_.settle();
        return slot;
    }
    static port::HttpRequest call(
        const std::string& operation,
        const std::string& body,
        const std::string& key = "123456789012",
        const std::string& invocation = {}
    ) {
        port::HttpRequest request{
            "POST",
            "/",
            {{"Host", "localhost:4566"},
             {"Content-Type", "application/x-amz-json-1.1"},
             {"X-Amz-Target", "AmazonEC2ContainerServiceV20141113." + operation},
             {"X-Amz-Date", "20270115T080000Z"},
             {"Authorization", "AWS4-HMAC-SHA256 Credential=" + key +
                                   "/20270115/us-east-1/ecs/aws4_request, SignedHeaders=host, Signature=00"}},
            body
        };
        if (!invocation.empty()) request.headers.emplace_back("amz-sdk-invocation-id", invocation);
        return request;
    }
    // As an SDK signs it.
    port::HttpRequest sign(port::HttpRequest request, const std::string& key, const std::string& secret) {
        const auto at = wire::format_basic_time(clock_.now().ms / 1'000);
        const auto day = at.substr(0, 8);
        const std::string scope = day + "/us-east-1/ecs/aws4_request";
        const std::string canonical = "POST\n/\n\nhost:" + std::string(request.header("Host")) +
                                      "\nx-amz-date:" + at +
                                      "\nx-amz-target:" + std::string(request.header("X-Amz-Target")) +
                                      "\n\nhost;x-amz-date;x-amz-target\n" + sha256(request.body);
        const std::string to_sign = "AWS4-HMAC-SHA256\n" + at + "\n" + scope + "\n" + sha256(canonical);
        const auto signing = hmac(hmac(hmac(hmac("AWS4" + secret, day), "us-east-1"), "ecs"), "aws4_request");
        for (auto& [name, value] : request.headers) {
            if (name == "X-Amz-Date") value = at;
            if (name != "Authorization") continue;
            value = "AWS4-HMAC-SHA256 Credential=" + key + "/" + scope +
                    ", SignedHeaders=host;x-amz-date;x-amz-target, Signature=" + hex(hmac(signing, to_sign));
        }
        return request;
    }

    sim::SeededChance ids_{2};
    NoLogs logs_;
    sim::MetricStore metrics_;
    std::unique_ptr<Api> api_;
};

TEST_F(ApiTest, ServesAnOperation) {
    const auto reply = send(call("CreateCluster", R"({"clusterName":"a"})"));
    ASSERT_TRUE(reply->has_value());
    EXPECT_EQ((*reply)->status, 200);
    EXPECT_THAT((*reply)->body, HasSubstr(R"("clusterName":"a")"));
    EXPECT_THAT((*reply)->body, HasSubstr("arn:aws:iam::123456789012:root"));
    const auto count = send(call("DescribeClusters", "{}"));
    EXPECT_THAT((*count)->body, HasSubstr(R"("runningTasksCount":1)"));
    const auto elsewhere = send(call("DescribeClusters", "{}", "999999999999"));
    EXPECT_THAT((*elsewhere)->body, HasSubstr(R"("runningTasksCount":0)"));
}

TEST_F(ApiTest, AnAnswerMayBeWrittenOffTheStrand) {
    send(call("CreateCluster", R"({"clusterName":"a"})"));
    for (int i = 0; i < 2; ++i) {
        const auto reply = send(call("DescribeTasks", R"({"tasks":["a"]})"));
        EXPECT_EQ((*reply)->status, 200);
        EXPECT_EQ((*reply)->body, R"({"tasks":"123456789012/us-east-1/"})");
    }
    EXPECT_EQ((*send(call("DescribeTasks", R"({"tasks":["b"]})")))->status, 400);
}

TEST_F(ApiTest, RefusalsAreNamed) {
    const auto refused = send(call("CreateCluster", R"({"clusterName":"refused"})"));
    EXPECT_EQ((*refused)->status, 400);
    EXPECT_THAT((*refused)->body, HasSubstr("ClientException"));
    EXPECT_EQ((*send(call("CreateCluster", "{")))->status, 400);
    const auto unknown = send(call("MakeCoffee", "{}"));
    EXPECT_EQ((*unknown)->status, 400);
    EXPECT_THAT((*unknown)->body, HasSubstr("UnknownOperationException"));
    const auto unhandled = send(call("DeleteCluster", "{}"));
    EXPECT_GE((*unhandled)->status, 400);
    EXPECT_LT((*unhandled)->status, 502);
    EXPECT_THAT((*unhandled)->body, HasSubstr("DeleteCluster"));
}

TEST_F(ApiTest, NothingIsServedWithoutCredentials) {
    auto request = call("CreateCluster", R"({"clusterName":"a"})");
    std::erase_if(request.headers, [](const auto& header) { return header.first == "Authorization"; });
    const auto reply = send(request);
    EXPECT_EQ((*reply)->status, 400);
    EXPECT_THAT((*reply)->body, HasSubstr("MissingAuthenticationToken"));
    EXPECT_EQ(loop_->view().get<Boat>("a"), nullptr);
}

TEST_F(ApiTest, WhoeverAsksWhetherItIsThereIsTold) {
    for (const char* method : {"GET", "HEAD"})
        EXPECT_EQ((*send({method, "/", {{"Host", "127.0.0.1:4566"}}, ""}))->status, 200);
    EXPECT_EQ((*send({"GET", "/", {{"Host", "evil.example"}}, ""}))->status, 403);
    EXPECT_EQ((*send({"GET", "/?Action=DescribeVpcs", {{"Host", "127.0.0.1"}}, ""}))->status, 403);
}

TEST_F(ApiTest, OtherWebSitesAreKeptOut) {
    auto request = call("CreateCluster", R"({"clusterName":"a"})");
    request.headers.emplace_back("Origin", "https://evil.example");
    EXPECT_GE((*send(request))->status, 400);
    auto rebound = call("CreateCluster", R"({"clusterName":"a"})");
    rebound.headers[0].second = "evil.example";
    EXPECT_GE((*send(rebound))->status, 400);
    EXPECT_EQ(loop_->view().get<Boat>("a"), nullptr);
}

TEST_F(ApiTest, AWrongRegionMakesNoRecords) {
    auto request = call("CreateCluster", R"({"clusterName":"a"})");
    auto& authorization = request.headers[4].second;
    authorization.replace(authorization.find("us-east-1"), 9, "nowhere-x");
    EXPECT_GE((*send(request))->status, 400);
    EXPECT_TRUE(loop_->view().list<SeededRecord>().empty());
}

TEST_F(ApiTest, AnAnswerWaitsForTheFence) {
    store_.hold();
    const auto write = send(call("CreateCluster", R"({"clusterName":"a"})"));
    const auto refusal = send(call("CreateCluster", R"({"clusterName":"a"})"));
    const auto data = send(call("DescribeClusters", "{}"));
    clock_.advance(std::chrono::seconds(5));
    EXPECT_FALSE(write->has_value());
    EXPECT_FALSE(refusal->has_value());
    EXPECT_FALSE(data->has_value());
    store_.release();
    clock_.settle();
    EXPECT_EQ((*write)->status, 200);
    EXPECT_EQ((*refusal)->status, 400);
    EXPECT_EQ((*data)->status, 200);
}

TEST_F(ApiTest, StoreTroubleIsA5xx) {
    for (const auto fate : {sim::CommitFate::refused, sim::CommitFate::unknown_lost}) {
        store_.foretell(fate);
        const auto reply = send(call("CreateCluster", R"({"clusterName":"a"})"));
        EXPECT_GE((*reply)->status, 500);
        EXPECT_EQ(loop_->view().get<Boat>("a"), nullptr);
        clock_.advance(std::chrono::minutes(1));
    }
}

TEST_F(ApiTest, ARepeatedRequestGetsTheFirstSuccess) {
    const auto request = call("CreateCluster", R"({"clusterName":"a"})", "123456789012", "id-1");
    const auto first = send(request);
    const auto again = send(request);
    EXPECT_EQ((*again)->status, 200);
    EXPECT_EQ((*again)->body, (*first)->body);
    // Another invocation, caller or body is another request.
    EXPECT_EQ((*send(call("CreateCluster", R"({"clusterName":"a"})", "123456789012", "id-2")))->status, 400);
    EXPECT_EQ((*send(call("CreateCluster", R"({"clusterName":"a"})", "999999999999", "id-1")))->status, 400);
    EXPECT_EQ((*send(call("CreateCluster", R"({"clusterName":"b"})", "123456789012", "id-1")))->status, 200);
    clock_.advance(std::chrono::seconds(61));
    EXPECT_EQ((*send(request))->status, 400);
}

TEST_F(ApiTest, ARepeatedRequestJoinsTheOneInFlight) {
    store_.hold();
    const auto request = call("CreateCluster", R"({"clusterName":"a"})", "123456789012", "id-1");
    const auto first = send(request);
    const auto joined = send(request);
    EXPECT_FALSE(joined->has_value());
    store_.release();
    clock_.settle();
    EXPECT_EQ((*first)->status, 200);
    EXPECT_EQ((*joined)->body, (*first)->body);
}

TEST_F(ApiTest, AFailureIsNotRemembered) {
    store_.foretell(sim::CommitFate::refused);
    const auto request = call("CreateCluster", R"({"clusterName":"a"})", "123456789012", "id-1");
    EXPECT_GE((*send(request))->status, 500);
    clock_.advance(std::chrono::seconds(1));
    EXPECT_EQ((*send(request))->status, 200);
}

class SecuredApiTest : public ApiTest {
  protected:
    void SetUp() override {
        ApiTest::SetUp();
        ApiOptions options;
        options.secured = true;
        options.root = RootKey{"AKIAROOT", "root-secret", "111111111111"};
        open(std::move(options));
        (void)submit([](state::Txn& txn) -> Result<void> {
            iam::AccessKeyRecord key;
            key.id = "AKIAOFF";
            key.account = "111111111111";
            key.user = "nobody";
            key.secret = "secret";
            key.active = false;
            txn.put(key);
            return {};
        });
    }
    int status(const port::HttpRequest& request) { return (*send(request))->status; }
    const port::HttpRequest plain_ = call("CreateCluster", R"({"clusterName":"a"})");
};

TEST_F(SecuredApiTest, TheRootKeyIsServed) {
    const auto reply = send(sign(plain_, "AKIAROOT", "root-secret"));
    EXPECT_EQ((*reply)->status, 200) << (*reply)->body;
    EXPECT_THAT((*reply)->body, HasSubstr("arn:aws:iam::111111111111:root"));
    auto mixed = sign(plain_, "AKIAROOT", "root-secret");
    mixed.headers.emplace_back("X-Amz-Security-Token", "of another key");
    EXPECT_THAT((*send(mixed))->body, HasSubstr("UnrecognizedClientException"));
}

TEST_F(SecuredApiTest, NobodyElseIs) {
    EXPECT_GE(status(plain_), 400);
    EXPECT_GE(status(sign(plain_, "AKIAROOT", "wrong")), 400);
    EXPECT_GE(status(sign(plain_, "123456789012", "x")), 400);
    EXPECT_GE(status(sign(plain_, "AKIAOFF", "secret")), 400);
    auto tampered = sign(plain_, "AKIAROOT", "root-secret");
    tampered.body = R"({"clusterName":"b"})";
    EXPECT_GE(status(tampered), 400);
    const auto old = sign(plain_, "AKIAROOT", "root-secret");
    clock_.advance(std::chrono::minutes(16));
    EXPECT_GE(status(old), 400);
    EXPECT_TRUE(loop_->view().list<Boat>().empty());
}

TEST_F(SecuredApiTest, AForgedRetryGetsNoRememberedAnswer) {
    auto request = call("CreateCluster", R"({"clusterName":"a"})", "x", "id-1");
    EXPECT_EQ(status(sign(request, "AKIAROOT", "root-secret")), 200);
    EXPECT_GE(status(sign(request, "AKIAROOT", "wrong")), 400);
    // An honest retry is signed anew, later.
    clock_.advance(std::chrono::seconds(5));
    EXPECT_EQ(status(sign(request, "AKIAROOT", "root-secret")), 200);
}

TEST_F(SecuredApiTest, TheAdminPathsNeedTheToken) {
    const port::HttpRequest dump{"GET", "/_gantry/dump", {{"Host", "localhost"}}, {}};
    EXPECT_EQ(status(dump), 403);
    EXPECT_EQ(status({"GET", "/_gantry/health", {{"Host", "localhost"}}, {}}), 200);
    ApiOptions options;
    options.secured = true;
    options.admin_token = "token";
    open(std::move(options));
    EXPECT_EQ(status(dump), 403);
    EXPECT_EQ(
        status({"GET", "/_gantry/dump", {{"Host", "localhost"}, {"X-Gantry-Token", "token"}}, {}}), 200
    );
}

class AdminTest : public ApiTest {
  protected:
    Slot ask(const std::string& method, const std::string& path, const std::string& body = {}) {
        return send({method, path, {{"Host", "localhost:4566"}}, body});
    }
};

TEST_F(AdminTest, TellsItsState) {
    (void)send(call("CreateCluster", R"({"clusterName":"a"})"));
    EXPECT_THAT((*ask("GET", "/_gantry/health"))->body, HasSubstr("ok"));
    EXPECT_THAT((*ask("GET", "/_gantry/status"))->body, HasSubstr(R"("test.boat":1)"));
    EXPECT_THAT((*ask("GET", "/_gantry/dump?table=test.boat"))->body, HasSubstr(R"({"test.boat":{"a":{)"));
    EXPECT_EQ((*ask("GET", "/_gantry/dump?table=none"))->status, 404);
    EXPECT_EQ((*ask("GET", "/_gantry/none"))->status, 404);
    EXPECT_EQ((*ask("GET", "/_gantry/dump"))->status, 200);
}

TEST_F(AdminTest, TellsWhatTheStateExplains) {
    ApiOptions options;
    options.status = [] { return boost::json::object{{"tasks", {"one"}}}; };
    options.explain = [](const state::View& view) {
        return boost::json::object{{"boats", view.list<Boat>().size()}};
    };
    open(std::move(options));
    (void)send(call("CreateCluster", R"({"clusterName":"a"})"));
    const auto body = (*ask("GET", "/_gantry/status"))->body;
    EXPECT_THAT(body, HasSubstr(R"("boats":1)"));
    EXPECT_THAT(body, HasSubstr(R"("tasks":["one"])"));
}

TEST_F(AdminTest, BendsPolicyTime) {
    const auto before = loop_->policy_now();
    EXPECT_EQ((*ask("POST", "/_gantry/clock", R"({"advance_ms":600000})"))->status, 200);
    EXPECT_GE(loop_->policy_now() - before, std::chrono::minutes(10));
    EXPECT_THAT((*ask("POST", "/_gantry/clock", R"({"rate":60})"))->body, HasSubstr(R"("rate":6)"));
    for (const char* wrong :
         {"", "[]", "{}", R"({"rate":-1})", R"({"advance_ms":-5})", R"({"rate":"x"})",
          R"({"advance_ms":1,"rate":2})"})
        EXPECT_EQ((*ask("POST", "/_gantry/clock", wrong))->status, 400) << wrong;
}

TEST_F(AdminTest, PrometheusReadsWhatIsMeasured) {
    LatestMetrics latest;
    latest.add({{{"1", "r", "AWS/ECS", "CPUUtilization", {{"ServiceName", "web"}}},
                 {loop_->policy_now().ms / 60'000 * 60 - 60, 60, "Percent", metric::Values::of(40)}}});
    ApiOptions options;
    options.latest_metrics = &latest;
    open(std::move(options));
    (void)send(call("CreateCluster", R"({"clusterName":"a"})"));
    (void)send(call("CreateCluster", R"({"clusterName":"refused"})"));
    const auto answer = *ask("GET", "/metrics");
    EXPECT_EQ(answer->status, 200);
    EXPECT_EQ(answer->headers.at(0).second, "text/plain; version=0.0.4; charset=utf-8");
    for (const char* line :
         {"\naws_ecs_cpuutilization_average{account=\"1\",region=\"r\",service_name=\"web\"} 40\n",
          "\ngantry_records{table=\"test.boat\"} 1\n", "\ngantry_requests_total{service=\"ecs\",status=\"2xx\"} 1\n",
          "\ngantry_requests_total{service=\"ecs\",status=\"4xx\"} 1\n", "\ngantry_policy_clock_rate 1\n"})
        EXPECT_THAT(answer->body, HasSubstr(line));
    EXPECT_EQ((*ask("POST", "/metrics"))->status, 405);
    EXPECT_EQ((*ask("GET", "/metrics?x=1"))->status, 200);
    EXPECT_GE((*ask("GET", "/metricsx"))->status, 400);
    EXPECT_EQ((*send({"GET", "/metrics", {{"Host", "evil.example"}}, {}}))->status, 403);
}

TEST_F(SecuredApiTest, MetricsNeedTheirToken) {
    const auto ask = [&](const std::string& authorization) {
        port::HttpRequest request{"GET", "/metrics", {{"Host", "localhost"}}, {}};
        if (!authorization.empty()) request.headers.push_back({"Authorization", authorization});
        return status(request);
    };
    EXPECT_EQ(ask(""), 401);
    EXPECT_EQ(ask("Bearer "), 401) << "there is no token";
    ApiOptions options;
    options.secured = true;
    options.admin_token = "admin";
    options.metrics_token = "token";
    open(std::move(options));
    for (const char* wrong : {"", "Bearer", "Bearer ", "Bearer admin", "Bearer tokem", "Bearer token ", "token"})
        EXPECT_EQ(ask(wrong), 401) << wrong;
    EXPECT_EQ(ask("Bearer token"), 200);
}

TEST_F(AdminTest, IsForCallersOnTheSameMachine) {
    const port::HttpPeer far{"192.0.2.1", 1, "192.0.2.2", 4566, false};
    for (const char* path : {"/_gantry/status", "/_gantry/dump", "/_gantry/clock"})
        EXPECT_EQ((*send({"GET", path, {{"Host", "localhost"}}, {}}, far))->status, 403);
    EXPECT_EQ((*send({"GET", "/_gantry/health", {{"Host", "localhost"}}, {}}, far))->status, 200);
}

}  // namespace
}  // namespace gantry::control
