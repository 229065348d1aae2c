#include "iam/server_certificate.h"

#include "dispatch/iam_handlers.h"
#include "iam/certificate_text.h"
#include "iam/certificate_use.h"
#include "iam/iam_client_test.h"
#include "iam/self_signed_test.h"

namespace gantry::iam {
namespace {

using namespace shapes::iam;
using testing::Client;
using testing::self_signed;

UploadServerCertificateRequest upload(const testing::SelfSigned& pem, const std::string& name) {
    UploadServerCertificateRequest request;
    request.server_certificate_name = name;
    request.certificate_body = pem.certificate;
    request.private_key = pem.private_key;
    return request;
}

TEST(CertificateText, SaysWhatTheCertificateSays) {
    const auto pem = self_signed("www.example.com");
    const auto facts = inspect_certificate(pem.certificate, pem.private_key, "");
    ASSERT_TRUE(facts);
    EXPECT_EQ(facts->names, std::vector<std::string>{"www.example.com"});
    EXPECT_EQ(facts->subject, "CN=www.example.com");
    EXPECT_EQ(facts->serial, "0a:1b:2c");
    EXPECT_EQ(facts->key_algorithm, "RSA_2048");
    EXPECT_EQ(facts->signature_algorithm, "SHA256WITHRSA");
    EXPECT_EQ(facts->not_before.ms, 1'700'000'000'000);
    EXPECT_EQ(facts->not_after.ms, 1'700'086'400'000);
}

TEST(CertificateText, TellsFaultsApart) {
    const auto pem = self_signed("a"), other = self_signed("b");
    const auto fault = [](const auto& certificate, const auto& key, const auto& chain) {
        const auto facts = inspect_certificate(certificate, key, chain);
        return facts ? -1 : static_cast<int>(facts.error());
    };
    EXPECT_EQ(fault(pem.certificate, pem.private_key, other.certificate), -1);
    EXPECT_EQ(fault(std::string("x"), pem.private_key, std::string()), int(CertificateFault::certificate));
    EXPECT_EQ(
        fault(pem.certificate + other.certificate, pem.private_key, std::string()),
        int(CertificateFault::certificate)
    );
    EXPECT_EQ(fault(pem.certificate, pem.certificate, std::string()), int(CertificateFault::private_key));
    EXPECT_EQ(fault(pem.certificate, pem.private_key, std::string("x")), int(CertificateFault::chain));
    EXPECT_EQ(fault(pem.certificate, other.private_key, std::string()), int(CertificateFault::mismatch));
}

TEST(ServerCertificate, UploadedReadListedDeleted) {
    Client client;
    const auto pem = self_signed("www.example.com");
    auto request = upload(pem, "Web");
    request.path = "/cloudfront/";
    request.tags.emplace().push_back({"k", "v"});
    const auto made = client.ok(upload_server_certificate, request);
    const auto& metadata = *made.server_certificate_metadata;
    EXPECT_EQ(metadata.arn, "arn:aws:iam::123456789012:server-certificate/cloudfront/Web");
    EXPECT_EQ(metadata.server_certificate_id->substr(0, 4), "ASCA");
    EXPECT_EQ(metadata.expiration->ms, 1'700'086'400'000);
    const auto got = client.ok(get_server_certificate, {"Web"});
    EXPECT_EQ(got.server_certificate->certificate_body, pem.certificate);
    EXPECT_FALSE(got.server_certificate->certificate_chain);
    EXPECT_EQ(got.server_certificate->tags->at(0).key, "k");
    EXPECT_EQ(client.ok(list_server_certificates, {}).server_certificate_metadata_list->size(), 1u);
    EXPECT_EQ(
        client.refused(upload_server_certificate, upload(pem, "web")),
        "EntityAlreadyExists: The Server Certificate with name web already exists."
    );
    client.ok(
        update_server_certificate, {.server_certificate_name = "Web", .new_server_certificate_name = "web2"}
    );
    client.ok(delete_server_certificate, {"web2"});
    EXPECT_EQ(
        client.refused(get_server_certificate, {"web2"}),
        "NoSuchEntity: The Server Certificate with name web2 cannot be found."
    );
}

TEST(ServerCertificate, AKeyOfAnotherCertificateIsRefused) {
    Client client;
    auto pem = self_signed("a");
    pem.private_key = self_signed("b").private_key;
    EXPECT_TRUE(client.refused(upload_server_certificate, upload(pem, "x")).starts_with("KeyPairMismatch: "));
    pem.certificate = "garbage";
    EXPECT_TRUE(
        client.refused(upload_server_certificate, upload(pem, "x")).starts_with("MalformedCertificate: ")
    );
}

TEST(ServerCertificate, InUseItStays) {
    Client client;
    client.ok(upload_server_certificate, upload(self_signed("a"), "x"));
    client.write([](state::Txn& txn) {
        txn.put(CertificateUseRecord{"arn:aws:iam::123456789012:server-certificate/x", "arn:lb"});
    });
    EXPECT_TRUE(client.refused(delete_server_certificate, {"x"}).starts_with("DeleteConflict: "));
    EXPECT_TRUE(client.refused(update_server_certificate, {.server_certificate_name = "x", .new_path = "/p/"})
                    .starts_with("DeleteConflict: "));
}

}  // namespace
}  // namespace gantry::iam
