#include "sts/identity.h"

#include <algorithm>

#include "iam/user.h"
#include "sts/session.h"

namespace gantry::sts {

std::optional<Identity> find_identity(const state::View& view, std::string_view access_key) {
    if (const auto session = view.get<SessionRecord>(access_key)) {
        return Identity{session->account, session->arn, session->user_id, session->secret, session->token,
                        session->expires, true};
    }
    const auto access = view.get<iam::AccessKeyRecord>(access_key);
    if (!access) return {};
    const auto user = view.get<iam::UserRecord>(iam::key_of(access->account, access->user));
    if (!user) return {};
    return Identity{access->account, user->arn(), user->id, access->secret, {}, {}, access->active};
}

Authentication judge(const std::optional<Identity>& identity, std::string_view token, RealInstant now) {
    if (!identity) return Authentication::unknown_key;
    if (!identity->active) return Authentication::inactive_key;
    if (identity->token != token) return Authentication::wrong_token;
    if (identity->expires && *identity->expires <= now) return Authentication::expired;
    return Authentication::accepted;
}

Identity development_identity(std::string_view access_key) {
    const bool is_account =
        access_key.size() == 12 &&
        std::all_of(access_key.begin(), access_key.end(), [](char c) { return c >= '0' && c <= '9'; });
    Identity identity;
    identity.account = is_account ? std::string(access_key) : "123456789012";
    identity.arn = "arn:aws:iam::" + identity.account + ":root";
    identity.user_id = identity.account;
    return identity;
}

}  // namespace gantry::sts
