#pragma once

#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "base/instant.h"

namespace gantry::iam {

// What a PEM certificate says of itself.
struct CertificateFacts {
    std::string common_name;          // of the subject; empty: none
    std::vector<std::string> names;   // DNS names it is for, the common name first where it is one
    std::string subject, issuer;      // "CN=www.example.com,O=…"
    std::string serial;               // "0a:1b:…"
    std::string signature_algorithm;  // "SHA256WITHRSA"
    std::string key_algorithm;        // "RSA_2048", "EC_prime256v1", as ACM names them
    PolicyInstant not_before, not_after;
};

enum class CertificateFault {
    certificate,  // it is no PEM certificate, or more than one
    private_key,  // it is no unencrypted PEM private key
    chain,        // it is no sequence of PEM certificates
    mismatch,     // the key is not the certificate's
};

// Reads a server certificate with its private key and what leads to its root (may be empty). Validity dates
// are not judged: what is over is served as well, and clients refuse it.
tl::expected<CertificateFacts, CertificateFault> inspect_certificate(
    std::string_view certificate, std::string_view private_key, std::string_view chain
);

}  // namespace gantry::iam
