#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/codec.h"
#include "operation/caller.h"
#include "state/txn.h"

namespace gantry::control {

// What is there before anyone asks: the default VPC, service-linked roles. Runs once, in a transaction of its
// own, before the first operation of a (account, region), or of an account; caller names nothing else then.
// A seeder of a newer build also runs where older ones have run. Its name is never changed or reused.
struct Seeder {
    enum class Per { account_and_region, account };
    std::string name;  // "ec2.default_vpc"
    Per per = Per::account_and_region;
    std::function<void(state::Txn&, const Caller&)> seed;
};

// Says which seeders have run where.
struct SeededRecord {
    static constexpr state::TableInfo kTable{"control.seeded", 1};
    std::string scope;  // "ACCOUNT/REGION/" or "ACCOUNT//"
    std::vector<std::string> done;

    std::string key() const { return scope; }
};
BOOST_DESCRIBE_STRUCT(SeededRecord, (), (scope, done))

// In a transaction of its own: runs the first seeder that has not run in the caller's scopes and notes that.
// False when all have.
bool seed_one(state::Txn& txn, const std::vector<Seeder>& seeders, const Caller& caller);
// Whether seed_one() would do something; cheap.
bool needs_seeding(const state::View& view, const std::vector<Seeder>& seeders, const Caller& caller);

}  // namespace gantry::control
