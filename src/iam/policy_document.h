#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace gantry::iam {

// What a role's users and its owner may write. A document is checked and kept as sent, byte for byte: clients
// compare it semantically, people as text.
enum class DocumentKind {
    identity,  // inline and managed policies: actions on resources, no principal
    trust,     // who may assume a role: principals, no resources
};

// Refuses with MalformedPolicyDocument and IAM's words; a trust document with more than 2,048 characters beside white
// space with LimitExceeded. (How long the others may be depends on where they stand.)
Result<> check_policy_document(std::string_view document, DocumentKind kind);

// As IAM answers documents: percent-encoded after RFC 3986.
std::string url_encoded(std::string_view text);

}  // namespace gantry::iam
