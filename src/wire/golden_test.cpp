#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "shapes/json.h"
#include "wire/decode.h"
#include "wire/encode.h"

// Every operation that has shapes has a recorded request of botocore's, which we read as it was meant, and a
// pinned answer of ours, which botocore reads back (codegen/record_golden.py --check). UPDATE_GOLDEN=1 pins
// the answers anew.
namespace gantry::wire {
namespace {

namespace fs = std::filesystem;

const fs::path kFolder = "src/wire/golden";  // tests run in the source folder

std::string read_file(const fs::path& path) {
    std::ifstream file(path, std::ios::binary);
    std::stringstream text;
    text << file.rdbuf();
    return text.str();
}

std::string take_line(std::string& text) {
    const auto end = text.find('\n');
    std::string line = text.substr(0, end);
    text.erase(0, end == std::string::npos ? text.size() : end + 1);
    return line;
}

// "METHOD TARGET", headers, an empty line, the body and one more newline.
HttpRequest parse_request(std::string text) {
    HttpRequest request;
    const std::string start = take_line(text);
    request.method = start.substr(0, start.find(' '));
    request.target = start.substr(start.find(' ') + 1);
    for (std::string line = take_line(text); !line.empty(); line = take_line(text)) {
        const auto colon = line.find(": ");
        request.headers.emplace_back(line.substr(0, colon), line.substr(colon + 2));
    }
    request.body = text.substr(0, text.size() - 1);
    return request;
}

std::string print_response(const HttpResponse& response) {
    std::string text = std::to_string(response.status) + "\n";
    for (const auto& [name, value] : response.headers) text += name + ": " + value + "\n";
    return text + "\n" + response.body + "\n";
}

struct Recorded {
    const shapes::Operation* operation;
    const char* protocol;  // behind the service's name in the folder's: "" or ".cbor"
};

class Golden : public ::testing::TestWithParam<Recorded> {
  protected:
    fs::path path(const char* ending) const {
        const auto& [operation, protocol] = GetParam();
        return kFolder / (operation->service->id + std::string(protocol)) /
               (std::string(operation->name) + ending);
    }
};

std::vector<Recorded> operations_with_shapes() {
    std::vector<Recorded> found;
    for (const auto* service : shapes::services()) {
        // The one service whose newer clients speak CBOR.
        const bool cbor = service->id == std::string_view("cloudwatch");
        for (std::size_t i = 0; i < service->operation_count; ++i) {
            const auto& operation = service->operations[i];
            if (operation.input == nullptr) continue;
            found.push_back({&operation, ""});
            if (cbor) found.push_back({&operation, ".cbor"});
        }
    }
    return found;
}

TEST_P(Golden, BytesBothWays) {
    ASSERT_TRUE(fs::exists(path(".request")) && fs::exists(path(".response")))
        << "no golden bytes: run `python3 codegen/record_golden.py`, then `UPDATE_GOLDEN=1 build/wire_test`";
    std::string text = read_file(path(".request"));
    const auto expected = boost::json::parse(take_line(text));
    const auto routed = route(parse_request(text));
    ASSERT_TRUE(routed) << routed.error().message;
    EXPECT_EQ(routed->operation, GetParam().operation);
    const auto input = decode(*routed);
    ASSERT_TRUE(input) << input.error().code << ": " << input.error().message;
    EXPECT_EQ(shapes::write_json(input->get(), *routed->operation->input), expected);

    std::string pinned = read_file(path(".response"));
    const std::string output_text = take_line(pinned);
    const auto output = routed->operation->make_response();
    const auto read =
        shapes::read_record(boost::json::parse(output_text), *routed->operation->output, output.get());
    ASSERT_TRUE(read) << read.error().message;
    const std::string answer =
        print_response(encode_success(*routed, output.get(), "00000000-0000-0000-0000-000000000001"));
    if (std::getenv("UPDATE_GOLDEN") != nullptr) {
        std::ofstream(path(".response"), std::ios::binary) << output_text << '\n' << answer;
    } else {
        EXPECT_EQ(answer, pinned);
    }
}

INSTANTIATE_TEST_SUITE_P(
    AllOperations,
    Golden,
    ::testing::ValuesIn(operations_with_shapes()),
    [](const auto& info) {
        const auto& operation = *info.param.operation;
        return std::string(operation.service->id) + "_" + operation.name +
               (*info.param.protocol ? "_cbor" : "");
    }
);

}  // namespace
}  // namespace gantry::wire
