#include "operation/caller.h"
#include "shapes/sts/shapes.h"
#include "state/txn.h"
#include "sts/identity.h"

namespace gantry::sts {

using namespace shapes::sts;
using state::Txn;

Result<GetCallerIdentityResponse> get_caller_identity(
    Txn&, const GetCallerIdentityRequest&, const Caller& caller
) {
    GetCallerIdentityResponse response;
    response.user_id = caller.user_id;
    response.account = caller.account;
    response.arn = caller.arn;
    return response;
}

Result<GetAccessKeyInfoResponse>
get_access_key_info(Txn& txn, const GetAccessKeyInfoRequest& request, const Caller&) {
    auto identity = find_identity(txn, request.access_key_id);
    if (!identity) identity = development_identity(request.access_key_id);
    GetAccessKeyInfoResponse response;
    response.account = identity->account;
    return response;
}

}  // namespace gantry::sts
