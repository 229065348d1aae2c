#pragma once

#include <memory>
#include <string>

#include "port/store.h"

namespace gantry::adapter::sqlite {

// A port::Store in one SQLite file. Blocking work happens on one thread of its own; replies resume on the
// caller's executor. A commit that is under way when the store is destroyed is finished first.
class Store : public port::Store {
  public:
    // Blocks; before the loop starts. Errc::invalid when the file is not ours or of a newer format.
    static Result<std::unique_ptr<Store>> open(std::string path);
    ~Store() override;

    boost::asio::awaitable<Result<port::Sequence>> commit(port::StoreBatch batch, port::Sequence expected)
        override;
    boost::asio::awaitable<Result<port::Sequence>> load(Visit visit) override;

  private:
    class Thread;
    explicit Store(std::unique_ptr<Thread> thread);
    std::unique_ptr<Thread> thread_;
};

}  // namespace gantry::adapter::sqlite
