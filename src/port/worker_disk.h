#pragma once

#include <boost/asio/awaitable.hpp>
#include <map>
#include <string>
#include <vector>

#include "base/result.h"

namespace gantry::port {

// What one worker keeps on its own disk: small named texts, and plain files that its containers see.
//
// A put or erase is atomic and survives the death of the process. It need not survive power loss: nothing
// runs after one, and the control plane knows what is wanted. Names are [A-Za-z0-9_.:-]{1,200}, never "." or
// "..". Errors: exhausted (disk full; the old text is still there), unavailable.
class WorkerDisk {
  public:
    template <class T = void>
    using Reply = boost::asio::awaitable<Result<T>>;

    virtual ~WorkerDisk() = default;

    virtual Reply<> put(std::string name, std::string text) = 0;
    virtual Reply<> erase(std::string name) = 0;
    virtual Reply<std::map<std::string, std::string>> load() = 0;

    // A file of a task, made or replaced in place (containers that have it mounted see the new content); its
    // absolute path. Readable by every user.
    virtual Reply<std::string> put_file(std::string task, std::string name, std::string content) = 0;
    // Tasks that have files.
    virtual Reply<std::vector<std::string>> list_files() = 0;
    // All files of the task. None is fine.
    virtual Reply<> remove_files(std::string task) = 0;
};

}  // namespace gantry::port
