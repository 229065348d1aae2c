#include "iam/certificate_text.h"

#include <openssl/asn1.h>
#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/obj_mac.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <cctype>
#include <memory>

namespace gantry::iam {
namespace {

template <auto Free>
struct Freed {
    template <class T>
    void operator()(T* object) const {
        Free(object);
    }
};
using Bio = std::unique_ptr<BIO, Freed<BIO_free_all>>;
using Certificate = std::unique_ptr<X509, Freed<X509_free>>;
using Key = std::unique_ptr<EVP_PKEY, Freed<EVP_PKEY_free>>;

Bio memory(std::string_view text) { return Bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size()))); }

std::string text_of(BIO* bio) {
    char* data = nullptr;
    const long size = BIO_get_mem_data(bio, &data);
    return size > 0 ? std::string(data, static_cast<std::size_t>(size)) : std::string();
}

std::string name_text(X509_NAME* name) {
    const Bio out(BIO_new(BIO_s_mem()));
    X509_NAME_print_ex(out.get(), name, 0, XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB);
    return text_of(out.get());
}

std::string utf8(const ASN1_STRING* string) {
    unsigned char* bytes = nullptr;
    const int size = ASN1_STRING_to_UTF8(&bytes, string);
    if (size < 0) return {};
    std::string text(reinterpret_cast<char*>(bytes), static_cast<std::size_t>(size));
    OPENSSL_free(bytes);
    return text;
}

std::string common_name(X509* certificate) {
    X509_NAME* subject = X509_get_subject_name(certificate);
    const int at = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);
    return at < 0 ? std::string() : utf8(X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at)));
}

std::vector<std::string> alternative_names(X509* certificate) {
    std::vector<std::string> names;
    auto* all =
        static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr));
    for (int i = 0; all != nullptr && i < sk_GENERAL_NAME_num(all); ++i) {
        const GENERAL_NAME* one = sk_GENERAL_NAME_value(all, i);
        if (one->type == GEN_DNS) names.push_back(utf8(one->d.dNSName));
    }
    GENERAL_NAMES_free(all);
    return names;
}

std::string serial(X509* certificate) {
    BIGNUM* number = ASN1_INTEGER_to_BN(X509_get0_serialNumber(certificate), nullptr);
    char* text = BN_bn2hex(number);
    std::string digits = text;
    OPENSSL_free(text);
    BN_free(number);
    if (digits.size() % 2 != 0) digits.insert(0, "0");
    std::string out;
    for (std::size_t i = 0; i < digits.size(); ++i) {
        if (i > 0 && i % 2 == 0) out += ':';
        out += static_cast<char>(std::tolower(static_cast<unsigned char>(digits[i])));
    }
    return out;
}

std::string signature_algorithm(X509* certificate) {
    int digest = 0, key = 0;
    if (OBJ_find_sigid_algs(X509_get_signature_nid(certificate), &digest, &key) != 1) return {};
    std::string name = OBJ_nid2sn(digest);
    name += key == NID_X9_62_id_ecPublicKey ? "WITHECDSA" : "WITHRSA";
    return name;
}

std::string key_algorithm(EVP_PKEY* key) {
    if (EVP_PKEY_base_id(key) == EVP_PKEY_EC) {
        char group[64] = {};
        std::size_t size = 0;
        EVP_PKEY_get_group_name(key, group, sizeof group, &size);
        return "EC_" + std::string(group, size);
    }
    return "RSA_" + std::to_string(EVP_PKEY_bits(key));
}

PolicyInstant instant(const ASN1_TIME* time) {
    const std::unique_ptr<ASN1_TIME, Freed<ASN1_STRING_free>> epoch(ASN1_TIME_set(nullptr, 0));
    int days = 0, seconds = 0;
    if (ASN1_TIME_diff(&days, &seconds, epoch.get(), time) != 1) return {};
    return {(std::int64_t{days} * 86'400 + seconds) * 1'000};
}

// Certificates up to the end of the text; nothing where anything else stands between them.
std::vector<Certificate> read_certificates(std::string_view text) {
    std::vector<Certificate> all;
    const Bio in = memory(text);
    while (X509* one = PEM_read_bio_X509(in.get(), nullptr, nullptr, nullptr)) all.emplace_back(one);
    const auto last = ERR_peek_last_error();
    ERR_clear_error();
    // "No start line" is how the end shows itself.
    if (ERR_GET_REASON(last) != PEM_R_NO_START_LINE) return {};
    return all;
}

int no_password(char*, int, int, void*) { return -1; }

}  // namespace

tl::expected<CertificateFacts, CertificateFault> inspect_certificate(
    std::string_view certificate, std::string_view private_key, std::string_view chain
) {
    const auto own = read_certificates(certificate);
    if (own.size() != 1) return tl::unexpected(CertificateFault::certificate);
    X509* one = own.front().get();
    const Key key(PEM_read_bio_PrivateKey(memory(private_key).get(), nullptr, no_password, nullptr));
    ERR_clear_error();
    if (!key) return tl::unexpected(CertificateFault::private_key);
    if (!chain.empty() && read_certificates(chain).empty()) return tl::unexpected(CertificateFault::chain);
    const bool matches = X509_check_private_key(one, key.get()) == 1;
    ERR_clear_error();
    if (!matches) return tl::unexpected(CertificateFault::mismatch);

    CertificateFacts facts;
    facts.common_name = common_name(one);
    facts.names = alternative_names(one);
    const auto at = std::find(facts.names.begin(), facts.names.end(), facts.common_name);
    if (at != facts.names.end()) facts.names.erase(at);
    if (!facts.common_name.empty()) facts.names.insert(facts.names.begin(), facts.common_name);
    facts.subject = name_text(X509_get_subject_name(one));
    facts.issuer = name_text(X509_get_issuer_name(one));
    facts.serial = serial(one);
    facts.signature_algorithm = signature_algorithm(one);
    facts.key_algorithm = key_algorithm(key.get());
    facts.not_before = instant(X509_get0_notBefore(one));
    facts.not_after = instant(X509_get0_notAfter(one));
    return facts;
}

}  // namespace gantry::iam
