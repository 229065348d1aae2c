#pragma once

#include "operation/controller.h"

namespace gantry::logs {

// "logs.removal": after DeleteLogGroup, erases the group's stream records, 90 a time. The events go by
// sweep().
class RemovalController : public Controller {
  public:
    std::string_view name() const override { return "logs.removal"; }
    void affected(const state::View& view, const state::Change& change, const KeySink& look_at)
        const override;
    void all(const state::View& view, const KeySink& look_at) const override;
    state::Plan reconcile(const state::View& view, std::string_view key, const state::Turn& turn)
        const override;
};

}  // namespace gantry::logs
