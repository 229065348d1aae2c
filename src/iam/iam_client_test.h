#pragma once

#include <gtest/gtest.h>

#include <type_traits>

#include "iam/schema.h"
#include "iam/seed.h"
#include "operation/caller.h"
#include "state/txn.h"

namespace gantry::iam::testing {

class Dice : public state::Chance {
  public:
    std::uint64_t draw() override {
        std::uint64_t z = (state_ += 0x9e3779b97f4a7c15ULL);
        z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ULL;
        z = (z ^ z >> 27) * 0x94d049bb133111ebULL;
        return z ^ z >> 31;
    }

  private:
    std::uint64_t state_ = 1;
};

// An account's root with the account's seeds, who runs operations as control does.
struct Client {
    explicit Client(void (*more)(state::Schema&) = nullptr) : database(declared(schema, more)) {
        caller.account = "123456789012";
        caller.region = "us-east-1";
        caller.arn = "arn:aws:iam::123456789012:root";
        caller.user_id = caller.account;
        write([&](state::Txn& txn) { seed(txn, caller); });
    }

    template <class Fn>
    void write(Fn fn) {
        state::Txn txn(database, turn);
        fn(txn);
        txn.finish();
    }
    state::View view() const { return state::View(database); }

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

    state::Schema schema;
    Dice dice;
    state::Turn turn{{1'700'000'000'000}, {1'700'000'000'000}, dice};
    state::Database database;
    Caller caller;

  private:
    static const state::Schema& declared(state::Schema& schema, void (*more)(state::Schema&)) {
        declare(schema);
        if (more != nullptr) more(schema);
        return schema;
    }
};

}  // namespace gantry::iam::testing
