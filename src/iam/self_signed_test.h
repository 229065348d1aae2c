#pragma once

#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include <string>

namespace gantry::iam::testing {

struct SelfSigned {
    std::string certificate, private_key;
};

// A fresh certificate for a name, valid from 2023-11-14T22:13:20Z for that many seconds.
inline SelfSigned self_signed(const char* name, long seconds = 86'400) {
    EVP_PKEY* key = EVP_RSA_gen(2048);
    X509* one = X509_new();
    X509_set_version(one, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(one), 0x0a1b2c);
    ASN1_TIME_set(X509_getm_notBefore(one), 1'700'000'000);
    ASN1_TIME_set(X509_getm_notAfter(one), 1'700'000'000 + seconds);
    X509_NAME_add_entry_by_txt(
        X509_get_subject_name(one), "CN", MBSTRING_UTF8, reinterpret_cast<const unsigned char*>(name), -1, -1, 0
    );
    X509_set_issuer_name(one, X509_get_subject_name(one));
    X509_set_pubkey(one, key);
    X509_sign(one, key, EVP_sha256());
    const auto text = [](auto write) {
        BIO* out = BIO_new(BIO_s_mem());
        write(out);
        char* data = nullptr;
        const long size = BIO_get_mem_data(out, &data);
        std::string pem(data, static_cast<std::size_t>(size));
        BIO_free(out);
        return pem;
    };
    SelfSigned made;
    made.certificate = text([&](BIO* out) { PEM_write_bio_X509(out, one); });
    made.private_key = text([&](BIO* out) {
        PEM_write_bio_PrivateKey(out, key, nullptr, nullptr, 0, nullptr, nullptr);
    });
    X509_free(one);
    EVP_PKEY_free(key);
    return made;
}

}  // namespace gantry::iam::testing
