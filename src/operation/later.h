#pragma once

#include <functional>
#include <memory>
#include <string>

namespace gantry {

// Texts that were made of immutable objects, kept for who asks again for what has not changed. Any thread.
class TextCache {
  public:
    using Make = std::function<void(std::string& out)>;

    virtual ~TextCache() = default;

    // Appends the text of a pinned object: a kept one, or what `make` appends now. The text depends on nothing
    // but the object and the variant.
    virtual void append(
        std::string& out, const std::shared_ptr<const void>& object, int variant, const Make& make
    ) = 0;
};

// The rest of an answer, for off the strand: appends the JSON of the response from what it has pinned, once.
using Later = std::function<void(std::string& out, TextCache& texts)>;

}  // namespace gantry
