#include "sim/worker_disk.h"

namespace gantry::sim {

// No faults but a full disk: a local disk does not lose answers.
port::WorkerDisk::Reply<> WorkerDisk::put(std::string name, std::string text) {
    if (full) co_return trouble(Errc::exhausted, "no space left on device");
    texts_[name] = std::move(text);
    co_return Result<>{};
}

port::WorkerDisk::Reply<> WorkerDisk::erase(std::string name) {
    texts_.erase(name);
    co_return Result<>{};
}

port::WorkerDisk::Reply<std::map<std::string, std::string>> WorkerDisk::load() { co_return texts_; }

port::WorkerDisk::Reply<std::string> WorkerDisk::put_file(
    std::string task, std::string name, std::string content
) {
    if (full) co_return trouble(Errc::exhausted, "no space left on device");
    const std::string path = "/pretended/" + task + "/" + name;
    files_[path] = std::move(content);
    co_return path;
}

port::WorkerDisk::Reply<std::vector<std::string>> WorkerDisk::list_files() {
    std::vector<std::string> tasks;
    for (const auto& [path, content] : files_) {
        const auto begin = std::string("/pretended/").size();
        auto task = path.substr(begin, path.find('/', begin) - begin);
        if (tasks.empty() || tasks.back() != task) tasks.push_back(std::move(task));
    }
    co_return tasks;
}

port::WorkerDisk::Reply<> WorkerDisk::remove_files(std::string task) {
    std::erase_if(files_, [&](const auto& file) {
        return file.first.starts_with("/pretended/" + task + "/");
    });
    co_return Result<>{};
}

}  // namespace gantry::sim
