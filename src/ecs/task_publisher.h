#pragma once

#include "operation/publisher.h"

namespace gantry::ecs {

// Tasks, under their ids: from the moment that they are placed until they are STOPPED, for the worker that
// has them.
class TaskPublisher : public Publisher {
  public:
    std::string_view kind() const override { return "task"; }
    void affected(const state::View& view, const state::Change& change, const KeySink& look_at)
        const override;
    void all(const state::View& view, const KeySink& look_at) const override;
    std::optional<Published> build(const state::View& view, std::string_view key) const override;
};

}  // namespace gantry::ecs
