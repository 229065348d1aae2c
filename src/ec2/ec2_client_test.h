#pragma once

#include <gtest/gtest.h>

#include <type_traits>

#include "ec2/schema.h"
#include "ec2/seed.h"
#include "ec2/state_fixture.h"
#include "operation/caller.h"
#include "state/txn.h"

namespace gantry::ec2::testing {

// A database with this folder's tables.
struct World {
    // Commits what fn(txn) writes.
    template <class Fn>
    auto write(Fn fn) {
        state::Txn txn(database, turn);
        struct Finish {
            state::Txn& txn;
            ~Finish() { txn.finish(); }
        } finish{txn};
        return fn(txn);
    }
    state::View view() const { return state::View(database); }

    state::Schema schema;
    Dice dice;
    state::Turn turn{{1'700'000'000'000}, {1'700'000'000'000}, dice};
    state::Database database{declared(schema)};

  private:
    static const state::Schema& declared(state::Schema& schema) {
        if (schema.tables().empty()) declare(schema);
        return schema;
    }
};

// A caller in a region with its default VPC, who runs operations as control does: a refusal undoes its
// writes.
struct Client : World {
    explicit Client(const std::string& region = "ap-northeast-1") {
        caller.account = "123456789012";
        caller.region = region;
        write([&](state::Txn& txn) { seed(txn, caller); });
    }

    template <class Request, class Response>
    using Operation = Result<Response> (*)(state::Txn&, const Request&, const Caller&);

    template <class Request, class Response>
    Result<Response> call(
        Operation<Request, Response> operation, const std::type_identity_t<Request>& request
    ) {
        state::Txn txn(database, turn);
        auto result = operation(txn, request, caller);
        if (result) {
            txn.finish();
        } else {
            txn.undo();
        }
        return result;
    }
    template <class Request, class Response>
    Response ok(Operation<Request, Response> operation, const std::type_identity_t<Request>& request) {
        auto result = call(operation, request);
        EXPECT_TRUE(result) << result.error().code << ": " << result.error().message;
        return result ? *std::move(result) : Response{};
    }
    // "Code: message" of the refusal.
    template <class Request, class Response>
    std::string refused(
        Operation<Request, Response> operation, const std::type_identity_t<Request>& request
    ) {
        const auto result = call(operation, request);
        EXPECT_FALSE(result);
        return result ? "accepted" : result.error().code + ": " + result.error().message;
    }

    Caller caller;
};

}  // namespace gantry::ec2::testing
