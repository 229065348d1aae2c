#include "ec2/tagging.h"

#include "ec2/limits.h"
#include "ec2/resource.h"

namespace gantry::ec2 {

Result<Tags> requested_tags(const TagSpecifications& specifications, std::string_view resource_type) {
    Tags tags;
    if (!specifications) return tags;
    for (const auto& specification : *specifications) {
        const std::string type = specification.resource_type.value_or("");
        if (type != resource_type) {
            if (type.empty()) return invalid_value("Tag specification resource type must have a value");
            return invalid_value("'" + type + "' is not a valid taggable resource type for this operation.");
        }
        if (specification.tags) TRY_VOID(add_tags(tags, *specification.tags));
    }
    return tags;
}

Result<> add_tags(Tags& tags, const std::vector<shapes::ec2::Tag>& added) {
    for (const auto& tag : added) {
        const std::string key = tag.key.value_or("");
        const std::string value = tag.value.value_or("");
        if (key.empty()) return invalid_value("Tag key cannot be null or empty");
        if (key.starts_with("aws:"))
            return invalid_value("Tag keys starting with 'aws:' are reserved for internal use");
        if (key.size() > 128) return invalid_value("Tag key exceeds the maximum length of 128 characters");
        if (value.size() > 256)
            return invalid_value("Tag value exceeds the maximum length of 256 characters");
        tags[key] = value;
    }
    if (tags.size() > kTagsPerResource) {
        return refuse("TagLimitExceeded", "More than 50 tags specified: a resource has at most 50 tags.");
    }
    return {};
}

std::vector<shapes::ec2::Tag> shown(const Tags& tags) {
    std::vector<shapes::ec2::Tag> list;
    for (const auto& [key, value] : tags) list.push_back({key, value});
    return list;
}

Result<> dry_run(const std::optional<bool>& flag) {
    if (flag.value_or(false))
        return refuse("DryRunOperation", "Request would have succeeded, but DryRun flag is set.");
    return {};
}

}  // namespace gantry::ec2
