// Form bodies, in the query and the ec2 dialect, into operations with nested lists and structures.
#include <cstdint>

#include "shapes/ec2/shapes.h"
#include "shapes/iam/shapes.h"
#include "shapes/json.h"
#include "shapes/sts/shapes.h"
#include "wire/decode.h"
#include "wire/encode.h"
#include "wire/validate.h"

using namespace gantry;

static void decode(const wire::Form& form, const shapes::Operation& operation) {
    const auto input = operation.make_request();
    std::vector<std::string> missing;
    if (!wire::decode_form(form, operation, input.get(), missing)) return;
    if (wire::validate(operation, input.get(), missing)) {
        std::string text;
        shapes::append_json(text, input.get(), *operation.input);
    }
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::string_view text(reinterpret_cast<const char*>(data), size);
    if (const auto head = text.find("\n\n"); head != std::string_view::npos) text.remove_prefix(head + 2);
    const auto form = wire::Form::parse(text);
    if (!form) return 0;
    decode(*form, shapes::iam::operations::CreateRole);
    decode(*form, shapes::sts::operations::AssumeRole);
    decode(*form, shapes::ec2::operations::AuthorizeSecurityGroupIngress);
    decode(*form, shapes::ec2::operations::DescribeNetworkInterfaces);
    decode(*form, shapes::ec2::operations::CreateTags);
    decode(*form, shapes::ec2::operations::ModifyVpcAttribute);
    std::string xml;
    wire::append_xml_text(xml, text);
    if (!wire::is_utf8(xml)) __builtin_trap();
    return 0;
}
