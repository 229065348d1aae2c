#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>

#include "base/result.h"
#include "port/descriptor.h"

namespace gantry::adapter::routernet {

// Gives rules to the kernel through the `nft` program: one call is one atomic transaction. Small ones go
// through one long-lived `nft -i` (0.35 ms), which is started again when it dies; large ones through a
// process of their own.
class Nft {
  public:
    Nft() = default;
    Nft(Nft&& other) noexcept;
    Nft& operator=(Nft&&) = delete;
    ~Nft();

    // Commands of one line each. Acts on the namespace that the calling thread was in at the first call. The
    // error carries nft's own words.
    Result<> apply(const std::string& commands);

    // The same in the namespace of the calling thread, by a process of its own.
    static Result<> load(const std::string& commands);
    // What a `list …` command prints; not_found when there is no such thing. terse: without the elements of sets.
    static Result<std::string> list(const std::string& what, bool terse = false);

    void stop();

  private:
    Result<> start();
    Result<> send(const std::string& line);

    pid_t pid_ = 0;
    port::Descriptor input_, errors_;
    std::uint64_t sequence_ = 0;
};

}  // namespace gantry::adapter::routernet
