#pragma once

#include <list>
#include <map>
#include <optional>
#include <string>

#include "link/message.h"
#include "link/usage.h"

namespace gantry::control {

// What waits for a slow link to one worker: of each object, and of each task's acknowledgements, only the newest,
// so it is never longer than what the worker holds. A newer one goes to the end, behind what it may build on.
class OutgoingMessages {
  public:
    void put(const link::ToWorker& message);
    void put(const link::Measure& measure);
    // The oldest, encoded; absent when there is none.
    std::optional<std::string> take();
    std::size_t size() const { return queue_.size(); }

  private:
    struct Waiting {
        std::string about;
        std::string bytes;
    };
    void put(std::string about, std::string bytes);

    std::list<Waiting> queue_;
    std::map<std::string, std::list<Waiting>::iterator> places_;
};

}  // namespace gantry::control
