#include "sim/worker_disk.h"

#include "port/worker_disk_contract.h"
#include "sim/virtual_clock.h"

namespace gantry::sim {
namespace {

// The one disk, given out again and again.
class Lent : public port::WorkerDisk {
  public:
    explicit Lent(port::WorkerDisk& disk) : disk_(disk) {}
    Reply<> put(std::string name, std::string text) override {
        return disk_.put(std::move(name), std::move(text));
    }
    Reply<> erase(std::string name) override { return disk_.erase(std::move(name)); }
    Reply<std::map<std::string, std::string>> load() override { return disk_.load(); }
    Reply<std::string> put_file(std::string task, std::string name, std::string content) override {
        return disk_.put_file(std::move(task), std::move(name), std::move(content));
    }
    Reply<std::vector<std::string>> list_files() override { return disk_.list_files(); }
    Reply<> remove_files(std::string task) override { return disk_.remove_files(std::move(task)); }

  private:
    port::WorkerDisk& disk_;
};

struct PretendedDisk {
    std::unique_ptr<port::WorkerDisk> open() { return std::make_unique<Lent>(disk); }

    boost::asio::io_context context;
    VirtualClock clock{context};
    Faults faults{clock, 1};
    WorkerDisk disk{faults};
};

}  // namespace
}  // namespace gantry::sim

namespace gantry::port {
INSTANTIATE_TYPED_TEST_SUITE_P(Pretended, WorkerDiskContract, sim::PretendedDisk);
}
