#pragma once

#include "base/codec.h"
#include "shapes/json.h"

namespace gantry {

// A generated shape as a member of a record: stored as its awsJson, with the members that a newer client sent
// and our model does not know.
template <class T>
    requires(shapes::Described<T> && !Described<T>)
struct Codec<T> {
    static boost::json::value encode(const T& v) { return shapes::to_json(v); }
    static std::string decode(const boost::json::value& j, T& v) {
        auto read = shapes::from_json<T>(j);
        if (!read) return read.error().message;
        v = *std::move(read);
        return {};
    }
};

}  // namespace gantry
