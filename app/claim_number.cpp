#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "installation.h"

namespace gantry::app {
namespace {

namespace fs = std::filesystem;

// A link per number whose target is the data folder: made and read in one step each.
const fs::path kFolder = "/run/gantry/numbers";
constexpr unsigned kNumbers = 64;

}  // namespace

Result<unsigned> claim_number(const Installation& installation) {
    std::error_code code;
    fs::create_directories(kFolder, code);
    const fs::path own = fs::weakly_canonical(installation.data_dir, code);
    for (unsigned n = 0; n < kNumbers; ++n) {
        if (fs::read_symlink(kFolder / std::to_string(n), code) == own) return n;
    }
    for (unsigned n = 0; n < kNumbers; ++n) {
        const fs::path link = kFolder / std::to_string(n);
        const fs::path owner = fs::read_symlink(link, code);
        // An installation whose folder is gone has nothing left to tell apart.
        if (!code && !fs::exists(owner, code)) fs::remove(link, code);
        if (::symlink(own.c_str(), link.c_str()) == 0) return n;
        if (errno != EEXIST) {
            return trouble(Errc::unavailable, "cannot make " + link.string() + ": " + std::strerror(errno));
        }
    }
    return trouble(Errc::exhausted, "there are 64 installations of Gantry on this host already");
}

void release_number(const Installation& installation) {
    std::error_code code;
    const fs::path own = fs::weakly_canonical(installation.data_dir, code);
    for (unsigned n = 0; n < kNumbers; ++n) {
        const fs::path link = kFolder / std::to_string(n);
        if (fs::read_symlink(link, code) == own) fs::remove(link, code);
    }
}

}  // namespace gantry::app
