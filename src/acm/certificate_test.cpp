#include "acm/certificate.h"

#include <gtest/gtest.h>

#include "dispatch/acm_handlers.h"
#include "iam/certificate_use.h"
#include "iam/iam_client_test.h"
#include "iam/self_signed_test.h"

namespace gantry::acm {
namespace {

using namespace shapes::acm;
using iam::testing::Client;
using iam::testing::self_signed;

ImportCertificateRequest import_of(const iam::testing::SelfSigned& pem) {
    ImportCertificateRequest request;
    request.certificate = pem.certificate;
    request.private_key = pem.private_key;
    return request;
}

TEST(Acm, ImportedDescribedListedDeleted) {
    Client client(declare);
    const auto pem = self_signed("www.example.com");
    const auto arn = *client.ok(import_certificate, import_of(pem)).certificate_arn;
    EXPECT_TRUE(arn.starts_with("arn:aws:acm:us-east-1:123456789012:certificate/")) << arn;
    const auto shown = *client.ok(describe_certificate, {arn}).certificate;
    EXPECT_EQ(shown.domain_name, "www.example.com");
    EXPECT_EQ(shown.status, "ISSUED");
    EXPECT_EQ(shown.type, "IMPORTED");
    EXPECT_TRUE(shown.in_use_by->empty());
    EXPECT_EQ(client.ok(get_certificate, {arn}).certificate, pem.certificate);
    EXPECT_EQ(client.ok(list_certificates, {}).certificate_summary_list->size(), 1u);
    client.ok(delete_certificate, {arn});
    EXPECT_TRUE(client.refused(describe_certificate, {arn}).starts_with("ResourceNotFoundException: "));
    EXPECT_TRUE(client.refused(describe_certificate, {"arn:aws:s3:::x"}).starts_with("InvalidArnException: ")
    );
}

TEST(Acm, ImportAgainReplaces) {
    Client client(declare);
    auto first = import_of(self_signed("old.example.com"));
    first.tags.emplace().push_back({"k", "v"});
    const auto arn = *client.ok(import_certificate, first).certificate_arn;
    auto second = import_of(self_signed("new.example.com", 1));
    second.certificate_arn = arn;
    EXPECT_EQ(client.ok(import_certificate, second).certificate_arn, arn);
    client.turn.now.ms += 5'000;
    const auto shown = *client.ok(describe_certificate, {arn}).certificate;
    EXPECT_EQ(shown.domain_name, "new.example.com");
    EXPECT_EQ(shown.status, "EXPIRED");
    EXPECT_EQ(client.ok(list_tags_for_certificate, {arn}).tags->at(0).key, "k");
}

TEST(Acm, InUseItStaysAndMismatchIsRefused) {
    Client client(declare);
    auto wrong = import_of(self_signed("a"));
    wrong.private_key = self_signed("b").private_key;
    EXPECT_TRUE(client.refused(import_certificate, wrong).starts_with("ValidationException: "));
    const auto arn = *client.ok(import_certificate, import_of(self_signed("a"))).certificate_arn;
    client.write([&](state::Txn& txn) { txn.put(iam::CertificateUseRecord{arn, "arn:lb"}); });
    EXPECT_TRUE(client.refused(delete_certificate, {arn}).starts_with("ResourceInUseException: "));
    EXPECT_EQ(
        client.ok(describe_certificate, {arn}).certificate->in_use_by, std::vector<std::string>{"arn:lb"}
    );
}

TEST(Acm, Pages) {
    Client client(declare);
    for (int i = 0; i < 3; ++i) client.ok(import_certificate, import_of(self_signed("a")));
    ListCertificatesRequest request;
    request.max_items = 2;
    const auto first = client.ok(list_certificates, request);
    EXPECT_EQ(first.certificate_summary_list->size(), 2u);
    request.next_token = first.next_token;
    const auto second = client.ok(list_certificates, request);
    EXPECT_EQ(second.certificate_summary_list->size(), 1u);
    EXPECT_FALSE(second.next_token);
}

}  // namespace
}  // namespace gantry::acm
