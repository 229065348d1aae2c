#pragma once

#include "operation/controller.h"

namespace gantry::cloudwatch {

// Removes what is older than AWS keeps of alarms' history. One key, the whole table: it looks at the oldest
// items only.
class HistoryExpiry : public Controller {
  public:
    std::string_view name() const override { return "cloudwatch.history_expiry"; }
    void affected(const state::View& view, const state::Change& change, const KeySink& look_at)
        const override;
    void all(const state::View& view, const KeySink& look_at) const override;
    state::Plan reconcile(const state::View& view, std::string_view key, const state::Turn& turn)
        const override;
};

}  // namespace gantry::cloudwatch
