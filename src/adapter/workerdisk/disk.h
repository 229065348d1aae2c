#pragma once

#include <string>

#include "port/worker_disk.h"

namespace gantry::adapter::workerdisk {

// Everything is small and local, so calls finish before they return: no thread, no executor.
class Disk : public port::WorkerDisk {
  public:
    explicit Disk(std::string folder) : folder_(std::move(folder)) {}

    Reply<> put(std::string name, std::string text) override;
    Reply<> erase(std::string name) override;
    Reply<std::map<std::string, std::string>> load() override;
    Reply<std::string> put_file(std::string task, std::string name, std::string content) override;
    Reply<std::vector<std::string>> list_files() override;
    Reply<> remove_files(std::string task) override;

  private:
    std::string object(const std::string& name) const { return folder_ + "/objects/" + name; }
    std::string task_folder(const std::string& task) const { return folder_ + "/files/" + task; }

    std::string folder_;
};

}  // namespace gantry::adapter::workerdisk
