#include "adapter/logstore/page.h"

#include <iterator>

#include "adapter/logstore/chunk.h"

namespace gantry::adapter::logstore {

void Page::offer(std::uint32_t stream, port::LogEvent event) {
    if (excludes(event.key)) return;
    bytes_ += billable(event);
    const auto key = event.key;
    entries_.emplace(key, Entry{stream, std::move(event)});
    while (entries_.size() > 1 && (entries_.size() > events_max_ || bytes_ > bytes_max_)) {
        const auto out = ascending_ ? std::prev(entries_.end()) : entries_.begin();
        edge_ = out->first;
        bytes_ -= billable(out->second.event);
        entries_.erase(out);
    }
}

void Page::cut(const port::LogEventKey& from) { entries_.erase(entries_.lower_bound(from), entries_.end()); }

}  // namespace gantry::adapter::logstore
