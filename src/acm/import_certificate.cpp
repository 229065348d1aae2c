#include "acm/certificate.h"
#include "acm/tags.h"
#include "iam/certificate_text.h"
#include "iam/certificate_use.h"
#include "state/txn.h"

namespace gantry::acm {

using namespace shapes::acm;
using state::Txn;

namespace {

constexpr char hexadecimal[] = "0123456789abcdef";

std::string fresh_uuid(state::Chance& chance) {
    std::string text;
    std::uint64_t bits = 0;
    for (int i = 0; i < 32; ++i) {
        if (i % 16 == 0) bits = chance.draw();
        if (i == 8 || i == 12 || i == 16 || i == 20) text += '-';
        text += i == 12 ? '4' : i == 16 ? hexadecimal[8 | (bits & 3)] : hexadecimal[bits & 15];
        bits >>= 4;
    }
    return text;
}

tl::unexpected<Error> wrong(iam::CertificateFault fault) {
    using Fault = iam::CertificateFault;
    switch (fault) {
        case Fault::certificate:
            return refuse(
                "ValidationException",
                "The certificate field contains more than one certificate, or is not a valid PEM-encoded "
                "certificate."
            );
        case Fault::private_key:
            return refuse(
                "ValidationException",
                "The private key is not supported, or is not PEM-encoded and unencrypted."
            );
        case Fault::chain:
            return refuse("ValidationException", "Could not parse the PEM-encoded certificate chain.");
        case Fault::mismatch:
            break;
    }
    return refuse("ValidationException", "The private key does not match the public key in the certificate.");
}

}  // namespace

// With an ARN it replaces what was imported under it; who uses the certificate then serves the new one.
Result<ImportCertificateResponse> import_certificate(
    Txn& txn, const ImportCertificateRequest& request, const Caller& caller
) {
    const auto facts = iam::inspect_certificate(
        request.certificate, request.private_key, request.certificate_chain.value_or("")
    );
    if (!facts) return wrong(facts.error());
    CertificateRecord record;
    if (request.certificate_arn) {
        if (request.tags) {
            return refuse("ValidationException", "You cannot apply tags when you reimport a certificate.");
        }
        TRY(const auto before, find_certificate(txn, caller, *request.certificate_arn));
        record = *before;
    } else {
        record.account = caller.account;
        record.region = caller.region;
        record.id = fresh_uuid(txn.chance());
        record.created = txn.now();
        if (request.tags) TRY_VOID(add_tags(record.tags, *request.tags));
    }
    record.certificate = request.certificate;
    record.private_key = request.private_key;
    record.chain = request.certificate_chain.value_or("");
    record.names = facts->names;
    record.subject = facts->subject;
    record.issuer = facts->issuer;
    record.serial = facts->serial;
    record.key_algorithm = facts->key_algorithm;
    record.signature_algorithm = facts->signature_algorithm;
    record.not_before = facts->not_before;
    record.not_after = facts->not_after;
    record.imported = txn.now();
    ImportCertificateResponse response;
    response.certificate_arn = record.arn();
    txn.put(std::move(record));
    return response;
}

Result<DeleteCertificateResponse> delete_certificate(
    Txn& txn, const DeleteCertificateRequest& request, const Caller& caller
) {
    TRY(const auto record, find_certificate(txn, caller, request.certificate_arn));
    if (txn.find_one<iam::CertificateUses>(record->arn())) {
        return refuse("ResourceInUseException", "Certificate " + record->arn() + " is in use.");
    }
    txn.erase<CertificateRecord>(record->key());
    return DeleteCertificateResponse{};
}

}  // namespace gantry::acm
