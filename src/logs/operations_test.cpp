// The operations over a database and a pretend store, as a client would call them.
#include <gtest/gtest.h>

#include <cstdlib>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include "dispatch/logs_handlers.h"
#include "logs/find.h"
#include "logs/records.h"
#include "logs/removal.h"
#include "logs/sink.h"
#include "logs/sweep.h"
#include "sim/log_store.h"
#include "sim/seeded_chance.h"
#include "state/txn.h"

namespace gantry::logs {
namespace {

using namespace shapes::logs;

constexpr std::int64_t kNow = 1'700'000'000'000;
constexpr std::int64_t kDay = 86'400'000;

class OperationsTest : public testing::Test, public DataContext {
  protected:
    OperationsTest() {
        declare(schema);
        caller.account = "123456789012";
        caller.region = "eu-west-1";
    }

    Awaitable<Result<void>> transact_erased(std::function<Result<void>(state::Txn&)> fn) override {
        state::Txn txn(database(), turn);
        auto done = fn(txn);
        if (done)
            txn.finish();
        else
            txn.undo();
        co_return done;
    }
    PolicyInstant now() const override { return turn.now; }
    RealInstant real_now() const override { return turn.real_now; }
    port::LogStore& log_store() override { return store; }
    port::MetricStore& metric_store() override { std::abort(); }

    state::Database& database() {
        if (!data) data.emplace(schema);
        return *data;
    }
    template <class T>
    Result<T> wait(Awaitable<Result<T>> reply) {
        boost::asio::io_context context;
        std::optional<Result<T>> result;
        boost::asio::co_spawn(context, std::move(reply), [&](std::exception_ptr, Result<T> r) {
            result = std::move(r);
        });
        context.run();
        return std::move(*result);
    }
    template <class Request, class Handler>
    auto run(Handler handler, const Request& request) {
        state::Txn txn(database(), turn);
        auto done = handler(txn, request, caller);
        if (done)
            txn.finish();
        else
            txn.undo();
        return done;
    }
    void make(const std::string& group, const std::string& stream) {
        (void)run(create_log_group, CreateLogGroupRequest{group});
        ASSERT_TRUE(run(create_log_stream, CreateLogStreamRequest{group, stream}).has_value());
    }
    void put(const std::string& stream, std::int64_t ms, const std::string& message) {
        PutLogEventsRequest request{"g", stream, {{ms, message}}};
        ASSERT_TRUE(wait(put_log_events(*this, request, caller)).has_value());
    }
    std::string get(GetLogEventsRequest request, GetLogEventsResponse* whole = nullptr) {
        request.log_group_name = "g";
        auto response = wait(get_log_events(*this, request, caller));
        if (!response) return response.error().code;
        std::string all;
        for (const auto& event : *response->events) all += *event.message + " ";
        if (whole != nullptr) *whole = *response;
        return all;
    }

    state::Schema schema;
    std::optional<state::Database> data;
    sim::SeededChance chance{1};
    state::Turn turn{{kNow}, {kNow}, chance};
    sim::LogStore store;
    Caller caller;
};

TEST_F(OperationsTest, GroupsAndTheirRefusals) {
    CreateLogGroupRequest create{"/ecs/app"};
    create.tags.emplace()["team"] = "a";
    ASSERT_TRUE(run(create_log_group, create).has_value());
    EXPECT_EQ(
        run(create_log_group, CreateLogGroupRequest{"aws/x"}).error().message,
        "Log groups starting with AWS/ are reserved for AWS."
    );
    const auto again = run(create_log_group, create);
    ASSERT_FALSE(again.has_value());
    EXPECT_EQ(
        again.error(),
        (Error{Errc::refused, "ResourceAlreadyExistsException", "The specified log group already exists"})
    );
    EXPECT_EQ(
        run(delete_log_group, DeleteLogGroupRequest{"none"}).error(),
        (Error{Errc::refused, "ResourceNotFoundException", "The specified log group does not exist."})
    );
    CreateLogGroupRequest encrypted{"x"};
    encrypted.kms_key_id = "arn:aws:kms:eu-west-1:123456789012:key/1";
    EXPECT_FALSE(run(create_log_group, encrypted).has_value());
    EXPECT_FALSE(run(put_retention_policy, PutRetentionPolicyRequest{"/ecs/app", 2}).has_value());
    ASSERT_TRUE(run(put_retention_policy, PutRetentionPolicyRequest{"/ecs/app", 7}).has_value());
    ASSERT_TRUE(run(create_log_group, CreateLogGroupRequest{"/ecs/app2"}).has_value());

    DescribeLogGroupsRequest describe;
    describe.log_group_name_prefix = "/ecs/app";
    describe.limit = 1;
    auto page = wait(describe_log_groups(*this, describe, caller)).value();
    ASSERT_EQ(page.log_groups->size(), 1u);
    EXPECT_EQ(page.log_groups->at(0).arn, "arn:aws:logs:eu-west-1:123456789012:log-group:/ecs/app:*");
    EXPECT_EQ(page.log_groups->at(0).retention_in_days, 7);
    ASSERT_TRUE(page.next_token.has_value());
    describe.next_token = page.next_token;
    page = wait(describe_log_groups(*this, describe, caller)).value();
    EXPECT_EQ(page.log_groups->at(0).log_group_name, "/ecs/app2");
    EXPECT_FALSE(page.next_token.has_value());

    const ListTagsForResourceRequest tags{"arn:aws:logs:eu-west-1:123456789012:log-group:/ecs/app"};
    EXPECT_EQ(run(list_tags_for_resource, tags)->tags->at("team"), "a");
}

TEST_F(OperationsTest, PagesThroughAStreamWithTokensThatStandStillAtTheEnd) {
    make("g", "s");
    GetLogEventsResponse page;
    GetLogEventsRequest request;
    request.log_stream_name = "s";
    EXPECT_EQ(get(request, &page), "");
    request.next_token = page.next_forward_token;
    for (int i = 0; i < 5; ++i) put("s", kNow + i, std::to_string(i));
    EXPECT_EQ(get(request, &page), "0 1 2 3 4 ");
    const auto end = page.next_forward_token;
    request.next_token = end;
    EXPECT_EQ(get(request, &page), "");
    EXPECT_EQ(page.next_forward_token, end);
    request.next_token = page.next_backward_token;
    request.limit = 2;
    EXPECT_EQ(get(request, &page), "3 4 ");
    request.next_token = page.next_backward_token;
    EXPECT_EQ(get(request, &page), "1 2 ");
    request.next_token = page.next_backward_token;
    EXPECT_EQ(get(request, &page), "0 ");
    request.next_token = page.next_backward_token;
    const auto begin = request.next_token;
    EXPECT_EQ(get(request, &page), "");
    EXPECT_EQ(page.next_backward_token, begin);
    request.next_token = page.next_forward_token;
    EXPECT_EQ(get(request, &page), "0 1 ");
    request.next_token = "nonsense";
    EXPECT_EQ(get(request), "InvalidParameterException");
    GetLogEventsRequest latest;
    latest.log_stream_name = "s";
    latest.limit = 2;
    EXPECT_EQ(get(latest), "3 4 ");
}

TEST_F(OperationsTest, FiltersAcrossStreamsWithStableIds) {
    make("g", "a/1");
    make("g", "b/1");
    for (int i = 0; i < 6; ++i) put(i % 2 ? "b/1" : "a/1", kNow + i, i % 3 ? "INFO x" : "ERROR x");
    FilterLogEventsRequest request;
    request.log_group_name = "g";
    request.filter_pattern = "ERROR";
    auto found = wait(filter_log_events(*this, request, caller)).value();
    ASSERT_EQ(found.events->size(), 2u);
    EXPECT_EQ(found.events->at(1).log_stream_name, "b/1");
    const auto id = found.events->at(1).event_id;
    request.log_group_name.reset();
    request.log_group_identifier = "arn:aws:logs:eu-west-1:123456789012:log-group:g";
    request.log_stream_name_prefix = "b/";
    found = wait(filter_log_events(*this, request, caller)).value();
    ASSERT_EQ(found.events->size(), 1u);
    EXPECT_EQ(found.events->at(0).event_id, id);
    request.filter_pattern = "{";
    EXPECT_EQ(wait(filter_log_events(*this, request, caller)).error().code, "InvalidParameterException");
    FilterLogEventsRequest paged;
    paged.log_group_name = "g";
    paged.limit = 4;
    found = wait(filter_log_events(*this, paged, caller)).value();
    EXPECT_EQ(found.events->size(), 4u);
    paged.next_token = found.next_token;
    found = wait(filter_log_events(*this, paged, caller)).value();
    EXPECT_EQ(found.events->size(), 2u);
    EXPECT_FALSE(found.next_token.has_value());
}

TEST_F(OperationsTest, DeletionHidesAtOnceAndSweepsLater) {
    make("g", "s");
    make("g", "t");
    put("s", kNow, "old");
    put("t", kNow, "other");
    ASSERT_TRUE(run(delete_log_stream, DeleteLogStreamRequest{"g", "s"}).has_value());
    FilterLogEventsRequest all;
    all.log_group_name = "g";
    EXPECT_EQ(wait(filter_log_events(*this, all, caller))->events->size(), 1u);
    ASSERT_TRUE(run(create_log_stream, CreateLogStreamRequest{"g", "s"}).has_value());
    GetLogEventsRequest read;
    read.log_stream_name = "s";
    EXPECT_EQ(get(read), "");
    ASSERT_TRUE(wait(sweep(*this)).has_value());
    for (int i = 0; i < 150; ++i)
        ASSERT_TRUE(run(create_log_stream, CreateLogStreamRequest{"g", std::to_string(i)}).has_value());
    ASSERT_TRUE(run(delete_log_group, DeleteLogGroupRequest{"g"}).has_value());
    ASSERT_TRUE(wait(sweep(*this)).has_value());
    const RemovalController controller;
    std::vector<std::string> keys;
    controller.all(state::View(database()), [&](std::string key) { keys.push_back(std::move(key)); });
    ASSERT_EQ(keys.size(), 1u);
    for (int step = 0; step < 2; ++step) {
        state::Txn txn(database(), turn);
        txn.apply(controller.reconcile(txn, keys[0], turn));
        txn.finish();
    }
    EXPECT_TRUE(controller.reconcile(state::View(database()), keys[0], turn).actions().empty());
    ASSERT_TRUE(wait(sweep(*this)).has_value());
    EXPECT_TRUE(state::View(database()).list<LogStreamRecord>().empty());
    EXPECT_TRUE(state::View(database()).list<LogRemovalRecord>().empty());
}

TEST_F(OperationsTest, RetentionFollowsPolicyTime) {
    make("g", "s");
    put("s", kNow, "x");
    ASSERT_TRUE(run(put_retention_policy, PutRetentionPolicyRequest{"g", 1}).has_value());
    GetLogEventsRequest read;
    read.log_stream_name = "s";
    EXPECT_EQ(get(read), "x ");
    turn.now = turn.now + Duration{2 * kDay};
    EXPECT_EQ(get(read), "");
    ASSERT_TRUE(wait(sweep(*this)).has_value());
    ASSERT_TRUE(run(delete_retention_policy, DeleteRetentionPolicyRequest{"g"}).has_value());
    EXPECT_EQ(get(read), "");
}

TEST_F(OperationsTest, DescribesStreamsByLastEvent) {
    make("g", "a");
    make("g", "b");
    make("g", "c");
    put("b", kNow + 5, "x");
    put("a", kNow + 9, "x");
    DescribeLogStreamsRequest request;
    request.log_group_name = "g";
    request.order_by = "LastEventTime";
    request.descending = true;
    request.limit = 2;
    auto page = wait(describe_log_streams(*this, request, caller)).value();
    ASSERT_EQ(page.log_streams->size(), 2u);
    EXPECT_EQ(page.log_streams->at(0).log_stream_name, "a");
    EXPECT_EQ(page.log_streams->at(0).last_event_timestamp, kNow + 9);
    EXPECT_EQ(page.log_streams->at(1).log_stream_name, "b");
    request.next_token = page.next_token;
    page = wait(describe_log_streams(*this, request, caller)).value();
    ASSERT_EQ(page.log_streams->size(), 1u);
    EXPECT_EQ(page.log_streams->at(0).log_stream_name, "c");
    EXPECT_FALSE(page.log_streams->at(0).last_event_timestamp.has_value());
    request.log_stream_name_prefix = "a";
    EXPECT_FALSE(wait(describe_log_streams(*this, request, caller)).has_value());
}

TEST_F(OperationsTest, TheSinkTakesEachLineOnce) {
    Sink sink(*this);
    const port::LogStreamName name{"123456789012", "eu-west-1", "g", "ecs/web/1"};
    const auto refused = wait(sink.ensure_stream(name, false));
    ASSERT_FALSE(refused.has_value());
    EXPECT_EQ(refused.error().code, "ResourceNotFoundException");
    ASSERT_TRUE(wait(sink.ensure_stream(name, true)).has_value());
    ASSERT_TRUE(wait(sink.ensure_stream(name, false)).has_value());
    EXPECT_TRUE(wait(sink.put(name, {{kNow, "hello"}}, {{"c/stdout", 0, 6}}))->stored);
    EXPECT_FALSE(wait(sink.put(name, {{kNow, "hello"}}, {{"c/stdout", 0, 6}}))->stored);
    EXPECT_EQ(wait(sink.position("c/stdout")).value(), 6u);
    GetLogEventsRequest read;
    read.log_stream_name = "ecs/web/1";
    EXPECT_EQ(get(read), "hello ");
}

}  // namespace
}  // namespace gantry::logs
