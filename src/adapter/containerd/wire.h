#pragma once

#include <google/protobuf/any.pb.h>
#include <google/protobuf/timestamp.pb.h>
#include <string>

#include "base/instant.h"
#include "base/result.h"

namespace gantry::adapter::containerd {

// JSON documents travel in an Any whose type name containerd's Go side registers under this prefix.
inline google::protobuf::Any any_json(const char* type, std::string json) {
    google::protobuf::Any any;
    any.set_type_url(std::string("types.containerd.io/opencontainers/runtime-spec/1/") + type);
    any.set_value(std::move(json));
    return any;
}

inline RealInstant instant_of(const google::protobuf::Timestamp& stamp) {
    return {stamp.seconds() * 1000 + stamp.nanos() / 1'000'000};
}

// Names end up in paths, cgroups and containerd's keys. At most 76 bytes, containerd's own limit.
inline Result<> require_id(const std::string& id) {
    bool good = !id.empty() && id.size() <= 76 && id[0] != '.' && id[0] != '-' && id[0] != '_';
    for (char c : id)
        good = good && ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
                        c == '.' || c == '-');
    if (!good) return trouble(Errc::invalid, "not a usable id: \"" + id.substr(0, 100) + "\"");
    return {};
}

}  // namespace gantry::adapter::containerd
