#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "port/log_store.h"

namespace gantry::adapter::logstore {

// Collects one page: of all events that are offered, the first (or the last) that fit, sorted by key. Holds a
// page and no more, whatever is offered in whatever order.
class Page {
  public:
    Page(const port::LogRange& range, bool ascending, std::size_t events_max, std::size_t bytes_max)
        : range_(range), ascending_(ascending), events_max_(events_max), bytes_max_(bytes_max) {}

    // Would be refused, whatever else comes.
    bool excludes(const port::LogEventKey& key) const {
        if (key.timestamp_ms < range_.start_ms || key.timestamp_ms >= range_.end_ms) return true;
        if (range_.after && key <= *range_.after) return true;
        if (range_.before && key >= *range_.before) return true;
        return edge_ && (ascending_ ? key >= *edge_ : key <= *edge_);
    }

    void offer(std::uint32_t stream, port::LogEvent event);

    // An event was turned away because the page was full: what lies beyond it cannot come in any more.
    const std::optional<port::LogEventKey>& edge() const { return edge_; }
    // Nothing at or above this key is in the page afterwards. Ascending pages only.
    void cut(const port::LogEventKey& from);

    struct Entry {
        std::uint32_t stream = 0;
        port::LogEvent event;
    };
    // Ascending by key.
    std::map<port::LogEventKey, Entry>& entries() { return entries_; }

  private:
    port::LogRange range_;
    bool ascending_;
    std::size_t events_max_;
    std::size_t bytes_max_;
    std::uint64_t bytes_ = 0;
    std::map<port::LogEventKey, Entry> entries_;
    std::optional<port::LogEventKey> edge_;
};

}  // namespace gantry::adapter::logstore
