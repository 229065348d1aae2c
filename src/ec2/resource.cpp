#include "ec2/resource.h"

namespace gantry::ec2 {

tl::unexpected<Error> id_not_found(const ResourceWords& words, const std::string& id) {
    return refuse(words.not_found, "The " + std::string(words.noun) + " '" + id + "' does not exist");
}

tl::unexpected<Error> id_malformed(const ResourceWords& words, const std::string& id) {
    return refuse(words.malformed, "Invalid id: \"" + id + "\" (expecting \"" + words.prefix + "...\")");
}

tl::unexpected<Error> in_use(const char* noun, const std::string& id) {
    return refuse(
        "DependencyViolation",
        "The " + std::string(noun) + " '" + id + "' has dependencies and cannot be deleted."
    );
}

tl::unexpected<Error> invalid_value(std::string message) {
    return refuse("InvalidParameterValue", std::move(message));
}

tl::unexpected<Error> not_built(const std::string& what) {
    return refuse("UnsupportedOperation", what + " is not supported by Gantry yet.");
}

}  // namespace gantry::ec2
