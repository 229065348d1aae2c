#include "adapter/containerd/daemon_config.h"

namespace gantry::adapter::containerd {

static std::string quoted(const std::string& text) {
    std::string result = "\"";
    for (char c : text) {
        if (c == '"' || c == '\\') result += '\\';
        result += c;
    }
    return result + "\"";
}

Result<std::string> daemon_config_text(const DaemonConfig& config) {
    for (const auto& path : {config.root, config.state}) {
        if (!path.starts_with('/')) return trouble(Errc::invalid, "not an absolute path: " + path);
        for (unsigned char c : path)
            if (c < 0x20) return trouble(Errc::invalid, "a control character in the path " + path);
    }
    // A unix socket's address has room for 107 bytes, and ".ttrpc" is appended.
    if (config.socket().size() + 6 > 107)
        return trouble(Errc::invalid, "the directory name is too long for containerd's socket: " + config.state);
    return "# Written by Gantry at every start.\n"
           "version = 2\n"
           "root = " + quoted(config.root) + "\n"
           "state = " + quoted(config.state) + "\n"
           "disabled_plugins = [\n"
           "  \"io.containerd.grpc.v1.cri\", \"io.containerd.internal.v1.restart\", \"io.containerd.internal.v1.tracing\",\n"
           "  \"io.containerd.tracing.processor.v1.otlp\", \"io.containerd.monitor.v1.cgroups\",\n"
           "  \"io.containerd.snapshotter.v1.aufs\",\n"
           "  \"io.containerd.snapshotter.v1.btrfs\", \"io.containerd.snapshotter.v1.devmapper\",\n"
           "  \"io.containerd.snapshotter.v1.native\", \"io.containerd.snapshotter.v1.zfs\",\n"
           "]\n"
           "[grpc]\n"
           "  address = " + quoted(config.socket()) + "\n"
           "  max_recv_message_size = 67108864\n"
           "  max_send_message_size = 268435456\n"
           "[ttrpc]\n"
           "  address = " + quoted(config.socket() + ".ttrpc") + "\n"
           "[debug]\n"
           "  level = \"warn\"\n"
           "[plugins]\n"
           "  [plugins.\"io.containerd.internal.v1.opt\"]\n"
           "    path = " + quoted(config.root + "/opt") + "\n";
}

}  // namespace gantry::adapter::containerd
