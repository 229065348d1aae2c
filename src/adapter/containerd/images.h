#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/thread_pool.hpp>
#include <map>
#include <memory>
#include <string>

#include "adapter/containerd/client.h"
#include "adapter/containerd/gate.h"
#include "port/images.h"

namespace gantry::adapter::containerd {

struct ImagesConfig {
    std::string ctr_program = "ctr";
    // A directory with one folder per registry host, each with a hosts.toml: mirrors, certificates, plain HTTP. Empty:
    // none.
    std::string registry_config_dir;
    // Logins as in Docker's config.json; read anew for each pull that brings none of its own. Empty, or a file that is
    // not there: none.
    std::string registry_login_file;
    std::size_t pulls_in_flight = 3;
};

// Images in our containerd. Pulling and importing is done by containerd's own `ctr` (registry protocol, authorization,
// mirrors, unpacking); what an image says is read from the content store. A password never stands in an argument.
class Images final : public port::Images {
  public:
    Images(boost::asio::any_io_executor executor, std::shared_ptr<Client> client, ImagesConfig config);
    ~Images() override;

    Reply<port::ImageInfo> pull(std::string reference, port::RegistryAuth auth, port::OnPullProgress progress) override;
    Reply<port::ImageInfo> get(std::string reference) override;
    Reply<std::vector<port::ImageInfo>> list() override;
    Reply<> remove(std::string reference) override;
    Reply<std::vector<std::string>> load(std::string archive_path) override;

    // For the runtime: what to run and on which layers.
    struct Unpacked {
        port::ImageInfo info;
        std::string chain_id;  // empty for an image without layers
    };
    Reply<Unpacked> unpacked(std::string reference);

  private:
    struct Pull;
    Reply<port::RegistryAuth> stored_login(std::string host);
    Reply<port::ImageInfo> pull_once(std::string name, port::RegistryAuth auth, port::OnPullProgress progress);
    Reply<Unpacked> described(std::string name, std::string digest);
    std::vector<std::string> ctr(std::initializer_list<std::string> arguments) const;

    boost::asio::any_io_executor executor_;
    std::shared_ptr<Client> client_;
    ImagesConfig config_;
    Gate gate_;
    std::map<std::string, Unpacked> by_digest_;  // immutable facts, never stale
    std::map<std::string, std::shared_ptr<Pull>> pulls_;
    boost::asio::thread_pool pool_{1};
};

}  // namespace gantry::adapter::containerd
