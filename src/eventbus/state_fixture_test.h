#pragma once

#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "dispatch/eventbus_handlers.h"
#include "eventbus/event.h"
#include "eventbus/rule.h"
#include "eventbus/schema.h"
#include "shapes/json.h"
#include "state/txn.h"

namespace gantry::eventbus::testing {

using namespace shapes::events;

class Dice : public state::Chance {
  public:
    std::uint64_t draw() override { return last_ = last_ * 6364136223846793005ULL + 1442695040888963407ULL; }

  private:
    std::uint64_t last_ = 7;
};

class EventbusTest : public ::testing::Test {
  protected:
    EventbusTest() : database(declared(schema)) {
        caller.account = "123456789012";
        caller.region = "us-east-1";
    }

    template <class Response, class Request>
    Result<Response> ask(
        Result<Response> (*operation)(state::Txn&, const Request&, const Caller&), std::string_view json = "{}"
    ) {
        const auto request = shapes::from_json<Request>(boost::json::parse(boost::json::string_view(json)));
        EXPECT_TRUE(request) << (request ? "" : request.error().message);
        state::Txn txn(database, turn);
        auto result = operation(txn, *request, caller);
        if (result) {
            txn.finish();
        } else {
            txn.undo();
        }
        return result;
    }

    static const state::Schema& declared(state::Schema& schema) {
        declare(schema);
        return schema;
    }

    state::View view() const { return state::View(database); }

    Dice dice;
    state::Turn turn{PolicyInstant{1'700'000'000'000}, RealInstant{1'700'000'000'000}, dice};
    state::Schema schema;
    state::Database database;
    Caller caller;
};

template <class T>
std::string refusal(const Result<T>& result) {
    return result ? "" : result.error().code + ": " + result.error().message;
}

}  // namespace gantry::eventbus::testing
