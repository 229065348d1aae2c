#include "adapter/routernet/options.h"

#include "base/assertion.h"

namespace gantry::adapter::routernet {

Options options_for(std::string installation, std::string directory, unsigned number) {
    ASSERT(number < 64, "host link addresses are a /24 of /30s");
    auto text = std::to_string(number);
    Options options;
    options.host_table = number == 0 ? "gantry" : "gantry" + text;
    options.installation = std::move(installation);
    options.directory = std::move(directory);
    options.host_link = "gh" + text;
    options.host_address = {0xA9FEAB01U + 4 * number};
    options.router_address = {0xA9FEAB02U + 4 * number};
    options.pasta_group = 64700 + number;
    return options;
}

std::string router_namespace(const Options& options) { return options.directory + "/" + router_file; }

std::string link_of(const std::string& eni_id) {
    std::uint64_t hash = 14695981039346656037ULL;
    for (unsigned char c : eni_id) hash = (hash ^ c) * 1099511628211ULL;
    std::string name = "ge";
    for (int shift = 44; shift >= 0; shift -= 4) name += "0123456789abcdef"[hash >> shift & 15];
    return name;
}

}  // namespace gantry::adapter::routernet
