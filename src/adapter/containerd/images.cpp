#include "adapter/containerd/images.h"

#include <algorithm>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <sys/utsname.h>
#include <unistd.h>

#include "adapter/containerd/blocking.h"
#include "adapter/containerd/call.h"
#include "adapter/containerd/file.h"
#include "adapter/containerd/image_config.h"
#include "adapter/containerd/process.h"
#include "adapter/containerd/pull_error.h"
#include "adapter/containerd/reference.h"
#include "adapter/containerd/registry_login.h"

namespace asio = boost::asio;
namespace json = boost::json;

namespace gantry::adapter::containerd {

// A pull in flight; who comes later for the same image waits for its end.
struct Images::Pull {
    explicit Pull(asio::any_io_executor executor) : executor(std::move(executor)) {}
    asio::any_io_executor executor;
    std::vector<std::shared_ptr<Event>> waiting;
    std::vector<port::OnPullProgress> listeners;
};

Images::Images(asio::any_io_executor executor, std::shared_ptr<Client> client, ImagesConfig config)
    : executor_(executor),
      client_(std::move(client)),
      config_(std::move(config)),
      gate_(executor, config_.pulls_in_flight) {}

Images::~Images() = default;

constexpr std::size_t document_bytes_max = 8 << 20;

// Manifests and configurations; blocking.
static Result<std::string> read_blob(Client& client, const std::string& digest) {
    grpc::ClientContext context;
    context.AddMetadata("containerd-namespace", client.name_space());
    context.set_deadline(std::chrono::system_clock::now() + quick);
    api::content::ReadContentRequest request;
    request.set_digest(digest);
    auto reader = client.stubs().content->Read(&context, request);
    std::string bytes;
    api::content::ReadContentResponse part;
    while (reader->Read(&part)) {
        bytes += part.data();
        if (bytes.size() > document_bytes_max) {
            context.TryCancel();
            return trouble(Errc::invalid, "an image document is larger than 8 MiB");
        }
    }
    if (auto status = reader->Finish(); !status.ok()) return tl::unexpected(error_of(status, "Content.Read"));
    return bytes;
}

static Result<json::object> read_document(Client& client, const std::string& digest) {
    TRY(auto bytes, read_blob(client, digest));
    boost::system::error_code error;
    auto value = json::parse(bytes, error);
    if (error || !value.is_object()) return trouble(Errc::invalid, "an image document is not JSON: " + digest);
    return std::move(value.get_object());
}

static std::string text_at(const json::object& object, const char* name) {
    auto* value = object.if_contains(name);
    return value && value->is_string() ? std::string(value->get_string()) : std::string();
}

static std::string machine_architecture() {
    utsname about;
    uname(&about);
    std::string machine = about.machine;
    if (machine == "x86_64") return "amd64";
    if (machine == "aarch64") return "arm64";
    return machine;
}

// The manifest for this machine out of an index of several.
static Result<std::string> manifest_of_index(const json::object& index) {
    auto* manifests = index.if_contains("manifests");
    if (!manifests || !manifests->is_array()) return trouble(Errc::invalid, "an image index without manifests");
    for (const auto& entry : manifests->get_array()) {
        if (!entry.is_object()) continue;
        auto* platform = entry.get_object().if_contains("platform");
        // An index from an image builder may say no platform for its only image.
        if (!platform && manifests->get_array().size() == 1) return text_at(entry.get_object(), "digest");
        if (platform && platform->is_object() && text_at(platform->get_object(), "os") == "linux" &&
            text_at(platform->get_object(), "architecture") == machine_architecture())
            return text_at(entry.get_object(), "digest");
    }
    return refuse("CannotPullContainerError", no_platform_message("linux/" + machine_architecture()));
}

static Result<Images::Unpacked> read_image(Client& client, const std::string& digest) {
    TRY(auto document, read_document(client, digest));
    if (document.contains("manifests")) {
        TRY(auto manifest, manifest_of_index(document));
        TRY(document, read_document(client, manifest));
    }
    auto* config = document.if_contains("config");
    if (!config || !config->is_object()) return trouble(Errc::invalid, "not an image manifest: " + digest);
    std::uint64_t size = 0;
    auto add = [&](const json::value& blob) {
        if (!blob.is_object()) return;
        if (auto* bytes = blob.get_object().if_contains("size"); bytes && bytes->is_int64())
            size += static_cast<std::uint64_t>(bytes->get_int64());
    };
    add(*config);
    if (auto* layers = document.if_contains("layers"); layers && layers->is_array())
        for (const auto& layer : layers->get_array()) add(layer);
    TRY(auto bytes, read_blob(client, text_at(config->get_object(), "digest")));
    TRY(auto parsed, parse_image_config(bytes));
    Images::Unpacked image{std::move(parsed.info), chain_id(parsed.diff_ids)};
    image.info.digest = digest;
    image.info.size_bytes = size;
    return image;
}

Images::Reply<Images::Unpacked> Images::described(std::string name, std::string digest) {
    auto known = by_digest_.find(digest);
    if (known == by_digest_.end()) {
        auto work = [client = client_, digest] { return read_image(*client, digest); };
        auto read = co_await on_pool(pool_, std::move(work));
        if (!read) co_return tl::unexpected(read.error());
        known = by_digest_.emplace(digest, std::move(*read)).first;
    }
    auto image = known->second;
    image.info.reference = std::move(name);
    co_return image;
}

Images::Reply<Images::Unpacked> Images::unpacked(std::string reference) {
    CO_TRY(auto parsed, parse_reference(reference));
    api::images::GetImageRequest request;
    request.set_name(parsed.str());
    auto reply = co_await CONTAINERD_CALL(*client_, images, Get, api::images::GetImageResponse, request, quick);
    if (!reply) co_return tl::unexpected(reply.error());
    const auto& target = reply->image().target();
    co_return co_await described(parsed.str(), target.digest());
}

Images::Reply<port::ImageInfo> Images::get(std::string reference) {
    auto image = co_await unpacked(std::move(reference));
    if (!image) co_return tl::unexpected(image.error());
    co_return std::move(image->info);
}

Images::Reply<std::vector<port::ImageInfo>> Images::list() {
    api::images::ListImagesRequest request;
    auto reply = co_await CONTAINERD_CALL(*client_, images, List, api::images::ListImagesResponse, request, quick);
    if (!reply) co_return tl::unexpected(reply.error());
    std::vector<port::ImageInfo> result;
    for (const auto& image : reply->images()) {
        auto info = co_await described(image.name(), image.target().digest());
        if (info) result.push_back(std::move(info->info));
    }
    std::sort(result.begin(), result.end(), [](auto& a, auto& b) { return a.reference < b.reference; });
    co_return result;
}

Images::Reply<> Images::remove(std::string reference) {
    CO_TRY(auto parsed, parse_reference(reference));
    api::images::DeleteImageRequest request;
    request.set_name(parsed.str());
    request.set_sync(true);
    auto reply = co_await CONTAINERD_CALL(*client_, images, Delete, google::protobuf::Empty, request, slow);
    if (!reply && reply.error().errc != Errc::not_found) co_return tl::unexpected(reply.error());
    co_return Result<>{};
}

std::vector<std::string> Images::ctr(std::initializer_list<std::string> arguments) const {
    std::vector<std::string> result{config_.ctr_program, "-a", client_->socket_path(), "-n", client_->name_space()};
    result.insert(result.end(), arguments);
    return result;
}

Images::Reply<port::RegistryAuth> Images::stored_login(std::string host) {
    if (config_.registry_login_file.empty()) co_return port::RegistryAuth{};
    auto work = [path = config_.registry_login_file, host] {
        return registry_login(read_file(path).value_or(""), host);
    };
    auto login = co_await on_pool(pool_, std::move(work));
    // Whoever repairs the file starts the task again; asking the registry again would not help.
    if (!login)
        co_return refuse("CannotPullContainerError", config_.registry_login_file + ": " + login.error().message);
    co_return login;
}

Images::Reply<port::ImageInfo> Images::pull(std::string reference, port::RegistryAuth auth,
                                            port::OnPullProgress progress) {
    CO_TRY(auto parsed, parse_reference(reference));
    if (auth.username.empty()) {
        CO_TRY(auth, co_await stored_login(parsed.domain));
    }
    // Another caller's secrets are not lent: only pulls with the same ones are joined.
    auto name = parsed.str();
    auto key = name + "\n" + auth.username + "\n" + auth.password;
    while (true) {
        auto running = pulls_.find(key);
        if (running == pulls_.end()) break;
        auto over = std::make_shared<Event>(executor_);
        running->second->waiting.push_back(over);
        if (progress) running->second->listeners.push_back(progress);
        if (auto waited = co_await over->wait(); !waited) co_return tl::unexpected(waited.error());
        // What it brought is here now; if it failed, this caller tries for itself.
        if (auto image = co_await get(name)) co_return image;
    }
    auto pull = std::make_shared<Pull>(executor_);
    if (progress) pull->listeners.push_back(std::move(progress));
    pulls_.emplace(key, pull);
    struct Over {
        Images* images;
        std::string key;
        std::shared_ptr<Pull> pull;
        ~Over() {
            images->pulls_.erase(key);
            for (auto& waiter : pull->waiting) waiter->set();
        }
    } over{this, key, pull};
    port::OnPullProgress tell = [pull](const port::PullProgress& state) {
        for (auto& listener : pull->listeners) listener(state);
    };
    co_return co_await pull_once(name, std::move(auth), std::move(tell));
}

Images::Reply<port::ImageInfo> Images::pull_once(std::string name, port::RegistryAuth auth,
                                                 port::OnPullProgress progress) {
    auto pass = co_await gate_.enter();
    if (!pass) co_return tl::unexpected(pass.error());
    struct Totals {
        std::map<std::string, ProgressLine> items;
        port::PullProgress last;
    };
    auto totals = std::make_shared<Totals>();
    Subprocess subprocess;
    subprocess.arguments = ctr({"images", "pull", "--platform", "linux/" + machine_architecture()});
    if (!config_.registry_config_dir.empty())
        subprocess.arguments.insert(subprocess.arguments.end(), {"--hosts-dir", config_.registry_config_dir});
    if (!auth.username.empty() && !auth.password.empty()) {
        subprocess.arguments.insert(subprocess.arguments.end(), {"--user", auth.username});
        subprocess.password = auth.password;
    }
    subprocess.arguments.push_back(name);
    subprocess.on_line = [totals, progress](const std::string& line) {
        ProgressLine item;
        port::PullProgress now;
        if (parse_progress(line, item)) {
            auto& kept = totals->items[item.item];
            if (item.state == "done" && kept.total_bytes) item.done_bytes = item.total_bytes = kept.total_bytes;
            kept = item;
            for (const auto& [key, each] : totals->items) {
                now.done_bytes += each.done_bytes;
                now.total_bytes += each.total_bytes;
            }
            now.phase = now.total_bytes ? "downloading" : "resolving";
        } else if (line.starts_with("unpacking")) {
            now = totals->last;
            now.phase = "unpacking";
        } else {
            return;
        }
        if (now.phase == totals->last.phase && now.done_bytes == totals->last.done_bytes &&
            now.total_bytes == totals->last.total_bytes)
            return;
        totals->last = now;
        progress(now);
    };
    auto finished = co_await run(std::move(subprocess));
    if (!finished) co_return tl::unexpected(finished.error());
    if (finished->exit_code != 0) co_return tl::unexpected(pull_error(name, finished->tail, "linux/" + machine_architecture()));
    auto image = co_await get(name);
    if (!image && image.error().errc == Errc::invalid)
        co_return refuse("CannotPullContainerError", image.error().message);
    co_return image;
}

Images::Reply<std::vector<std::string>> Images::load(std::string archive_path) {
    if (access(archive_path.c_str(), R_OK) != 0)
        co_return trouble(Errc::not_found, archive_path + " cannot be read");
    auto references = std::make_shared<std::vector<std::string>>();
    Subprocess subprocess;
    subprocess.arguments = ctr({"images", "import", archive_path});
    subprocess.on_line = [references](const std::string& line) {
        if (auto reference = imported_reference(line); !reference.empty()) references->push_back(reference);
    };
    auto finished = co_await run(std::move(subprocess));
    if (!finished) co_return tl::unexpected(finished.error());
    if (finished->exit_code != 0) {
        auto error = pull_error(archive_path, finished->tail, "linux/" + machine_architecture());
        error.message = archive_path + " is not an image archive that can be loaded: " + error.message;
        if (error.errc == Errc::refused || error.errc == Errc::unavailable) error = {Errc::invalid, {}, error.message};
        co_return tl::unexpected(error);
    }
    if (references->empty()) co_return trouble(Errc::invalid, archive_path + " holds no image with a name");
    co_return *references;
}

}  // namespace gantry::adapter::containerd
