#include "sim/images.h"

namespace gantry::sim {

void Images::publish(const std::string& reference, Duration pull_takes) { registry_[reference] = pull_takes; }

void Images::have(const std::string& reference) {
    port::ImageInfo info;
    info.reference = reference;
    info.digest = "sha256:" + reference;
    here_[reference] = info;
}

int Images::pulls_of(const std::string& reference) const {
    const auto found = pulls_.find(reference);
    return found == pulls_.end() ? 0 : found->second;
}

port::Images::Reply<port::ImageInfo> Images::pull(
    std::string reference, port::RegistryAuth auth, port::OnPullProgress progress
) {
    (void)auth;
    (void)progress;
    CO_TRY_VOID(co_await faults_.before("pull"));
    ++pulls_[reference];
    const auto found = registry_.find(reference);
    if (found == registry_.end())
        co_return refuse("CannotPullContainerError", reference + ": repository does not exist");
    CO_TRY_VOID(co_await faults_.clock().sleep_for(found->second));
    have(reference);
    CO_TRY_VOID(faults_.after("pull"));
    co_return here_.at(reference);
}

port::Images::Reply<port::ImageInfo> Images::get(std::string reference) {
    CO_TRY_VOID(co_await faults_.before("get"));
    const auto found = here_.find(reference);
    if (found == here_.end()) co_return trouble(Errc::not_found, "no image " + reference);
    co_return found->second;
}

port::Images::Reply<std::vector<port::ImageInfo>> Images::list() {
    std::vector<port::ImageInfo> all;
    for (const auto& [reference, info] : here_) all.push_back(info);
    co_return all;
}

port::Images::Reply<> Images::remove(std::string reference) {
    here_.erase(reference);
    co_return Result<>{};
}

port::Images::Reply<std::vector<std::string>> Images::load(std::string archive_path) {
    co_return refuse("InvalidArchive", archive_path + ": the pretended world has no files");
}

}  // namespace gantry::sim
