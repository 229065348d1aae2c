#pragma once

#include <map>
#include <string>
#include <vector>

#include "port/images.h"
#include "sim/faults.h"

namespace gantry::sim {

// A registry and what this machine has of it. References are taken as they are written.
class Images : public port::Images {
  public:
    explicit Images(Faults& faults) : faults_(faults) {}

    // In the registry; a pull takes that long.
    void publish(const std::string& reference, Duration pull_takes = Duration{500});
    // On this machine already.
    void have(const std::string& reference);
    int pulls_of(const std::string& reference) const;

    Reply<port::ImageInfo> pull(std::string reference, port::RegistryAuth auth, port::OnPullProgress progress)
        override;
    Reply<port::ImageInfo> get(std::string reference) override;
    Reply<std::vector<port::ImageInfo>> list() override;
    Reply<> remove(std::string reference) override;
    Reply<std::vector<std::string>> load(std::string archive_path) override;

  private:
    Faults& faults_;
    std::map<std::string, Duration> registry_;
    std::map<std::string, port::ImageInfo> here_;
    std::map<std::string, int> pulls_;
};

}  // namespace gantry::sim
