#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "port/descriptor.h"

namespace gantry::adapter::routernet {

// Network namespaces that live by a file (a bind mount of the namespace), all in one folder of our own. Enter
// and make act on the calling thread only, which must belong to nobody else.
class NamespaceFiles {
  public:
    explicit NamespaceFiles(std::string directory) : directory_(std::move(directory)) {}

    // Makes the folder and turns it into a mount point, so that unmounting reaches copies of the mount table
    // as well.
    Result<> prepare();

    std::string path(const std::string& name) const { return directory_ + '/' + name; }
    // Opened only if it is really a namespace: after a reboot an empty file may be left, which is removed.
    Result<port::Descriptor> open(const std::string& name);  // not_found
    // Makes a namespace and its file; the thread ends where it was. conflict if there.
    Result<port::Descriptor> make(const std::string& name);
    // Lets go: the kernel removes the namespace once no process is in it. Gone already is fine.
    Result<> remove(const std::string& name);
    Result<std::vector<std::string>> list();
    // Unmounts and removes the folder, which must hold no namespace any more.
    Result<> remove_folder();

    const std::string& directory() const { return directory_; }

  private:
    std::string directory_;
};

Result<port::Descriptor> current_namespace();
Result<> enter(const port::Descriptor& netns);

// Runs in another namespace and comes back to the own one; both are known to exist.
class Visit {
  public:
    Visit(const port::Descriptor& there, const port::Descriptor& back);
    ~Visit();
    Visit(const Visit&) = delete;
    Visit& operator=(const Visit&) = delete;

  private:
    const port::Descriptor& back_;
};

// "net/ipv4/ip_forward"; acts on the namespace of the calling thread.
Result<> write_sysctl(const std::string& name, const std::string& value);

}  // namespace gantry::adapter::routernet
