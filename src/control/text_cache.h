#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>

#include "operation/later.h"

namespace gantry::control {

// At most kBytesMax of text, what was used last stays longest. It pins the objects, so that none of them is taken
// for another one that came to lie at its place.
class BoundedTextCache : public TextCache {
  public:
    static constexpr std::size_t kBytesMax = 8 << 20;

    void append(
        std::string& out, const std::shared_ptr<const void>& object, int variant, const Make& make
    ) override;

    std::size_t bytes() const;

  private:
    struct Key {
        const void* object;
        int variant;
        friend bool operator==(const Key&, const Key&) = default;
    };
    struct Hash {
        std::size_t operator()(const Key& key) const {
            return (reinterpret_cast<std::uintptr_t>(key.object) >> 4) * 2 + static_cast<std::size_t>(key.variant);
        }
    };
    struct Entry {
        std::shared_ptr<const void> object;
        int variant;
        std::string text;
    };
    using Entries = std::list<Entry>;  // the last used first

    mutable std::mutex mutex_;
    Entries entries_;
    std::unordered_map<Key, Entries::iterator, Hash> places_;
    std::size_t bytes_ = 0;
};

}  // namespace gantry::control
