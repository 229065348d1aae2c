#pragma once

#include "operation/controller.h"

namespace gantry::sts {

// Removes sessions some time after they ended. One key, the whole table: it looks at the earliest expiry
// only.
class SessionExpiry : public Controller {
  public:
    std::string_view name() const override { return "sts.session_expiry"; }
    void affected(const state::View& view, const state::Change& change, const KeySink& look_at)
        const override;
    void all(const state::View& view, const KeySink& look_at) const override;
    state::Plan reconcile(const state::View& view, std::string_view key, const state::Turn& turn)
        const override;
};

}  // namespace gantry::sts
