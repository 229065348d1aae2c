// Stands in for libFuzzer where clang is missing: replays a folder of seeds, then runs seeded mutations of
// them.
//   NAME_fuzz FOLDER [RUNS] [SEED]
// A crash leaves the input in crash-NAME, to be replayed by naming it in place of the folder.
#include <fcntl.h>
#include <unistd.h>
#include <algorithm>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <random>
#include <sstream>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

namespace fs = std::filesystem;

std::string current;
std::string crash_file = "crash";

void save_and_die(int signal_number) {
    const int file = open(crash_file.c_str(), O_CREAT | O_TRUNC | O_WRONLY, 0600);
    if (write(file, current.data(), current.size()) >= 0) close(file);
    std::signal(signal_number, SIG_DFL);
    std::raise(signal_number);
}

void run(std::string input) {
    current = std::move(input);
    LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(current.data()), current.size());
}

std::vector<std::string> read_seeds(const fs::path& from) {
    std::vector<fs::path> paths;
    if (fs::is_directory(from)) {
        for (const auto& entry : fs::recursive_directory_iterator(from)) {
            if (entry.is_regular_file()) paths.push_back(entry.path());
        }
    } else {
        paths.push_back(from);
    }
    std::sort(paths.begin(), paths.end());
    std::vector<std::string> seeds;
    for (const auto& path : paths) {
        std::ifstream file(path, std::ios::binary);
        std::stringstream text;
        text << file.rdbuf();
        seeds.push_back(text.str());
    }
    return seeds;
}

constexpr const char* kTokens[] = {
    "{",
    "}",
    "[",
    "]",
    "\"",
    ":",
    ",",
    "null",
    "true",
    "-1",
    "1e999",
    "99999999999999999999",
    "\\u0000",
    "\\ud800",
    "\xff",
    "\n",
    "\n\n",
    "&",
    "=",
    "%",
    "%ff",
    "%00",
    ".1",
    ".member.1",
    ".entry.1.key",
    "0.5",
    "\\",
    "<",
    "Action=",
    "X-Amz-Algorithm=AWS4-HMAC-SHA256",
    "/",
    " ",
    ";"
};

class Mutator {
  public:
    Mutator(const std::vector<std::string>& seeds, std::uint64_t seed) : seeds_(seeds), random_(seed) {}

    std::string next() {
        std::string text = seeds_[below(seeds_.size())];
        for (std::size_t n = 1 + below(6); n > 0; --n) mutate(text);
        return text;
    }

  private:
    std::size_t below(std::size_t limit) { return limit == 0 ? 0 : random_() % limit; }

    void mutate(std::string& text) {
        const std::size_t at = below(text.size() + 1);
        const std::size_t length = std::min(text.size() - at, below(below(8) == 0 ? 4096 : 16));
        switch (below(8)) {
            case 0:
                if (at < text.size()) text[at] = static_cast<char>(text[at] ^ (1 << below(8)));
                return;
            case 1:
                if (at < text.size()) text[at] = static_cast<char>(below(256));
                return;
            case 2:
                text.insert(at, kTokens[below(std::size(kTokens))]);
                return;
            case 3:
                text.replace(at, length, kTokens[below(std::size(kTokens))]);
                return;
            case 4:
                text.erase(at, length);
                return;
            case 5:
                text.insert(at, text.substr(at, length));
                return;
            case 6: {
                const auto& other = seeds_[below(seeds_.size())];
                const std::size_t from = below(other.size() + 1);
                text.insert(at, other.substr(from, below(200)));
                return;
            }
            default: {
                const std::string token = kTokens[below(std::size(kTokens))];
                for (std::size_t n = below(200); n > 0; --n) text.insert(at, token);
            }
        }
    }

    const std::vector<std::string>& seeds_;
    std::mt19937_64 random_;
};

}  // namespace

int main(int argc, char** argv) {
    if (argc < 2) {
        std::fprintf(stderr, "usage: %s FOLDER|FILE [RUNS] [SEED]\n", argv[0]);
        return 2;
    }
    crash_file = "crash-" + fs::path(argv[0]).filename().string();
    for (int number : {SIGSEGV, SIGABRT, SIGILL, SIGTRAP, SIGFPE, SIGBUS}) std::signal(number, save_and_die);
    const auto seeds = read_seeds(argv[1]);
    if (seeds.empty()) {
        std::fprintf(stderr, "%s: no seeds in %s\n", argv[0], argv[1]);
        return 2;
    }
    for (const auto& seed : seeds) run(seed);
    const std::uint64_t runs = argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 0;
    const std::uint64_t seed = argc > 3 ? std::strtoull(argv[3], nullptr, 10) : 1;
    Mutator mutator(seeds, seed);
    for (std::uint64_t i = 0; i < runs; ++i) run(mutator.next());
    std::printf(
        "%zu seeds and %llu mutations, seed %llu\n", seeds.size(), static_cast<unsigned long long>(runs),
        static_cast<unsigned long long>(seed)
    );
    return 0;
}
