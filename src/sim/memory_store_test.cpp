#include "sim/memory_store.h"

#include "port/store_contract.h"

namespace gantry::sim {
namespace {

// Gives the one store out again and again, as if the control plane had crashed in between.
class Lent : public port::Store {
  public:
    explicit Lent(MemoryStore& store) : store_(store) {}
    boost::asio::awaitable<Result<port::Sequence>> commit(port::StoreBatch batch, port::Sequence expected)
        override {
        return store_.commit(std::move(batch), expected);
    }
    boost::asio::awaitable<Result<port::Sequence>> load(Visit visit) override {
        return store_.load(std::move(visit));
    }

  private:
    MemoryStore& store_;
};

struct MemoryWorld {
    std::unique_ptr<port::Store> open(boost::asio::io_context& context) {
        if (!store) store = std::make_unique<MemoryStore>(context.get_executor());
        return std::make_unique<Lent>(*store);
    }
    std::unique_ptr<MemoryStore> store;
};

}  // namespace
}  // namespace gantry::sim

namespace gantry::port {
INSTANTIATE_TYPED_TEST_SUITE_P(Memory, StoreContract, sim::MemoryWorld);
}
