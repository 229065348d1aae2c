#pragma once

#include <boost/describe.hpp>
#include <string>
#include <string_view>

#include "base/codec.h"
#include "state/txn.h"

namespace gantry::ecs {

// A value that somebody put: for one principal, or for all without a value of their own.
struct AccountSettingRecord {
    static constexpr state::TableInfo kTable{"ecs.account_setting", 1};

    std::string scope;
    std::string principal;  // the ARN; kDefault for PutAccountSettingDefault
    std::string name;
    std::string value;

    static constexpr std::string_view kDefault = "default";
    static std::string key(std::string_view scope, std::string_view principal, std::string_view name) {
        return std::string(scope) + std::string(principal) + "/" + std::string(name);
    }
    std::string key() const { return key(scope, principal, name); }
};
BOOST_DESCRIBE_STRUCT(AccountSettingRecord, (), (scope, principal, name, value))

// The principal's value, else the default that was put, else AWS's own.
std::string account_setting(
    const state::View& view, std::string_view scope, std::string_view principal, std::string_view name
);

}  // namespace gantry::ecs
