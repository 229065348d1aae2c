#include "wire/cbor.h"

#include <gtest/gtest.h>

#include <boost/json/serialize.hpp>

#include "shapes/cloudwatch/shapes.h"
#include "shapes/json.h"
#include "wire/decode.h"
#include "wire/encode.h"
#include "wire/test_request.h"

namespace gantry::wire {
namespace {

using namespace std::string_literals;

// The JSON of it, or why it is refused.
std::string read(const std::string& bytes) {
    const auto value = parse_cbor(bytes);
    return value ? boost::json::serialize(*value) : value.error().message;
}

TEST(Cbor, ReadsWhatTheStandardShows) {
    EXPECT_EQ(read("\x00"s), "0");
    EXPECT_EQ(read("\x18\x64"), "100");
    EXPECT_EQ(read("\x1b\x00\x00\x00\xe8\xd4\xa5\x10\x00"s), "1000000000000");
    EXPECT_EQ(read("\x1b\xff\xff\xff\xff\xff\xff\xff\xff"), "18446744073709551615");
    EXPECT_EQ(read("\x38\x63"), "-100");
    EXPECT_EQ(read("\x3b\x7f\xff\xff\xff\xff\xff\xff\xff"), "-9223372036854775808");
    EXPECT_EQ(read("\xf9\x3e\x00"s), "1.5E0");
    EXPECT_EQ(read("\xf9\x00\x01"s), "5.960464477539063E-8");
    EXPECT_EQ(read("\xf9\xc4\x00"s), "-4E0");
    EXPECT_EQ(read("\xfa\x47\xc3\x50\x00"s), "1E5");
    EXPECT_EQ(read("\xfb\x3f\xf1\x99\x99\x99\x99\x99\x9a"), "1.1E0");
    EXPECT_EQ(read("\xf4"), "false");
    EXPECT_EQ(read("\xf6"), "null");
    EXPECT_EQ(read("\xf7"), "null");
    EXPECT_EQ(read("\xc1\x1a\x51\x4b\x67\xb0"), "1363896240");
    EXPECT_EQ(read("\xd8\x20\x61\x61"), "\"a\"");
    EXPECT_EQ(read("\x44\x01\x02\x03\x04"), "\"AQIDBA==\"");
    EXPECT_EQ(read("\x7f\x65strea\x64ming\xff"), "\"streaming\"");
    EXPECT_EQ(read("\x5f\x42\x01\x02\x43\x03\x04\x05\xff"), "\"AQIDBAU=\"");
    EXPECT_EQ(read("\x83\x01\x82\x02\x03\x9f\x04\x05\xff"), "[1,[2,3],[4,5]]");
    EXPECT_EQ(read("\xbf\x61\x61\x01\x61\x62\x9f\x02\x03\xff\xff"), R"({"a":1,"b":[2,3]})");
    EXPECT_EQ(read("\xa0"), "{}");
}

TEST(Cbor, RefusesWhatIsNone) {
    for (const auto& bytes :
         {""s, "\x18"s, "\x1b\x00\x00\x00"s, "\x61"s, "\x82\x01"s, "\xa1\x61\x61"s, "\x9f\x01"s,
          "\x7f\x61\x61"s}) {
        EXPECT_EQ(read(bytes), "it ends too early");
    }
    EXPECT_EQ(read("\x01\x02"), "something stands behind it");
    EXPECT_EQ(read("\xa1\x01\x02"), "a key of a map is no text");
    EXPECT_EQ(read("\x62\xff\xff"), "a text is not UTF-8");
    EXPECT_EQ(read("\xa1\x61\xff\x00"s), "a text is not UTF-8");
    EXPECT_EQ(read("\x7f\x41\x61\xff"), "a chunk of a string is not valid");
    EXPECT_EQ(read("\x7f\x7f\x61\x61\xff\xff"), "a chunk of a string is not valid");
    EXPECT_EQ(read("\x3b\xff\xff\xff\xff\xff\xff\xff\xff"), "a negative number has more than 64 bits");
    for (const char* bytes : {"\x1c", "\x1f", "\x3f", "\xdf\x01", "\x5c"})
        EXPECT_EQ(read(bytes), "a length is not valid");
    for (const char* bytes : {"\xff", "\xf8\x20", "\xe1", "\xfc"})
        EXPECT_NE(read(bytes).find("not valid"), std::string::npos);
}

// Nine bytes that claim exabytes, nesting, and many small items.
TEST(Cbor, RefusesBombs) {
    for (const char* major : {"\x5b", "\x7b", "\x9b", "\xbb"})
        EXPECT_EQ(read(major + "\x7f\xff\xff\xff\xff\xff\xff\xff"s), "it ends too early");
    EXPECT_EQ(read("\xbb\x00\x00\x00\x00\x00\x00\x00\x02\x61\x61\x01"s), "it ends too early");
    EXPECT_EQ(read(std::string(100'000, '\x81')), "it is nested too deeply");
    EXPECT_EQ(read(std::string(100'000, '\x9f')), "it is nested too deeply");
    EXPECT_EQ(read(std::string(100'000, '\xc1')), "it is nested too deeply");
    EXPECT_EQ(read("\x9f" + std::string(600'000, '\xa0') + "\xff"), "there are too many items");
    EXPECT_EQ(read("\x7f" + std::string(600'000, '\x60') + "\xff"), "there are too many items");
    std::string chain;
    for (int i = 0; i < 64; ++i) chain += '\x81';
    EXPECT_EQ(read(chain + "\x01"), std::string(64, '[') + "1" + std::string(64, ']'));
}

TEST(Cbor, WritesTheShortestHeads) {
    shapes::cloudwatch::Dimension dimension{std::string(24, 'n'), "v"};
    std::string out;
    append_cbor(out, &dimension, shapes::shape_of<shapes::cloudwatch::Dimension>());
    EXPECT_EQ(out, "\xa2\x64Name\x78\x18" + std::string(24, 'n') + "\x65Value\x61v");
}

HttpRequest cbor_request(std::string operation, std::string body) {
    auto request = test::form_request("monitoring", std::move(body));
    request.target = "/service/GraniteServiceVersion20100801/operation/" + operation;
    std::erase_if(request.headers, [](const auto& header) { return header.first == "Content-Type"; });
    request.headers.emplace_back("content-type", "application/cbor");
    request.headers.emplace_back("Smithy-Protocol", "rpc-v2-cbor");
    return request;
}

TEST(CborRequests, AreRoutedByTheirPath) {
    const auto routed = route(cbor_request("DescribeAlarms", "\xa1\x6aMaxRecords\x05"));
    ASSERT_TRUE(routed) << routed.error().message;
    EXPECT_STREQ(routed->operation->name, "DescribeAlarms");
    EXPECT_TRUE(routed->dialect.cbor);
    const auto input = decode(*routed);
    ASSERT_TRUE(input);
    EXPECT_EQ(static_cast<const shapes::cloudwatch::DescribeAlarmsRequest*>(input->get())->max_records, 5);
    // No body is an empty input.
    EXPECT_TRUE(decode(*route(cbor_request("DescribeAlarms", ""))));
}

TEST(CborRequests, RefusalsAreCborToo) {
    const auto refused = [](const HttpRequest& request) {
        const auto dialect = guess_dialect(request);
        EXPECT_TRUE(dialect.cbor);
        const auto routed = route(request);
        const auto input = routed ? decode(*routed) : tl::unexpected<Error>(routed.error());
        EXPECT_FALSE(input);
        const auto response = encode_error(dialect, input ? Error{} : input.error(), "id");
        EXPECT_EQ(response.status, 400);
        EXPECT_EQ(*find_header(response.headers, "smithy-protocol"), "rpc-v2-cbor");
        EXPECT_EQ(*find_header(response.headers, "Content-Type"), "application/cbor");
        const auto body = parse_cbor(response.body);
        return body ? std::string(body->at("__type").as_string()) + ": " +
                          std::string(body->at("message").as_string())
                    : std::string();
    };
    EXPECT_TRUE(refused(cbor_request("DescribeAlarms", "\xa1"))
                    .starts_with("SerializationException: The body is not valid CBOR"));
    EXPECT_TRUE(refused(cbor_request("DescribeAlarms", "\x01")).starts_with("SerializationException: "));
    EXPECT_EQ(
        refused(cbor_request("DescribeAlarms", "\xa1\x6aMaxRecords\x61x")),
        "SerializationException: STRING_VALUE cannot be converted to Integer (at 'MaxRecords')"
    );
    EXPECT_EQ(
        refused(cbor_request("DescribeAlarms", "\xa1\x6aMaxRecords\xfb\x7f\xf8\x00\x00\x00\x00\x00\x00"s)),
        "SerializationException: NUMBER_VALUE cannot be converted to Integer (at 'MaxRecords')"
    );
    EXPECT_TRUE(refused(cbor_request("DescribeAlarms", "\xa1\x6aMaxRecords\x19\x03\xe8"))
                    .starts_with("ValidationError: 1 validation"));
    EXPECT_TRUE(refused(cbor_request("Nonsense", "")).starts_with("UnknownOperationException: "));
    const auto error = encode_error(
        guess_dialect(cbor_request("SetAlarmState", "")), {Errc::refused, "ResourceNotFound", "no"}, "id"
    );
    EXPECT_EQ(error.status, 404);
    EXPECT_EQ(*find_header(error.headers, "x-amzn-query-error"), "ResourceNotFound;Sender");
    EXPECT_EQ(parse_cbor(error.body)->at("__type").as_string(), "com.amazonaws.cloudwatch#ResourceNotFound");
}

TEST(CborRequests, OtherPathsAndProtocolsAreNotServed) {
    auto request = cbor_request("DescribeAlarms", "");
    std::erase_if(request.headers, [](const auto& header) { return header.first == "Smithy-Protocol"; });
    EXPECT_EQ(route(request).error().code, "UnknownOperationException");
    request = cbor_request("DescribeAlarms", "");
    request.target = "/service/GraniteServiceVersion20100801/operation/";
    EXPECT_EQ(route(request).error().code, "UnknownOperationException");
    request.target = "/service/Other/operation/DescribeAlarms";
    EXPECT_EQ(route(request).error().code, "UnknownOperationException");
    request = cbor_request("DescribeAlarms", "");
    for (auto& [name, value] : request.headers) {
        if (name == "Authorization") value = test::authorization("ecs");
    }
    EXPECT_EQ(route(request).error().code, "InvalidSignatureException");
}

}  // namespace
}  // namespace gantry::wire
