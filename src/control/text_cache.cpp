#include "control/text_cache.h"

#include <iterator>
#include <string_view>

namespace gantry::control {

void BoundedTextCache::append(
    std::string& out, const std::shared_ptr<const void>& object, int variant, const Make& make
) {
    const Key key{object.get(), variant};
    {
        const std::lock_guard lock(mutex_);
        if (const auto place = places_.find(key); place != places_.end()) {
            entries_.splice(entries_.begin(), entries_, place->second);
            out += entries_.front().text;
            return;
        }
    }
    const std::size_t start = out.size();
    make(out);
    const std::string_view made = std::string_view(out).substr(start);
    if (made.size() > kBytesMax) return;
    Entries gone;  // destroyed when the lock is free again
    const std::lock_guard lock(mutex_);
    // Somebody else may have made it meanwhile.
    if (places_.contains(key)) return;
    entries_.push_front({object, variant, std::string(made)});
    places_.emplace(key, entries_.begin());
    bytes_ += made.size();
    while (bytes_ > kBytesMax) {
        const auto oldest = std::prev(entries_.end());
        bytes_ -= oldest->text.size();
        places_.erase({oldest->object.get(), oldest->variant});
        gone.splice(gone.begin(), entries_, oldest);
    }
}

std::size_t BoundedTextCache::bytes() const {
    const std::lock_guard lock(mutex_);
    return bytes_;
}

}  // namespace gantry::control
