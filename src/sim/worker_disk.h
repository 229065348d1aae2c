#pragma once

#include <map>
#include <string>
#include <vector>

#include "port/worker_disk.h"
#include "sim/faults.h"

namespace gantry::sim {

// A worker's disk, which outlives the worker.
class WorkerDisk : public port::WorkerDisk {
  public:
    explicit WorkerDisk(Faults& faults) : faults_(faults) {}

    bool full = false;
    const std::map<std::string, std::string>& texts() const { return texts_; }
    const std::map<std::string, std::string>& files() const { return files_; }
    void lose_everything() {
        texts_.clear();
        files_.clear();
    }

    Reply<> put(std::string name, std::string text) override;
    Reply<> erase(std::string name) override;
    Reply<std::map<std::string, std::string>> load() override;
    Reply<std::string> put_file(std::string task, std::string name, std::string content) override;
    Reply<std::vector<std::string>> list_files() override;
    Reply<> remove_files(std::string task) override;

  private:
    Faults& faults_;
    std::map<std::string, std::string> texts_;
    std::map<std::string, std::string> files_;  // by path
};

}  // namespace gantry::sim
