#include "ec2/seed.h"

#include "ec2/new_vpc.h"

namespace gantry::ec2 {

void seed(state::Txn& txn, const Caller& caller) {
    int number = 0;
    const auto new_id = [&](std::string_view prefix) {
        return seeded_id(prefix, caller.account, caller.region, ++number);
    };
    put(txn, build_default_vpc(caller.account, caller.region, new_id));
}

}  // namespace gantry::ec2
