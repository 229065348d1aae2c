#include <gtest/gtest.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <thread>

#include "adapter/haproxy/box/origin.h"
#include "adapter/haproxy/proxy.h"

// A real HAProxy with servers on loopback, inside tests/box.sh.
namespace gantry::adapter::haproxy {
namespace {

using link::BalancerAction;
using link::BalancerCondition;

constexpr std::uint16_t kEntrance = 20'000;

class HaproxyBox : public ::testing::Test {
  protected:
    HaproxyBox() : proxy_(std::make_unique<Proxy>(options())) {}
    ~HaproxyBox() override { EXPECT_TRUE(proxy_->teardown().has_value()); }

    static Options options() {
        Options options;
        options.directory = (std::filesystem::temp_directory_path() / "gantry-haproxy-box").string();
        options.local_address = "127.0.0.1";
        return options;
    }

    static BalancerAction forward(std::vector<link::WeightedGroup> groups) {
        BalancerAction action;
        action.type = "forward";
        action.groups = std::move(groups);
        return action;
    }
    static BalancerAction fixed(int status, std::string body) {
        BalancerAction action;
        action.type = "fixed-response";
        action.status_code = status;
        action.content_type = "text/plain";
        action.body = std::move(body);
        return action;
    }
    static BalancerCondition condition(std::string field, std::vector<std::string> values) {
        BalancerCondition condition;
        condition.field = std::move(field);
        condition.values = std::move(values);
        return condition;
    }
    static port::HttpPool pool(std::string group, std::vector<port::HttpServer> servers) {
        return {std::move(group), "HTTP", "HTTP1", {}, std::move(servers)};
    }
    // One balancer with one HTTP listener on port 80.
    static port::HttpBalancerState state(BalancerAction action, std::vector<port::HttpPool> pools) {
        link::LoadBalancer balancer;
        balancer.id = "1/r/front";
        balancer.type = "application";
        balancer.addresses = {{"a", "eni-1", "127.0.0.9"}};
        link::BalancerListener listener;
        listener.id = "http";
        listener.protocol = "HTTP";
        listener.port = 80;
        listener.default_action = std::move(action);
        balancer.listeners = {listener};
        return {{balancer}, std::move(pools)};
    }

    void apply(port::HttpBalancerState wanted) {
        const auto done = proxy_->apply(std::move(wanted));
        ASSERT_TRUE(done.has_value()) << done.error().message;
        ASSERT_FALSE(done->empty());
        EXPECT_EQ(done->front().local_port, kEntrance);
    }
    static Answer get(const std::string& target, const std::string& headers = {}) {
        return Client(kEntrance).ask(target, headers);
    }
    static std::string name_in(const Answer& answer) { return answer.body.substr(0, answer.body.find('\n')); }
    static std::string process_number() {
        Options here = options();
        const auto info = Process(here).tell("show info");
        return info ? info->substr(info->find("\nPid: "), 16) : "";
    }

    // Of the first server, as soon as there are any; at most five seconds.
    std::uint64_t open_sessions() {
        auto used = proxy_->use();
        for (int i = 0; i < 500 && used && used->at(0).open_sessions == 0; ++i) {
            std::this_thread::sleep_for(std::chrono::milliseconds(10));
            used = proxy_->use();
        }
        EXPECT_TRUE(used.has_value()) << used.error().message;
        return used ? used->at(0).open_sessions : 0;
    }

    std::unique_ptr<Proxy> proxy_;
};

TEST_F(HaproxyBox, ForwardsWithAwsHeaders) {
    Origin blue("blue", 7001);
    apply(state(forward({{"tg", 1}}), {pool("tg", {{"127.0.0.1", 7001}})}));
    const auto answer = get("/path?x=1", "X-Forwarded-For: 192.0.2.1\r\n");
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(name_in(answer), "blue");
    EXPECT_NE(answer.body.find("x-forwarded-for: 192.0.2.1, 127.0.0.1\r\n"), std::string::npos)
        << answer.body;
    EXPECT_NE(answer.body.find("x-forwarded-proto: http\r\n"), std::string::npos);
    EXPECT_NE(answer.body.find("x-forwarded-port: 80\r\n"), std::string::npos);
    const auto trace = answer.body.find("x-amzn-trace-id: Root=1-");
    ASSERT_NE(trace, std::string::npos) << answer.body;
    const auto id = answer.body.substr(trace + 24, answer.body.find("\r\n", trace) - trace - 24);
    EXPECT_EQ(id.size(), 8 + 1 + 24u) << id;
    const auto traced = get("/", "X-Amzn-Trace-Id: Root=1-5f84c7a9-0123\r\n");
    EXPECT_NE(traced.body.find(";Root=1-5f84c7a9-0123\r\n"), std::string::npos) << traced.body;
    EXPECT_NE(traced.body.find("x-amzn-trace-id: Self=1-"), std::string::npos);
}

TEST_F(HaproxyBox, NoServerIsAnsweredAsAwsDoes) {
    apply(state(forward({{"tg", 1}}), {pool("tg", {})}));
    const auto answer = get("/");
    EXPECT_EQ(answer.status, 503);
    EXPECT_EQ(answer.header("Server"), "awselb/2.0");
    EXPECT_NE(answer.body.find("503 Service Temporarily Unavailable"), std::string::npos);
}

TEST_F(HaproxyBox, ConditionsAreAndedAndTheirValuesOred) {
    auto wanted = state(fixed(404, "none"), {});
    auto& rules = wanted.balancers[0].listeners[0].rules;
    rules.push_back(
        {10,
         {condition("path-pattern", {"/api/*", "/v?/x"}), condition("http-request-method", {"GET"})},
         fixed(200, "path")}
    );
    rules.push_back({20, {condition("host-header", {"*.Example.org", "it's.example"})}, fixed(200, "host")});
    BalancerCondition header = condition("http-header", {"*bot*"});
    header.header = "User-Agent";
    rules.push_back({30, {header}, fixed(200, "header")});
    BalancerCondition query;
    query.field = "query-string";
    query.query = {{"version", "v*"}, {"", "naked"}};
    rules.push_back({40, {query}, fixed(200, "query")});
    rules.push_back({50, {condition("source-ip", {"10.0.0.0/8"})}, fixed(200, "source")});
    rules.push_back(
        {60,
         {condition("source-ip", {"127.0.0.0/8"}), condition("path-pattern", {"/here"})},
         fixed(200, "here")}
    );
    apply(wanted);
    EXPECT_EQ(get("/api/a/b?q").body, "path");
    EXPECT_EQ(get("/v1/x").body, "path");
    EXPECT_EQ(get("/v12/x").body, "none");
    EXPECT_EQ(get("/API/a").body, "none");
    Client poster(kEntrance);
    poster.send("POST", "/api/a", "Content-Length: 0\r\n");
    EXPECT_EQ(poster.receive().body, "none");
    EXPECT_EQ(get("/", "Host: WWW.example.ORG:80\r\n").body, "host");
    EXPECT_EQ(get("/", "Host: it's.example\r\n").body, "host");
    EXPECT_EQ(get("/", "Host: example.org\r\n").body, "none");
    EXPECT_EQ(get("/", "User-Agent: GoogleBot/2\r\n").body, "header");
    EXPECT_EQ(get("/?a=b&version=V2").body, "query");
    EXPECT_EQ(get("/?naked").body, "query");
    EXPECT_EQ(get("/?x=naked").body, "query");
    EXPECT_EQ(get("/?conversion=v2").body, "none");
    EXPECT_EQ(get("/here").body, "here");
    EXPECT_EQ(get("/x").status, 404);
    EXPECT_EQ(get("/x").header("Content-Type"), "text/plain");
}

TEST_F(HaproxyBox, RedirectFillsPlaceholders) {
    BalancerAction action;
    action.type = "redirect";
    action.protocol = "HTTPS";
    action.host = "#{host}";
    action.port = "443";
    action.path = "/new/#{path}";
    action.query = "#{query}";
    action.status_code = 302;
    apply(state(action, {}));
    const auto answer = get("/a/b?c=d%20e");
    EXPECT_EQ(answer.status, 302);
    EXPECT_EQ(answer.header("Location"), "https://www.example.com:443/new/a/b?c=d%20e");
    EXPECT_EQ(get("/").header("Location"), "https://www.example.com:443/new/");
}

TEST_F(HaproxyBox, UserTextsCannotBecomeConfiguration) {
    auto wanted = state(fixed(200, "100 % of 'it'\n}\n%[src]"), {});
    wanted.balancers[0].listeners[0].rules.push_back(
        {1, {condition("path-pattern", {"/'\" }\n    server evil 127.0.0.1:1*"})}, fixed(200, "odd")}
    );
    apply(wanted);
    EXPECT_EQ(get("/").body, "100 % of 'it'\n}\n%[src]");
}

TEST_F(HaproxyBox, TargetsAndWeightsChangeWithoutReload) {
    Origin blue("blue", 7001), green("green", 7002);
    const auto weighted = [&](int of_blue, int of_green) {
        return state(
            forward({{"b", of_blue}, {"g", of_green}}),
            {pool("b", {{"127.0.0.1", 7001}}), pool("g", {{"127.0.0.1", 7002}})}
        );
    };
    apply(weighted(1, 0));
    const auto process = process_number();
    std::map<std::string, int> seen;
    for (int i = 0; i < 50; ++i) ++seen[name_in(get("/"))];
    EXPECT_EQ(seen, (std::map<std::string, int>{{"blue", 50}}));
    apply(weighted(1, 3));
    seen.clear();
    for (int i = 0; i < 400; ++i) ++seen[name_in(get("/"))];
    EXPECT_GT(seen["blue"], 50);
    EXPECT_LT(seen["blue"], 160);
    EXPECT_EQ(seen["blue"] + seen["green"], 400);
    auto moved = weighted(0, 1);
    moved.pools[1].servers = {{"127.0.0.1", 7001}};
    apply(moved);
    for (int i = 0; i < 20; ++i) EXPECT_EQ(name_in(get("/")), "blue");
    apply(weighted(0, 0));
    EXPECT_EQ(get("/").status, 503);
    EXPECT_EQ(process_number(), process);
}

TEST_F(HaproxyBox, DrainingServerFinishesItsRequests) {
    Origin blue("blue", 7001), green("green", 7002);
    auto wanted = state(forward({{"tg", 1}}), {pool("tg", {{"127.0.0.1", 7001}})});
    apply(wanted);
    Client slow(kEntrance);
    slow.send("GET", "/slow");
    ASSERT_EQ(open_sessions(), 1u);
    wanted.pools[0].servers = {{"127.0.0.1", 7001, true}, {"127.0.0.1", 7002}};
    apply(wanted);
    for (int i = 0; i < 20; ++i) EXPECT_EQ(name_in(get("/")), "green");
    EXPECT_EQ(proxy_->use()->at(0).open_sessions, 1u);
    blue.release();
    EXPECT_EQ(name_in(slow.receive()), "blue");
    EXPECT_EQ(name_in(slow.ask("/")), "green");
    EXPECT_EQ(proxy_->use()->at(0).open_sessions, 0u);
}

TEST_F(HaproxyBox, DeadServerHoldsNobody) {
    Origin blue("blue", 7001);
    apply(state(forward({{"tg", 1}}), {pool("tg", {{"127.0.0.1", 7001}})}));
    Client slow(kEntrance);
    slow.send("GET", "/slow");
    ASSERT_EQ(open_sessions(), 1u);
    ASSERT_TRUE(proxy_->shut("tg", "127.0.0.1", 7001).has_value());
    EXPECT_EQ(slow.receive().status, 502);
    EXPECT_EQ(get("/").status, 503);
}

// On a kept connection too: the client hears what AWS says, or of another target's answer.
TEST_F(HaproxyBox, ATargetThatDiesUnderAKeptConnection) {
    Origin dying("dying", 7001);
    auto wanted = state(forward({{"tg", 1}}), {pool("tg", {{"127.0.0.1", 7001}})});
    apply(wanted);
    Client kept(kEntrance);
    for (const char* method : {"GET", "POST", "PUT", "DELETE"}) {
        if (kept.closed()) kept = Client(kEntrance);
        ASSERT_EQ(kept.ask("/").status, 200) << method;
        kept.send(method, "/die", "Content-Length: 0\r\n");
        EXPECT_EQ(kept.receive().status, 502) << method;
    }
    Origin sound("sound", 7002);
    wanted.pools[0].servers.push_back({"127.0.0.1", 7002});
    apply(wanted);
    Client other(kEntrance);
    for (int i = 0; i < 6; ++i) {
        // Only "dying" does.
        other.send("GET", "/once-die", "");
        EXPECT_EQ(other.receive().status, 200) << i;
    }
    other.send("POST", "/post", "Content-Length: 0\r\n");
    const auto answer = other.receive();
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.body.find("gantry"), std::string::npos) << answer.body;
    EXPECT_EQ(answer.body.find("x-forwarded-for"), answer.body.rfind("x-forwarded-for")) << answer.body;
}

TEST_F(HaproxyBox, StickinessHoldsAClient) {
    Origin blue("blue", 7001), green("green", 7002);
    auto wanted = state(forward({{"tg", 1}}), {pool("tg", {{"127.0.0.1", 7001}, {"127.0.0.1", 7002}})});
    wanted.pools[0].attributes = {
        {"stickiness.enabled", "true"},
        {"stickiness.type", "lb_cookie"},
        {"stickiness.lb_cookie.duration_seconds", "60"}
    };
    apply(wanted);
    const auto first = get("/");
    const auto cookie = first.header("Set-Cookie");
    ASSERT_TRUE(cookie.starts_with("AWSALB=")) << first.head;
    const auto sent = "Cookie: " + cookie.substr(0, cookie.find(';')) + "\r\n";
    for (int i = 0; i < 10; ++i) EXPECT_EQ(name_in(get("/", sent)), name_in(first));
}

TEST_F(HaproxyBox, GroupStickinessHoldsAClient) {
    Origin blue("blue", 7001), green("green", 7002);
    auto action = forward({{"b", 1}, {"g", 1}});
    action.stickiness_seconds = 60;
    apply(state(action, {pool("b", {{"127.0.0.1", 7001}}), pool("g", {{"127.0.0.1", 7002}})}));
    const auto first = get("/");
    const auto cookie = first.header("Set-Cookie");
    ASSERT_TRUE(cookie.starts_with("AWSALBTG=")) << first.head;
    const auto sent = "Cookie: " + cookie.substr(0, cookie.find(';')) + "\r\n";
    for (int i = 0; i < 20; ++i) EXPECT_EQ(name_in(get("/", sent)), name_in(first));
}

TEST_F(HaproxyBox, WebSocketsPassAndOutliveAReload) {
    Origin blue("blue", 7001);
    auto wanted = state(forward({{"tg", 1}}), {pool("tg", {{"127.0.0.1", 7001}})});
    apply(wanted);
    Client socket(kEntrance);
    socket.send(
        "GET", "/chat",
        "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: "
        "dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
    );
    EXPECT_EQ(socket.receive().status, 101);
    socket.send_bytes("hello");
    EXPECT_EQ(socket.receive_bytes(5), "hello");
    wanted.balancers[0].listeners[0].rules.push_back({1, {condition("path-pattern", {"/x"})}, fixed(200, "x")}
    );
    apply(wanted);
    EXPECT_EQ(get("/x").body, "x");
    socket.send_bytes("still");
    EXPECT_EQ(socket.receive_bytes(5), "still");
}

TEST_F(HaproxyBox, ALongerIdleTimeIsGranted) {
    Origin blue("blue", 7001);
    auto wanted = state(forward({{"tg", 1}}), {pool("tg", {{"127.0.0.1", 7001}})});
    wanted.balancers[0].attributes["idle_timeout.timeout_seconds"] = "1";
    apply(wanted);
    Client slow(kEntrance);
    slow.send("GET", "/slow");
    EXPECT_EQ(slow.receive().status, 504);
}

TEST_F(HaproxyBox, EveryAlgorithmServes) {
    Origin blue("blue", 7001);
    for (const char* name : {"round_robin", "least_outstanding_requests", "weighted_random"}) {
        auto wanted = state(forward({{"tg", 1}}), {pool("tg", {{"127.0.0.1", 7001}})});
        wanted.pools[0].attributes = {
            {"load_balancing.algorithm.type", name}, {"slow_start.duration_seconds", "30"}
        };
        apply(wanted);
        EXPECT_EQ(get("/").status, 200) << name;
    }
}

TEST_F(HaproxyBox, AppCookieHoldsAClient) {
    Origin blue("blue", 7001), green("green", 7002);
    auto wanted = state(forward({{"tg", 1}}), {pool("tg", {{"127.0.0.1", 7001}, {"127.0.0.1", 7002}})});
    wanted.pools[0].attributes = {
        {"stickiness.enabled", "true"},
        {"stickiness.type", "app_cookie"},
        {"stickiness.app_cookie.cookie_name", "session"},
        {"stickiness.app_cookie.duration_seconds", "60"}
    };
    apply(wanted);
    const auto first = name_in(get("/", "Cookie: session=abc\r\n"));
    for (int i = 0; i < 10; ++i) EXPECT_EQ(name_in(get("/", "Cookie: session=abc\r\n")), first);
}

// What curl says of a request over TLS: "STATUS VERSION BODY".
std::string curl(const std::string& host, const std::string& options) {
    const std::string command =
        "curl -sk --max-time 10 --noproxy '*' --resolve " + host + ":20000:127.0.0.1 " + options +
        " -w ' %{http_code} %{http_version} %{ssl_verify_result}' https://" + host + ":20000/";
    std::string out;
    FILE* pipe = ::popen(command.c_str(), "r");
    char chunk[4096];
    while (const auto n = std::fread(chunk, 1, sizeof chunk, pipe)) out.append(chunk, n);
    ::pclose(pipe);
    return out;
}

link::BalancerCertificate certificate_for(const std::string& name) {
    const auto folder = std::filesystem::temp_directory_path() / "gantry-haproxy-box-pem";
    std::filesystem::create_directories(folder);
    const auto base = (folder / name).string();
    const std::string command =
        "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=" +
        name + " -addext subjectAltName=DNS:" + name + " -keyout " + base + ".key -out " + base +
        ".pem 2>/dev/null";
    EXPECT_EQ(std::system(command.c_str()), 0);
    const auto read = [](const std::string& path) {
        std::ifstream file(path);
        return std::string((std::istreambuf_iterator<char>(file)), {});
    };
    return {"arn:" + name, read(base + ".pem"), "", read(base + ".key")};
}

TEST_F(HaproxyBox, TlsWithServerNamesAndHttp2) {
    Origin blue("blue", 7001);
    auto wanted = state(forward({{"tg", 1}}), {pool("tg", {{"127.0.0.1", 7001}})});
    auto& listener = wanted.balancers[0].listeners[0];
    listener.protocol = "HTTPS";
    listener.port = 443;
    listener.ssl_policy = "ELBSecurityPolicy-TLS13-1-2-2021-06";
    listener.certificates = {certificate_for("one.example"), certificate_for("two.example")};
    apply(wanted);
    const auto folder = (std::filesystem::temp_directory_path() / "gantry-haproxy-box-pem").string();
    const auto trusted = [&](const std::string& name) {
        // Not -k: the right certificate must be shown for the name.
        const std::string command = "curl -s --max-time 10 --noproxy '*' --cacert " + folder + "/" + name +
                                    ".pem --resolve " + name + ":20000:127.0.0.1 -o /dev/null https://" +
                                    name + ":20000/";
        return std::system(command.c_str());
    };
    EXPECT_EQ(trusted("one.example"), 0);
    EXPECT_EQ(trusted("two.example"), 0);
    const auto second = curl("two.example", "--http2");
    EXPECT_NE(second.find(" 200 2 "), std::string::npos) << second;
    EXPECT_NE(second.find("x-forwarded-proto: https"), std::string::npos) << second;
    EXPECT_NE(curl("one.example", "--http1.1").find(" 200 1.1 "), std::string::npos);
    // The policy does not let TLS 1.1 in.
    EXPECT_NE(curl("one.example", "--tls-max 1.1").find(" 000 "), std::string::npos);
    std::filesystem::remove_all(folder);
}

TEST_F(HaproxyBox, ReloadsUnderLoadLoseNothing) {
    Origin blue("blue", 7001);
    auto wanted = state(forward({{"tg", 1}}), {pool("tg", {{"127.0.0.1", 7001}})});
    apply(wanted);
    std::atomic<bool> stop = false;
    std::atomic<int> good = 0, bad = 0;
    std::vector<std::thread> clients;
    for (int i = 0; i < 4; ++i) {
        clients.emplace_back([&, keep_alive = i % 2 == 0] {
            auto client = std::make_unique<Client>(kEntrance);
            while (!stop) {
                if (!keep_alive) client = std::make_unique<Client>(kEntrance);
                const auto answer = client->ask("/");
                (answer.status == 200 ? good : bad) += 1;
                // An answer that says so ends the connection, as any client does.
                if (answer.header("Connection") == "close" || answer.status == 0) {
                    client = std::make_unique<Client>(kEntrance);
                }
            }
        });
    }
    for (int i = 1; i <= 5; ++i) {
        wanted.balancers[0].listeners[0].rules.push_back(
            {i, {condition("path-pattern", {"/" + std::to_string(i)})}, fixed(200, std::to_string(i))}
        );
        const int before = good;
        apply(wanted);
        while (good < before + 50) std::this_thread::yield();
        EXPECT_EQ(get("/" + std::to_string(i)).body, std::to_string(i));
    }
    stop = true;
    for (auto& client : clients) client.join();
    EXPECT_EQ(bad, 0);
    EXPECT_GT(good, 200);
}

TEST_F(HaproxyBox, OutlivesGantryAndIsAdopted) {
    Origin blue("blue", 7001);
    const auto wanted = state(forward({{"tg", 1}}), {pool("tg", {{"127.0.0.1", 7001}})});
    apply(wanted);
    const auto process = process_number();
    Client kept(kEntrance);
    EXPECT_EQ(kept.ask("/").status, 200);
    proxy_ = std::make_unique<Proxy>(options());
    EXPECT_EQ(kept.ask("/").status, 200);
    apply(wanted);
    EXPECT_EQ(process_number(), process);
    EXPECT_EQ(kept.ask("/").status, 200);
}

TEST_F(HaproxyBox, ADeadProxyIsStartedAgain) {
    Origin blue("blue", 7001);
    const auto wanted = state(forward({{"tg", 1}}), {pool("tg", {{"127.0.0.1", 7001}})});
    apply(wanted);
    ASSERT_TRUE(Process(options()).stop().has_value());
    EXPECT_FALSE(Client(kEntrance).connected());
    apply(wanted);
    EXPECT_EQ(get("/").status, 200);
}

TEST_F(HaproxyBox, WithoutBalancersNothingIsLeft) {
    apply(state(fixed(200, "x"), {}));
    const auto done = proxy_->apply({});
    ASSERT_TRUE(done.has_value());
    EXPECT_TRUE(done->empty());
    EXPECT_FALSE(Client(kEntrance).connected());
    EXPECT_FALSE(std::filesystem::exists(options().directory));
}

}  // namespace
}  // namespace gantry::adapter::haproxy
