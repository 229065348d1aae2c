#include <cstdio>

#include "admin_client.h"
#include "commands.h"

namespace gantry::app {

int run_dump(const Installation& installation, const std::string& table) {
    const auto answer =
        ask_server(installation, "GET", table.empty() ? "/_gantry/dump" : "/_gantry/dump?table=" + table);
    if (!answer) return complain(answer.error());
    std::fwrite(answer->data(), 1, answer->size(), stdout);
    return 0;
}

}  // namespace gantry::app
