#pragma once

#include <string>

namespace gantry {

// Who asks. Filled in at the edge from the credentials; region and account say where the named resources
// live.
struct Caller {
    std::string account;     // 12 digits
    std::string region;      // "ap-northeast-1"; IAM and STS records are per account only
    std::string access_key;  // as sent
    std::string arn;         // arn:aws:iam::ACCOUNT:root, or the assumed role's session ARN
    std::string user_id;     // what GetCallerIdentity answers as UserId
    std::string request_id;

    // The key prefix of everything that this caller can name: "ACCOUNT/REGION/".
    std::string scope() const { return account + "/" + region + "/"; }
};

}  // namespace gantry
